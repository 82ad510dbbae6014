import { Client } from 'pg'
import { expect, test } from '../test.ts'

const ada = { name: 'Ada Lovelace', email: 'ada@example.com' }

test('stores a user', async ({ request, db }) => {
  const response = await request.post('/users', { data: ada })
  expect(response.status()).toBe(201)
  const { rows } = await db.query('select name, email from users')
  expect(rows).toEqual([ada])
})

test('does not see the previous test', async ({ request }) => {
  expect(await (await request.get('/users')).json()).toMatchObject({ users: [] })
})

test('shares its transaction with other processes', async ({ request, sandbox }) => {
  // Any driver in any language works, and so does psql.
  const client = new Client({ connectionString: sandbox.url })
  await client.connect()
  await client.query('insert into users (name, email) values ($1, $2)', [ada.name, ada.email])
  await client.end()
  expect(await (await request.get('/users')).json()).toMatchObject({ users: [ada] })
})

test.describe('with a database of its own', () => {
  test.use({ isolation: 'database' })

  test('commits', async ({ request, db }) => {
    await request.post('/users', { data: ada })
    expect((await db.query('select from users')).rowCount).toBe(1)
  })
})