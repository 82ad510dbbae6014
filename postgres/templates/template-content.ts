/** Loads the content of a template: migrations and reference data, each in one of several forms. */
import { createHash } from 'node:crypto'
import { stat } from 'node:fs/promises'
import path from 'node:path'
import type { OneConnection } from '../one-connection.ts'
import { readMigrations } from './migrations.ts'
import { runSqlFiles } from './run-sql-files.ts'
import { readSqlFile } from './sql-file.ts'

/** Migrates the database at `url` with any tool. */
type Migrate = (url: string) => Promise<void>

/**
 * A folder of numbered SQL files, one SQL file, or a function. The template of a function is rebuilt in each run, since its
 * content is unknown; with an `id` that changes whenever its content does, the template is shared between runs.
 */
export type TemplateContent = string | Migrate | { readonly id: string; readonly migrate: Migrate }

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
): Promise<LoadedContent> {
  if (content === undefined) return { key: 'none', apply: async () => undefined }
  if (typeof content === 'function')
    return { key: hash(['function', runId, content.toString()]), apply: callWithUrl(content) }
  if (typeof content === 'object') return { key: hash(['id', content.id]), apply: callWithUrl(content.migrate) }
  const found = await stat(content).catch(error => {
    const place = path.resolve(content)
    throw new Error(`${place} cannot be read: ${error.message}. Correct the option "${option}".`, { cause: error })
  })
  const files = found.isFile() ? [await readSqlFile(content)] : await readMigrations(content)
  return {
    key: hash(['sql', ...files.flatMap(({ path: file, sql }) => [nameOf(file), sql])]),
    apply: async database => runSqlFiles(await database.client(), files),
  }
}

function callWithUrl(migrate: Migrate): LoadedContent['apply'] {
  return async database => {
    // Some tools need to be the only session in the database.
    await database.close()
    await migrate(database.url)
  }
}

// Only the base name: two checkouts with the same files share a template.
function nameOf(file: string): string {
  return file.split(/[/\\]/).at(-1) ?? file
}

function hash(parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex')
}
