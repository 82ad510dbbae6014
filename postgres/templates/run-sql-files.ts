/** Runs SQL files: each as one query, or statement by statement where its statements cannot share a transaction. */
import pg from 'pg'
import { type Statement, splitStatements } from '../lexer/statements.ts'
import { refusePsqlLines, withoutRestriction } from './psql-lines.ts'
import type { SqlFile } from './sql-file.ts'
import { sqlFileError } from './sql-file-error.ts'

/**
 * The codes for what cannot share a transaction: a command that refuses one (CREATE INDEX CONCURRENTLY, VACUUM), the use of an
 * enum's value before it is committed, COMMIT in a routine, and ALTER of a table whose rows wait for a deferred check.
 */
const needsItsOwnTransaction: ReadonlySet<string | undefined> = new Set(['25001', '55P04', '2D000', '55006'])

/** A statement that ends a transaction: what was before it is not undone by a later error. */
const endsTransaction = /^(?:commit|end|rollback|abort)\b/i

/** Runs the files in turn. Throws an error with file, line and column if one fails or leaves its transaction open. */
export async function runSqlFiles(client: pg.Client, files: readonly SqlFile[]): Promise<void> {
  for (const file of files) {
    await runFile(client, file)
    try {
      // A dump sets search_path and more for its session, which must not affect the next file.
      await client.query('discard all')
    } catch (error) {
      throw new Error(`${file.path} leaves its transaction open; end it with COMMIT.`, { cause: error })
    }
  }
}

/**
 * As one query, which is one transaction. What cannot be one runs statement by statement, as `psql -f` does: what a mark or
 * the file's own COMMIT shows, or an error, after which the query was undone.
 */
async function runFile(client: pg.Client, whole: SqlFile): Promise<void> {
  const file = withoutRestriction(whole)
  const statements = splitStatements(file.sql)
  refusePsqlLines(file, statements)
  if (file.byStatement || statements.some(({ text }) => endsTransaction.test(text))) {
    return runStatements(client, file, statements)
  }
  const canBeSplit = statements.length > 1
  const sequences = canBeSplit ? await valuesOfSequences(client) : []
  try {
    await client.query(file.sql)
  } catch (error) {
    const code = error instanceof pg.DatabaseError ? error.code : undefined
    if (!canBeSplit || !needsItsOwnTransaction.has(code)) throw sqlFileError(file, error)
    // The file may have begun a transaction of its own.
    await client.query('rollback')
    await client.query('discard all')
    await setBack(client, sequences)
    await runStatements(client, file, statements)
  }
}

async function runStatements(client: pg.Client, file: SqlFile, statements: readonly Statement[]): Promise<void> {
  for (const { text, start } of statements) {
    try {
      await client.query(text)
    } catch (error) {
      throw sqlFileError(file, error, start)
    }
  }
}

interface SequenceValue {
  readonly name: string
  readonly value: string
  readonly called: boolean
}

async function valuesOfSequences(client: pg.Client): Promise<SequenceValue[]> {
  const { rows } = await client.query<SequenceValue>(
    `select format('%I.%I', schemaname, sequencename) as name, coalesce(last_value, start_value)::text as value,
       last_value is not null as called from pg_catalog.pg_sequences`,
  )
  return rows
}

/** A rollback does not undo what was taken from sequences: the rows of a second attempt would have later numbers. */
async function setBack(client: pg.Client, sequences: readonly SequenceValue[]): Promise<void> {
  const present = new Map((await valuesOfSequences(client)).map(sequence => [sequence.name, sequence]))
  for (const { name, value, called } of sequences) {
    const now = present.get(name)
    if (now?.value === value && now.called === called) continue
    await client.query('select pg_catalog.setval($1::regclass, $2, $3)', [name, value, called])
  }
}
