/** `reprise plain-english check`: finds all faults in files in English, without running them. */
import path from 'node:path'
import { readSpec } from '../plain-english/compile/read-spec.ts'
import { faultText } from '../plain-english/parse/fault.ts'
import type { Command, Invocation } from './command.ts'
import { plainEnglishFiles, plainEnglishSetup, vocabulariesOf } from './plain-english-files.ts'
import { readArguments } from './read-arguments.ts'

export const plainEnglishCheck: Command = {
  help: `Usage: npx reprise plain-english check [FILE...]

Parses files in English, and reports all their faults. Nothing is run.

  FILE   files or globs; default: those of the projects in playwright.config.ts

Exit code: 0 no faults; 2 with every fault, as file:line:column: message.

Examples:
  npx reprise plain-english check
  npx reprise plain-english check e2e/plain-english/users.txt`,

  async run({ args, folder, print, complain }: Invocation): Promise<number> {
    const { positionals } = readArguments('plain-english check', args, {})
    const setup = await plainEnglishSetup(folder)
    const files = await plainEnglishFiles(positionals, folder, setup)
    if (files.length === 0) {
      const globs = setup.projects.map(({ files }) => files).join(', ')
      throw new Error(`There is no file to check: no file matches ${globs} in ${folder}.`)
    }
    const vocabularyOf = await vocabulariesOf(files, setup)
    const readings = files.map(file => readSpec(file, path.relative(folder, file), vocabularyOf(file)))
    const faults = readings.flatMap(reading => reading.faults)
    if (faults.length > 0) {
      complain(faults.map(faultText).join('\n\n'))
      complain(`\n${count(faults.length, 'fault')} in ${count(new Set(faults.map(({ file }) => file)).size, 'file')}.`)
      return 2
    }
    const total = readings.reduce((sum, { scenarios }) => sum + scenarios.length, 0)
    print(`${count(files.length, 'file')} with ${count(total, 'scenario')}, no faults.`)
    return 0
  },
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}
