import { expect, test } from 'reprise'

test('is healthy', async ({ request }) => {
  expect((await request.get('/readyz')).status()).toBe(200)
})

test('finds an added user', async ({ request, unique }) => {
  const draft = { name: unique.name('Ada'), email: unique.email('ada') }
  expect((await request.post('/users', { data: draft })).status()).toBe(201)
  const found = await request.get('/users', { params: { email: draft.email } })
  expect(await found.json()).toMatchObject({ users: [draft] })
})
