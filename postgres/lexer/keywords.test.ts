import { loadReference, referenceStatements } from '../../sandbox/testing/libpg-reference.ts'
import { expect, test } from '../../testing/test.ts'
import { NOT_NAMES } from './keywords.ts'

test('lists exactly the 78 reserved and 23 type keywords of PostgreSQL 18', async () => {
  await loadReference()
  expect([...NOT_NAMES].filter(word => referenceStatements(`savepoint ${word}`))).toEqual([])
  expect(NOT_NAMES.size).toBe(78 + 23)
})
