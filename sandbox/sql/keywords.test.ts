import { expect, test } from '@playwright/test'
import { NOT_NAMES } from './keywords.ts'
import { loadReference, referenceStatements } from './reference.ts'

test('no keyword that PostgreSQL 18 takes for a name is here, and none of its 78 reserved and 23 type keywords is missing', async () => {
  await loadReference()
  expect([...NOT_NAMES].filter(word => referenceStatements(`savepoint ${word}`))).toEqual([])
  expect(NOT_NAMES.size).toBe(78 + 23)
})
