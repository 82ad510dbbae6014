import { expect, test } from '../fixtures'

test('stores a note', { tag: '@smoke' }, async ({ api }) => {
  const note = await api.add('tea')
  expect(note.created_at).toBeIsoDate()
  expect(await api.list()).toContainEqual(note)
})

test('keeps the order', async ({ api }) => {
  for (const title of ['tea', 'milk', 'bread']) await api.add(title)
  await expect(api).toHaveNotes('tea', 'milk', 'bread')
})

test('removes a note', async ({ api }) => {
  const note = await api.add('milk')
  await api.remove(note)
  await expect(api).toHaveNotes()
})
