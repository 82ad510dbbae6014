/** Finds the sentence in a line of a text that need not be valid, and the definition that it matches. */
import type { SentenceDefinition } from '../compile/sentence-definition.ts'
import type { Match, Vocabulary } from '../compile/vocabulary.ts'
import type { Token } from '../parse/document.ts'
import { ParseError } from '../parse/parse-error.ts'
import { readTokens } from '../parse/read-tokens.ts'
import type { Source } from '../parse/source.ts'

const prefix = /^\s*(?:(?:given|when|then|and|but)[^\S\n]+)?/i
const noSentence =
  /^\s*(?:$|#|\||[{[]|(?:scenario(?: outline)?|tags?(?: each scenario)?|examples|login|before each scenario)\s*:)/i

/** Where the sentence of a line begins, after `Given` and its kind; undefined if the line is none. @param line 1-based. */
export function sentenceStart(source: Source, line: number): number | undefined {
  const text = source.line(line)
  if (noSentence.test(text)) return undefined
  return source.offsetOf(line) + (prefix.exec(text)?.[0].length ?? 0)
}

/** The definition of the sentence on a line, or on the line above if it is JSON; for a sentence in a sentence, the outer one. */
export function matchAt(source: Source, line: number, vocabulary: Vocabulary): Match | undefined {
  for (let at = line; at > 0; at--) {
    const start = sentenceStart(source, at)
    if (start !== undefined) return matchFrom(source, start, vocabulary)
    // JSON and its members belong to the sentence above.
    if (!/^\s*[{}[\]"]/.test(source.line(at))) return undefined
  }
  return undefined
}

function matchFrom(source: Source, start: number, vocabulary: Vocabulary): Match | undefined {
  const first = tokensFrom(source, start)
  if (!first) return undefined
  const [match] = vocabulary.match(first.tokens)
  if (match) return match
  const next = tokensFrom(source, first.end + 1)
  return next && vocabulary.match([...first.tokens, ...next.tokens])[0]
}

function tokensFrom(source: Source, start: number): { tokens: Token[]; end: number } | undefined {
  try {
    return readTokens(source.text, start)
  } catch (error) {
    if (error instanceof ParseError) return undefined
    throw error
  }
}

/** The example of a definition with a mark for each parameter, for editors: `GET ${1:/users}`. */
export function snippetOf(definition: SentenceDefinition, vocabulary: Vocabulary): string {
  const words = definition.expression.replace(/\(([^()]*)\)/g, '$1').replace(/([^\s/]+)\/[^\s]+/g, '$1')
  const examples = exampleValues(definition, vocabulary)
  let count = 0
  return words
    .split(/(\{\w*\})/)
    .map(part => {
      const [, name] = /^\{(\w*)\}$/.exec(part) ?? []
      if (name === undefined) return part.replace(/[\\$}]/g, '\\$&')
      const value = examples[count++] ?? name
      return `\${${count}:${value.replace(/[\\$}]/g, '\\$&')}}`
    })
    .join('')
}

function exampleValues({ example = '', expression }: SentenceDefinition, vocabulary: Vocabulary): string[] {
  try {
    const { tokens } = readTokens(example, 0)
    const match = vocabulary.match(tokens).find(({ definition }) => definition.expression === expression)
    return (match?.arguments ?? []).map(argument => {
      const [first, last] = [argument.tokens.at(0), argument.tokens.at(-1)]
      return first && last ? example.slice(first.offset, last.end) : argument.parameter
    })
  } catch {
    return []
  }
}
