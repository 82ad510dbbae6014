import { expect, test } from './test.js'

test('lists what is in the table', async ({ request, db }) => {
  await db.query("insert into notes (title) values ('milk'), ('bread')")
  expect(await (await request.get('/notes')).json()).toMatchObject([{ title: 'milk' }, { title: 'bread' }])
})

test('stores notes', async ({ request, db }) => {
  const response = await request.post('/notes', { data: { titles: ['tea', 'rice'] } })
  expect(response.status()).toBe(201)
  expect((await db.query('select title from notes order by id')).rows).toEqual([{ title: 'tea' }, { title: 'rice' }])
})

test('finds nothing of the tests before', async ({ request }) => {
  expect(await (await request.get('/notes')).json()).toEqual([])
})

test('a transaction that fails undoes itself, and nothing else', async ({ request }) => {
  await request.post('/notes', { data: { titles: ['tea'] } })
  expect((await request.post('/notes', { data: { titles: ['milk', 'tea'] } })).status()).toBe(409)
  expect((await request.post('/notes', { data: { titles: ['rice'] } })).status()).toBe(201)
  expect(await (await request.get('/notes')).json()).toMatchObject([{ title: 'tea' }, { title: 'rice' }])
})
