/** `reprise plain-english sentences`: prints all sentences for files in English. */

import { Vocabulary } from '../plain-english/compile/vocabulary.ts'
import { vocabularyText } from '../plain-english/compile/vocabulary-text.ts'
import { families } from '../plain-english/sentences/built-in.ts'
import type { Command, Invocation } from './command.ts'
import { plainEnglishSetup } from './plain-english-files.ts'
import { readArguments } from './read-arguments.ts'

export const plainEnglishSentences: Command = {
  help: `Usage: npx reprise plain-english sentences [--json]

Prints the built-in sentences, then your own from playwright.config.ts.

  --json    prints your own sentences and their modules as one line of JSON, and nothing else

Examples:
  npx reprise plain-english sentences`,

  async run({ args, folder, print }: Invocation): Promise<number> {
    const { values, positionals } = readArguments('plain-english sentences', args, {
      json: { type: 'boolean' },
    } as const)
    if (positionals.length > 0)
      throw new Error(`plain-english sentences takes no ${JSON.stringify(positionals[0])}; see --help.`)
    const { userSentences, modules } = await plainEnglishSetup(folder)
    const all = [...families, ...(userSentences.length > 0 ? [{ name: 'Your own', sentences: userSentences }] : [])]
    // Throws for an invalid Cucumber expression.
    new Vocabulary(all.flatMap(({ sentences }) => sentences))
    const own = userSentences.map(({ expression, meaning, example }) => ({ expression, meaning, example }))
    print(values.json ? JSON.stringify({ version: 1, modules, sentences: own }) : vocabularyText(all))
    return 0
  },
}
