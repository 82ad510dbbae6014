/** An SQL file, or the part of it that is run. */
import { readFile } from 'node:fs/promises'

export interface SqlFile {
  /** For messages: as the user gave it, joined with the file's name. */
  readonly path: string
  /** What is not run of the file is white space, so that positions are those in the file. */
  readonly sql: string
  /** Each statement is run by itself, as a mark of the migration tool asks for; otherwise the file is one query. */
  readonly byStatement?: boolean
}

/** Reads one SQL file. Throws an error that names it when it cannot be read. */
export async function readSqlFile(file: string): Promise<SqlFile> {
  try {
    // Some editors write a byte order mark, which Postgres would parse as SQL.
    return { path: file, sql: (await readFile(file, 'utf8')).replace(/^\uFEFF/, '') }
  } catch (error) {
    throw new Error(`The SQL file ${file} cannot be read: ${(error as Error).message}.`, { cause: error })
  }
}
