import { expect, test } from '@playwright/test'
import { loadReference, referenceStatements } from '../../testing/libpg-reference.ts'
import { NOT_NAMES } from './keywords.ts'

test('no keyword that PostgreSQL 18 takes for a name is here, and none of its 78 reserved and 23 type keywords is missing', async () => {
  await loadReference()
  expect([...NOT_NAMES].filter(word => referenceStatements(`savepoint ${word}`))).toEqual([])
  expect(NOT_NAMES.size).toBe(78 + 23)
})
