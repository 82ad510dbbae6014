import { expect, test } from '../fixtures'

test.beforeEach(async ({ notesPage }) => {
  await notesPage.goto()
})

test('adds a note', async ({ notesPage, api }) => {
  await expect(notesPage.items).toHaveCount(0)
  await notesPage.add('tea')
  await expect(notesPage.items).toHaveText(['tea'])
  await expect(api).toHaveNotes('tea')
})

test('shows what the API has stored', async ({ notesPage, api }) => {
  await api.add('milk')
  await notesPage.goto()
  await expect(notesPage.items).toHaveText(['milk'])
})
