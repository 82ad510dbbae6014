/** `reprise plain-english to-typescript`: writes a file in English as a spec in TypeScript. */
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { readText } from '../plain-english/compile/read-spec.ts'
import { faultText } from '../plain-english/parse/fault.ts'
import { toTypeScript } from '../plain-english/to-typescript/to-typescript.ts'
import type { Command, Invocation } from './command.ts'
import { plainEnglishFiles, plainEnglishSetup, projectsOf, vocabulariesOf } from './plain-english-files.ts'
import { readArguments } from './read-arguments.ts'
import { writeNew } from './write-new.ts'

export const plainEnglishToTypeScript: Command = {
  help: `Usage: npx reprise plain-english to-typescript FILE [--out FILE]

Writes the scenarios of a file in English as a spec in TypeScript, with the same titles, tags and outcomes. A scenario with a
sentence that has no translation, such as one of your own, stays in English within the spec.

  FILE         a file in English without faults
  --out FILE   writes the spec to a file that does not exist yet, and makes its folders; default: it is printed, for the
               folder of FILE

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
    const content = await readFile(file)
    const [vocabularyOf, projects] = [await vocabulariesOf([file], setup), await projectsOf([file], setup)]
    const reading = readText(content, shown, vocabularyOf(file), file)
    if (reading.faults.length > 0) {
      complain(reading.faults.map(faultText).join('\n\n'))
      return 2
    }
    const project = projects.get(file)
    const out = path.resolve(folder, values.out ?? file)
    const fromOut = (target: string) => path.relative(path.dirname(out), target).split(path.sep).join('/')
    const module = (target: string) => fromOut(target).replace(/^(?!\.)/, './')
    const spec = toTypeScript(
      reading.scenarios,
      { shown, content },
      {
        test: project?.test === undefined ? 'reprise' : module(path.resolve(project.folder, project.test)),
        english: 'reprise/plain-english',
        sentences: project?.module === undefined ? undefined : module(project.module),
        origins: project?.origins ?? [],
        allow: project?.allow ?? [],
        folder: fromOut(path.dirname(file)),
      },
    )
    if (values.out === undefined) print(spec.text.trimEnd())
    else await writeNew(folder, values.out, spec.text)
    const scenarios = `${spec.scenarios} scenario${spec.scenarios === 1 ? '' : 's'}`
    complain(`${scenarios}; ${spec.english.length} of them in English, since a sentence has no translation.`)
    for (const { title, reason } of spec.english) complain(`  ${title}: ${reason}`)
    return 0
  },
}
