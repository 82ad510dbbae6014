/** The vocabulary of a project, made once for its list of sentences: that takes milliseconds, and each file and `say` needs it. */
import type { SentenceDefinition } from '../compile/sentence-definition.ts'
import { Vocabulary } from '../compile/vocabulary.ts'
import { builtInSentences } from '../sentences/built-in.ts'

const made = new WeakMap<readonly SentenceDefinition[], Vocabulary>()
const none: readonly SentenceDefinition[] = []

/** @param own In addition to the built-in ones; not changed afterwards. Throws an error that names an invalid expression. */
export function vocabularyWith(own: readonly SentenceDefinition[]): Vocabulary {
  const key = own.length === 0 ? none : own
  const known = made.get(key) ?? new Vocabulary([...builtInSentences, ...own])
  made.set(key, known)
  return known
}
