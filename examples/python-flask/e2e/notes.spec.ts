import { expect, test } from './test.js'

test('lists what is in the table', async ({ request, db }) => {
  await db.query("insert into notes (title) values ('milk'), ('bread')")
  expect(await (await request.get('/notes')).json()).toMatchObject([{ title: 'milk' }, { title: 'bread' }])
})

test('stores a note', async ({ request, db }) => {
  const response = await request.post('/notes', { data: { title: 'tea' } })
  expect(response.status()).toBe(201)
  expect((await db.query('select title from notes')).rows).toEqual([{ title: 'tea' }])
})

test('finds nothing of the tests before', async ({ request }) => {
  expect(await (await request.get('/notes')).json()).toEqual([])
})

test('a refused note undoes nothing else', async ({ request }) => {
  await request.post('/notes', { data: { title: 'tea' } })
  expect((await request.post('/notes', { data: { title: 'tea' } })).status()).toBe(409)
  expect((await request.post('/notes', { data: { title: 'milk' } })).status()).toBe(201)
  expect(await (await request.get('/notes')).json()).toMatchObject([{ title: 'tea' }, { title: 'milk' }])
})
