/** Reads a folder of plain numbered SQL files, the default form of migrations. */
import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { readSqlFile, type SqlFile } from './sql-file.ts'

/**
 * Reads `001_name.sql`, `0002-name.sql` or `20240101120000_name.sql`, sorted by number.
 * Throws an error for a missing or empty folder, for a `.sql` file without a number, and for two files with one number.
 */
export async function readMigrations(folder: string): Promise<SqlFile[]> {
  const names = (await namesIn(folder)).filter(name => name.endsWith('.sql'))
  if (names.length === 0) {
    throw new Error(`The migrations folder ${folder} has no .sql file. Add one, named like 001_users.sql.`)
  }
  const numbered = names.map(name => ({ name, number: numberOf(name, folder) }))
  numbered.sort((a, b) => (a.number < b.number ? -1 : a.number > b.number ? 1 : a.name < b.name ? -1 : 1))
  for (const [index, { name, number }] of numbered.entries()) {
    const next = numbered[index + 1]
    if (next?.number === number) {
      throw new Error(
        `Two migrations in ${folder} have the number ${number}: ${name} and ${next.name}. Give one of them the next free number.`,
      )
    }
  }
  return Promise.all(numbered.map(({ name }) => readSqlFile(path.join(folder, name))))
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder)
  } catch (error) {
    throw new Error(`The migrations folder ${path.resolve(folder)} cannot be read: ${(error as Error).message}.`, {
      cause: error,
    })
  }
}

// A bigint, since a timestamp with milliseconds exceeds the integers of a number.
function numberOf(name: string, folder: string): bigint {
  const digits = /^(\d+)([_-].*)?\.sql$/.exec(name)?.[1]
  if (digits === undefined) {
    throw new Error(`The migration ${path.join(folder, name)} has no number. Name it like 001_users.sql.`)
  }
  return BigInt(digits)
}
