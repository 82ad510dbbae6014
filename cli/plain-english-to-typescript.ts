/** `reprise plain-english to-typescript`: writes a file in English as a spec in TypeScript. */
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { readSpec } from '../plain-english/compile/read-spec.ts'
import { Vocabulary } from '../plain-english/compile/vocabulary.ts'
import { faultText } from '../plain-english/parse/fault.ts'
import { builtInSentences } from '../plain-english/sentences/built-in.ts'
import { toTypeScript } from '../plain-english/to-typescript/to-typescript.ts'
import type { Command, Invocation } from './command.ts'
import { plainEnglishFiles, plainEnglishSetup } from './plain-english-files.ts'
import { readArguments } from './read-arguments.ts'

export const plainEnglishToTypeScript: Command = {
  help: `Usage: npx reprise plain-english to-typescript FILE [--out FILE]

Writes the scenarios of a file in English as a spec in TypeScript, with the same titles, tags and outcomes. A scenario with a
sentence that has no translation, such as one of your own, stays in English within the spec.

  FILE         a file in English without faults
  --out FILE   writes the spec to a file that does not exist yet; default: it is printed, for the folder of FILE

Exit code: 0 written; 2 with every fault of the file.

Examples:
  npx reprise plain-english to-typescript e2e/plain-english/users.txt --out e2e/api/users.spec.ts`,

  async run({ args, folder, print, complain }: Invocation): Promise<number> {
    const { positionals, values } = readArguments('plain-english to-typescript', args, { out: { type: 'string' } })
    const [asked] = positionals
    if (asked === undefined) throw new Error('plain-english to-typescript needs a file; see --help.')
    const setup = await plainEnglishSetup(folder)
    const [file, ...others] = await plainEnglishFiles(positionals, folder, setup)
    if (file === undefined || others.length > 0) {
      throw new Error(`plain-english to-typescript takes one file, but got ${positionals.join(', ')}.`)
    }
    const shown = path.relative(folder, file)
    const reading = readSpec(file, shown, new Vocabulary([...builtInSentences, ...setup.userSentences]))
    if (reading.faults.length > 0) {
      complain(reading.faults.map(faultText).join('\n\n'))
      return 2
    }
    const out = path.resolve(folder, values.out ?? file)
    const relative = (module: string) => {
      const text = path.relative(path.dirname(out), module).split(path.sep).join('/')
      return text.startsWith('.') ? text : `./${text}`
    }
    const tests = setup.projects.flatMap(({ folder, test }) => (test === undefined ? [] : [path.resolve(folder, test)]))
    const spec = toTypeScript(reading.scenarios, shown, {
      test: tests[0] === undefined ? 'reprise' : relative(tests[0]),
      english: 'reprise/plain-english',
      sentences: setup.modules[0] === undefined ? undefined : relative(setup.modules[0]),
      origins: setup.projects.flatMap(({ origins = [] }) => origins),
    })
    if (values.out === undefined) print(spec.text.trimEnd())
    else await writeNew(out, spec.text, values.out)
    const scenarios = `${spec.scenarios} scenario${spec.scenarios === 1 ? '' : 's'}`
    complain(`${scenarios}; ${spec.english.length} of them in English, since a sentence has no translation.`)
    for (const { title, reason } of spec.english) complain(`  ${title}: ${reason}`)
    return 0
  },
}

async function writeNew(file: string, text: string, shown: string): Promise<void> {
  try {
    await writeFile(file, text, { flag: 'wx' })
  } catch (error) {
    if (Object(error).code === 'EEXIST') throw new Error(`${shown} exists already: remove it, or choose another name.`)
    throw error
  }
}
