/** Sentences about the database, which is available only in local runs. */
import type { Pool } from 'pg'
import type { JsonValue } from '../parse/json/json.ts'
import { assertThat } from '../run/assertion.ts'
import { defineSentence } from './define-sentence.ts'

export const database = [
  defineSentence('Table {word} Has Row {json}', ({ db }, table, row) => insertRows(db, table, [row]), {
    meaning: 'adds a row with these values; local runs only',
    example: 'Table users Has Row {"email": "ada@example.com", "name": "Ada"}',
  }),
  defineSentence('Table {word} Has Rows {table}', ({ db }, table, rows) => insertRows(db, table, rows), {
    meaning: 'adds a row for each row of the table below the line; local runs only',
    example: 'Table users Has Rows\n| email           | name |\n| ada@example.com | Ada  |',
  }),
  defineSentence('Table {word} Should Have {int} Row(s)', ({ db }, table, count) => expectRows(db, table, {}, count), {
    meaning: 'the table has this many rows; local runs only',
    example: 'Table users Should Have 1 Row',
  }),
  defineSentence(
    'Table {word} Should Have {int} Row(s) Where {json}',
    ({ db }, table, count, where) => expectRows(db, table, where, count),
    {
      meaning: 'this many rows have these values; local runs only',
      example: 'Table users Should Have 1 Row Where {"name": "Ada"}',
    },
  ),
  defineSentence('Table {word} Should Be Empty', ({ db }, table) => expectRows(db, table, {}, 0), {
    meaning: 'the table has no rows; local runs only',
    example: 'Table users Should Be Empty',
  }),
]

/** Values are converted as JSON is to the types of the columns; other columns have their defaults. */
async function insertRows(db: Pool, table: string, rows: readonly JsonValue[]): Promise<void> {
  const name = table.split('.').map(quoted).join('.')
  for (const row of rows) {
    if (typeof row !== 'object' || row === null || Array.isArray(row)) {
      throw new Error('A row is JSON in braces, with a value for each column: {"name": "Ada"}.')
    }
    const columns = Object.keys(row).map(quoted)
    if (columns.length === 0) await db.query(`insert into ${name} default values`)
    else {
      await db.query(
        `insert into ${name} (${columns}) select ${columns} from jsonb_populate_record(null::${name}, $1::jsonb)`,
        [JSON.stringify(row)],
      )
    }
  }
}

async function expectRows(db: Pool, table: string, where: JsonValue, count: number): Promise<void> {
  const condition = Object.keys(Object(where)).length > 0 ? ` where ${JSON.stringify(where)}` : ''
  const subject = `the number of rows of ${table}${condition}`
  assertThat(await countRows(db, table, where), { subject, words: 'should be', wanted: count }, it => it.toBe(count))
}

async function countRows(db: Pool, table: string, where: JsonValue): Promise<number> {
  if (typeof where !== 'object' || where === null || Array.isArray(where)) {
    throw new Error('Where takes JSON in braces, with a value for each column: {"name": "Ada"}.')
  }
  const columns = Object.keys(where)
  const conditions = columns.map((column, index) => `${quoted(column)} is not distinct from $${index + 1}`)
  const condition = conditions.length > 0 ? ` where ${conditions.join(' and ')}` : ''
  const { rows } = await db.query<{ count: number }>(
    `select count(*)::int as count from ${table.split('.').map(quoted).join('.')}${condition}`,
    columns.map(column => where[column]),
  )
  return rows[0]?.count ?? 0
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}
