import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addNotes, listNotes } from './notes.js'
import { sandbox } from './sandbox.js'

test('stores notes', async () => {
  await addNotes(sandbox.pool, ['milk', 'tea'])
  assert.deepEqual(await listNotes(sandbox.pool), ['milk', 'tea'])
})

test('finds nothing of the previous test', async () => {
  assert.deepEqual(await listNotes(sandbox.pool), [])
})

test('undoes its transaction after an error', async () => {
  await addNotes(sandbox.pool, ['milk'])
  await assert.rejects(addNotes(sandbox.pool, ['tea', 'milk']), { code: '23505' })
  assert.deepEqual(await listNotes(sandbox.pool), ['milk'])
})
