/** `reprise plain-english import`: turns tests and descriptions of other tools into scenarios. */
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { Vocabulary } from '../plain-english/compile/vocabulary.ts'
import { type ImportedEnvironment, readEnvironments } from '../plain-english/import/environment.ts'
import { importText } from '../plain-english/import/import-text.ts'
import { textOfFile } from '../plain-english/import/text-of-file.ts'
import { type Written, writeScenarios } from '../plain-english/import/write-scenarios.ts'
import { builtInSentences } from '../plain-english/sentences/built-in.ts'
import type { Command, Invocation } from './command.ts'
import { plainEnglishSetup } from './plain-english-files.ts'
import { readArguments } from './read-arguments.ts'
import { writeNew } from './write-new.ts'

export const plainEnglishImport: Command = {
  help: `Usage: npx reprise plain-english import FILE [--environment FILE]... [--environment-name NAME] [--out FILE]

Turns requests and tests of other tools into scenarios in English:

  Postman collections (2.0, 2.1)     folders, variables, authentication, and what scripts assert and save
  OpenAPI documents (3.0, 3.1)       a smoke check of each operation
  HAR files                          the requests of a recording, with their statuses
  .http and .rest files              of the clients of JetBrains and VS Code, and of httpyac
  curl commands                      a file with one or several

What has no sentence stays as a comment with the reason. Credentials become \${secret:NAME}.
The scenarios are printed, and what came over is printed to stderr.

  --environment FILE        values for the variables of a Postman collection or a .http file: an environment
                            or globals of Postman, http-client.env.json, or lines NAME=VALUE; the last file counts
  --environment-name NAME   which one of http-client.env.json, such as dev
  --out FILE                writes the scenarios to a file that does not exist yet; its folders are made

Exit code: 0 imported, in full or in part; 2 the file cannot be read or imported.

Examples:
  npx reprise plain-english import users.postman_collection.json --out e2e/plain-english/users.txt
  npx reprise plain-english import users.http --environment http-client.env.json --environment-name dev
  npx reprise plain-english import openapi.yaml > e2e/plain-english/smoke.txt`,

  async run({ args, folder, print, complain }: Invocation): Promise<number> {
    const { positionals, values } = readArguments('plain-english import', args, {
      environment: { type: 'string', multiple: true },
      'environment-name': { type: 'string' },
      out: { type: 'string' },
    })
    const [file, ...others] = positionals
    if (file === undefined) throw new Error('plain-english import needs a file; see --help.')
    if (others.length > 0) throw new Error(`plain-english import takes one file, but got ${positionals.join(', ')}.`)
    const content = await read(folder, file)
    const environment = await environmentOf(folder, values.environment ?? [], values['environment-name'])
    const { userSentences } = await plainEnglishSetup(folder)
    const vocabulary = new Vocabulary([...builtInSentences, ...userSentences])
    const written = writeScenarios(importText(content, file, environment), path.basename(file), vocabulary)
    const { out } = values
    if (out === undefined) print(written.text.trimEnd())
    else await writeNew(folder, out, written.text)
    complain(summaryOf(written, out))
    return 0
  },
}

async function read(folder: string, file: string): Promise<string> {
  const content = await readFile(path.resolve(folder, file)).catch((error: unknown) => {
    const { code, message } = Object(error)
    if (code === 'ENOENT') {
      throw new Error(`There is no file ${file} in ${folder}: correct its path, which is relative to this folder.`)
    }
    if (code === 'EISDIR') throw new Error(`${file} is a folder: name a file in it, one for each call.`)
    throw new Error(`${file} cannot be read: ${message}.`)
  })
  return textOfFile(content, file)
}

async function environmentOf(
  folder: string,
  names: readonly string[],
  name: string | undefined,
): Promise<ImportedEnvironment | undefined> {
  if (names.length === 0) {
    if (name !== undefined) throw new Error('--environment-name needs the file that has it: --environment FILE.')
    return undefined
  }
  const files = names.map(async file => ({ file, content: await read(folder, file) }))
  return readEnvironments(await Promise.all(files), name)
}

function summaryOf(
  { scenarios, over, total, reasons, environment, secrets, origins }: Written,
  out: string | undefined,
): string {
  const share = total === 0 ? 100 : Math.floor((100 * over) / total)
  return [
    `${count(scenarios, 'scenario')}${out === undefined ? '' : ` in ${out}`}: ${over} of ${count(total, 'step')} came over (${share} %).`,
    ...reasons.map(({ reason, count }) => `  ${count} left out: ${reason}`),
    ...(environment.length > 0 ? [`Set these environment variables: ${environment.join(', ')}.`] : []),
    ...(secrets.length > 0
      ? [`Set these secrets in the environment, and list them in \`secrets\` for checks: ${secrets.join(', ')}.`]
      : []),
    ...(origins.length > 0
      ? [
          `In plainEnglish() of Playwright's config, add to \`origins\` what is the app in production, or to \`allow\`: ${origins.join(', ')}.`,
        ]
      : []),
  ].join('\n')
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}
