import { expect, test } from 'vitest'
import { addNotes, listNotes } from './notes.js'
import { sandbox } from './sandbox.ts'

test('stores notes', async () => {
  await addNotes(sandbox.pool, ['milk', 'tea'])
  expect(await listNotes(sandbox.pool)).toEqual(['milk', 'tea'])
})

test('finds nothing of the previous test', async () => {
  expect(await listNotes(sandbox.pool)).toEqual([])
})

test('undoes its transaction after an error', async () => {
  await addNotes(sandbox.pool, ['milk'])
  await expect(addNotes(sandbox.pool, ['tea', 'milk'])).rejects.toMatchObject({ code: '23505' })
  expect(await listNotes(sandbox.pool)).toEqual(['milk'])
})
