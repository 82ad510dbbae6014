/** `reprise plain-english sentences`: prints all sentences for files in English. */

import { Vocabulary } from '../plain-english/compile/vocabulary.ts'
import { vocabularyText } from '../plain-english/compile/vocabulary-text.ts'
import { families } from '../plain-english/sentences/built-in.ts'
import type { Command, Invocation } from './command.ts'
import { plainEnglishSetup } from './plain-english-files.ts'
import { readArguments } from './read-arguments.ts'

export const plainEnglishSentences: Command = {
  help: `Usage: npx reprise plain-english sentences

Prints the built-in sentences, then your own from playwright.config.ts.

Examples:
  npx reprise plain-english sentences`,

  async run({ args, folder, print }: Invocation): Promise<number> {
    const { positionals } = readArguments('plain-english sentences', args, {})
    if (positionals.length > 0)
      throw new Error(`plain-english sentences takes no ${JSON.stringify(positionals[0])}; see --help.`)
    const { userSentences } = await plainEnglishSetup(folder)
    const all = [...families, ...(userSentences.length > 0 ? [{ name: 'Your own', sentences: userSentences }] : [])]
    // Throws for an invalid Cucumber expression.
    new Vocabulary(all.flatMap(({ sentences }) => sentences))
    print(vocabularyText(all))
    return 0
  },
}
