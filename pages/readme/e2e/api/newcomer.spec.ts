import { expect, test } from '../test.ts'

test('finds an added user', { tag: '@smoke' }, async ({ request, unique }) => {
  const draft = { name: unique.name('Ada'), email: unique.email('ada') }
  const response = await request.post('/users', { data: draft })
  expect(response.status()).toBe(201)
  const found = await request.get('/users', { params: { email: draft.email } })
  expect(await found.json()).toMatchObject({ users: [draft] })
})