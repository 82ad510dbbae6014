import { expect, test } from './test.js'

test('the service answers with what the database has', async ({ request, db }) => {
  await db.query("insert into notes (text) values ('read')")
  const response = await request.get('/')
  expect(response.status()).toBe(200)
  expect(await response.json()).toEqual([{ text: 'read' }])
})