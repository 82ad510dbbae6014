import { deepEqual } from 'node:assert/strict'
import fc from 'fast-check'
import { fragments, hardStatements } from '../../sandbox/testing/hard-statements.ts'
import { loadReference, referenceStatements } from '../../sandbox/testing/libpg-reference.ts'
import { expect, test } from '../../testing/test.ts'
import { splitStatements } from './statements.ts'

const split = (sql: string) => splitStatements(sql).map(statement => statement.text)

test('skips empty statements', () => {
  for (const sql of ['', ' ', ';', ' ; ;', '-- a', '/* ; */;']) expect(split(sql)).toEqual([])
})

test('strips comments around a statement, but keeps those inside', () => {
  expect(split('/* a */ select /* b */ 1 -- c\n; -- d')).toEqual(['select /* b */ 1'])
})

test('reports positions in the whole text', () => {
  const sql = 'select 1; /* é */ select 2'
  const [, second] = splitStatements(sql)
  expect(second).toMatchObject({ sql, start: 18, end: 26 })
  expect(second?.tokens).toEqual([
    { kind: 'identifier', start: 18, end: 24 },
    { kind: 'number', start: 25, end: 26 },
  ])
})

test('does not split inside an unterminated quote or parenthesis', () => {
  expect(split("select 'a; select 1")).toEqual(["select 'a; select 1"])
  expect(split('select (1; select 2')).toEqual(['select (1; select 2'])
  expect(split('select 1); select 2')).toEqual(['select 1)', 'select 2'])
})

test('splits by the session’s lexical settings', () => {
  const sql = "select '\\'; select 1 --'"
  expect(splitStatements(sql)).toHaveLength(2)
  expect(splitStatements(sql, { standardConformingStrings: false })).toHaveLength(1)
})

test.describe('agrees with PostgreSQL', () => {
  test.beforeAll(loadReference)

  test('on hard statements', () => {
    const compared = hardStatements.filter(sql => agrees(sql))
    expect(compared.length).toBeGreaterThan(90)
  })

  test('on concatenated hard statements', () => {
    let compared = 0
    const accepted = hardStatements.filter(sql => referenceStatements(sql))
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...accepted), { minLength: 1, maxLength: 5 }), statements => {
        if (agrees(statements.join('\n;'))) compared += 1
      }),
      { seed: 1, numRuns: 500 },
    )
    expect(compared).toBeGreaterThan(450)
  })

  test('on random texts', () => {
    const text = fc.array(fc.constantFrom(...fragments, 'select 1', ';', '; select '), { maxLength: 8 })
    fc.assert(
      fc.property(text, parts => {
        agrees(`select ${parts.join(' ')}`)
      }),
      { seed: 7, numRuns: 5000 },
    )
  })
})

function agrees(sql: string): boolean {
  const actual = splitStatements(sql).map(({ start, end }) => ({ start, end }))
  const expected = referenceStatements(sql)
  if (expected)
    deepEqual(
      actual,
      expected.map(({ start, end }) => ({ start, end })),
    )
  return expected !== undefined
}
