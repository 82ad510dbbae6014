import { expect, test } from 'reprise'
import { z } from 'zod'

const Note = z.object({ id: z.number(), text: z.string() })

test('adds a note', async ({ request, db }) => {
  const response = await request.post('/notes', { data: { id: 1, text: 'Buy milk' } })
  await expect(response).toHaveStatus(201)
  await expect(response).toMatchSchema(Note)
  await expect(db).toHaveRow('notes', { id: 1, text: expect.stringContaining('milk') })
  await expect(db).toHaveRowCount('notes', 1)

  const again = await request.post('/notes', { data: { id: 1, text: 'Buy tea' } })
  await expect(again).toBeProblem({ status: 409, title: 'There is such a note' })
  await expect(db).toHaveRowCount('notes', { text: 'Buy tea' }, 0)
})

test('lists the notes with one query', async ({ request }) => {
  await expect(() => request.get('/notes')).toRunStatements({ atMost: 1 })
  await expect(() => request.get('/notes')).toRespondWithin('5s')
})