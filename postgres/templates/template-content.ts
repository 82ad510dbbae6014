/** Loads the content of a template: migrations and reference data, each in one of several forms. */
import { createHash } from 'node:crypto'
import { stat } from 'node:fs/promises'
import path from 'node:path'
import { withClient } from '../connection.ts'
import type { OneConnection } from '../one-connection.ts'
import { contentOf, runCommand, type TemplateCommand } from './command-content.ts'
import { readMigrations } from './migrations.ts'
import { remainingClients } from './remaining-clients.ts'
import { runSqlFiles } from './run-sql-files.ts'
import { readSqlFile } from './sql-file.ts'

/** Migrates the database at `url` with any tool. */
type Migrate = (url: string) => Promise<void>

/**
 * A folder of SQL files of a migration tool, one SQL file, a function, or a command. The template of a function is rebuilt in
 * each run, since its content is unknown; with an `id` that changes whenever its content does, the template is shared between
 * runs. That of a command is shared if its `files` are given.
 */
export type TemplateContent = string | Migrate | { readonly id: string; readonly migrate: Migrate } | TemplateCommand

export interface LoadedContent {
  /** Identifies the content: different content has a different key. */
  readonly key: string
  /** Applies the content to the database. */
  apply(database: OneConnection): Promise<void>
}

/** Reads the files of the content. Throws an error with the folder or file that cannot be read. */
export async function loadContent(
  option: 'migrations' | 'referenceData',
  content: TemplateContent | undefined,
  runId: string,
  folder: string,
): Promise<LoadedContent> {
  if (content === undefined) return { key: 'none', apply: async () => undefined }
  if (typeof content === 'function')
    return { key: hash(['function', runId, content.toString()]), apply: callFunction(option, content) }
  if (typeof content === 'object' && 'migrate' in content)
    return { key: hash(['id', content.id]), apply: callFunction(option, content.migrate) }
  if (typeof content === 'object' && 'command' in content)
    return {
      key: hash(['command', ...(await contentOf(content, folder, runId))]),
      apply: callWithUrl(url => runCommand(option, content, url, folder)),
    }
  if (typeof content !== 'string')
    throw new Error(`The option "${option}" has to be a folder, a function, { id, migrate } or { command }.`)
  const found = await stat(content).catch(error => {
    const place = path.resolve(content)
    throw new Error(`${place} cannot be read: ${error.message}. Correct the option "${option}".`, { cause: error })
  })
  const files = found.isFile() ? [await readSqlFile(content)] : await readMigrations(content)
  return {
    key: hash([
      'sql',
      ...files.flatMap(({ path: file, sql, byStatement }) => [nameIn(content, file), sql, `${byStatement}`]),
    ]),
    apply: async database => runSqlFiles(await database.client(), files),
  }
}

function callFunction(option: string, migrate: Migrate): LoadedContent['apply'] {
  return callWithUrl(async url => {
    await migrate(url)
    const name = decodeURIComponent(new URL(url).pathname.slice(1))
    const left = await withClient(url, client => remainingClients(client, name))
    if (left === 0) return
    process.stderr.write(
      `Hint: the function of the option "${option}" has left ${left} connection${left === 1 ? '' : 's'} open. They are ended ` +
        'before the database is copied, which fails the first test (57P01) if a pool has no listener for errors. ' +
        'End the pool before the function returns.\n',
    )
  })
}

function callWithUrl(migrate: Migrate): LoadedContent['apply'] {
  return async database => {
    // Some tools need to be the only session in the database.
    await database.close()
    await migrate(database.url)
  }
}

// Relative to the content: two checkouts with the same files share a template.
function nameIn(content: string, file: string): string {
  return path.relative(content, file).replaceAll(path.sep, '/') || path.basename(file)
}

function hash(parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex')
}
