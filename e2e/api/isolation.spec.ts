// The isolation of tests: each starts with the migrated database and its reference data, and leaves nothing behind.
import { Client } from 'pg'
import { expect, test } from '../test.ts'

const ada = { email: 'ada@example.com', name: 'Ada Lovelace' }
const insertAda = `insert into users (email, name) values ('ada@example.com', 'Ada Lovelace')`
const emails = 'select email from users order by email'

// Every test starts with an empty table, though nearly all of them add Ada.
test.beforeEach(async ({ db }) => {
  expect((await db.query(emails)).rows).toEqual([])
})

// A commit of a test stays in its sandbox: the worker's real database does not change.
test.afterEach(async ({ database }) => {
  expect(await query(database.url, emails)).toEqual([])
})

test.describe('commits of a test are not visible in the next one', () => {
  // Serially, in one worker and therefore one database.
  test.describe.configure({ mode: 'serial' })

  test('a transaction through db', async ({ db }) => {
    const client = await db.connect()
    await client.query('begin')
    await client.query(insertAda)
    await client.query('commit')
    client.release()
    expect((await db.query(emails)).rows).toEqual([{ email: ada.email }])
  })

  test('a request to the app', async ({ request, db }) => {
    expect((await request.post('/users', { data: ada })).status()).toBe(201)
    expect((await db.query(emails)).rows).toEqual([{ email: ada.email }])
  })

  test('a client of its own, as in another process', async ({ sandbox, request }) => {
    await query(sandbox.url, insertAda)
    expect(await (await request.get('/users')).json()).toMatchObject({ users: [ada] })
  })

  test('a table and a type', async ({ db, database }) => {
    await db.query(`create type mood as enum ('calm'); create table notes (mood mood)`)
    expect((await db.query('select from notes')).rowCount).toBe(0)
    expect(await query(database.url, `select to_regclass('notes') as notes`)).toEqual([{ notes: null }])
  })

  test('changed reference data', async ({ db, request, database }) => {
    await db.query('delete from plans')
    expect(await (await request.get('/plans')).json()).toEqual({ plans: [] })
    expect(await query(database.url, 'select from plans')).toHaveLength(3)
  })

  test('reference data is restored', async ({ request, db }) => {
    const { plans } = await (await request.get('/plans')).json()
    expect(plans.map(({ id }: { id: string }) => id)).toEqual(['enterprise', 'free', 'team'])
    expect((await db.query('select from plans')).rowCount).toBe(3)
  })
})

for (let one = 1; one <= 10; one++) {
  test(`ten tests add the same user, whichever worker runs them: ${one}`, async ({ request, db }) => {
    expect((await request.post('/users', { data: ada })).status()).toBe(201)
    expect((await db.query(emails)).rows).toEqual([{ email: ada.email }])
  })
}

test.describe('an error affects only its statement', () => {
  test('through db', async ({ db }) => {
    await db.query(insertAda)
    await expect(db.query(insertAda)).rejects.toThrow('users_email_key')
    expect((await db.query(emails)).rows).toEqual([{ email: ada.email }])
  })

  test('through the app', async ({ request, db }) => {
    for (const status of [201, 409, 409]) {
      expect((await request.post('/users', { data: ada })).status()).toBe(status)
    }
    expect((await request.post('/users', { data: { ...ada, email: 'grace@example.com' } })).status()).toBe(201)
    expect((await db.query('select from users')).rowCount).toBe(2)
  })

  test('but an explicit transaction stays aborted until it ends, as on any server', async ({ db }) => {
    const client = await db.connect()
    await client.query('begin')
    await client.query(insertAda)
    await expect(client.query(insertAda)).rejects.toThrow('users_email_key')
    await expect(client.query('select')).rejects.toThrow('current transaction is aborted')
    expect(await client.query('commit')).toMatchObject({ command: 'ROLLBACK' })
    expect((await client.query(emails)).rows).toEqual([])
    await client.query(insertAda)
    client.release()
    expect((await db.query(emails)).rows).toEqual([{ email: ada.email }])
  })
})

test('a transaction can be rolled back, also to a savepoint', async ({ db }) => {
  const client = await db.connect()
  const insert = (email: string) => client.query('insert into users (email, name) values ($1, $1)', [email])
  await client.query('begin')
  await insert('kept@example.com')
  await client.query('savepoint one')
  await insert('undone@example.com')
  await client.query('savepoint two')
  await expect(insert('kept@example.com')).rejects.toThrow('users_email_key')
  await client.query('rollback to one')
  await insert('kept-too@example.com')
  await client.query('release one')
  await client.query('commit')

  await client.query('begin')
  await client.query('delete from users')
  await client.query('rollback')
  client.release()
  const { rows } = await db.query(emails)
  expect(rows.map(({ email }) => email)).toEqual(['kept-too@example.com', 'kept@example.com'])
})

test('the app and db use the same database', async ({ request, db }) => {
  await db.query(insertAda)
  const { users } = await (await request.get('/users')).json()
  expect(users).toMatchObject([ada])
  await request.patch(`/users/${users[0].id}`, { data: { name: 'Ada King' } })
  expect((await db.query('select name from users')).rows).toEqual([{ name: 'Ada King' }])
  await db.query('delete from users')
  expect((await request.get(`/users/${users[0].id}`)).status()).toBe(404)
  expect((await request.post('/users', { data: ada })).status()).toBe(201)
})

test('concurrent requests are serialized', async ({ request, db }) => {
  const add = (n: number) => request.post('/users', { data: { ...ada, email: `ada-${n}@example.com` } })
  const responses = await Promise.all(
    Array.from({ length: 30 }, (_, n) => Promise.all([add(n), request.get('/users')])),
  )
  expect(new Set(responses.map(([added, listed]) => `${added.status()} ${listed.status()}`))).toEqual(
    new Set(['201 200']),
  )
  expect((await db.query('select from users')).rowCount).toBe(30)
})

test('now() does not advance, as in any transaction; clock_timestamp() does', async ({ db }) => {
  const times = async () => (await db.query('select now()::text, clock_timestamp()::text as clock')).rows[0]
  const before = await times()
  const after = await times()
  expect(after.now).toEqual(before.now)
  expect(after.clock).not.toEqual(before.clock)
})

test.describe("isolation: 'database', for tests that need more than one transaction", () => {
  test.use({ isolation: 'database' })
  test.describe.configure({ mode: 'serial' })

  test('commits are real', async ({ request, db, database }) => {
    await request.post('/users', { data: ada })
    const { rows } = await db.query('select current_database() as name')
    const url = new URL(database.url)
    expect(url.pathname).not.toBe(`/${rows[0].name}`)
    url.pathname = rows[0].name
    expect(await query(url.href, emails)).toEqual([{ email: ada.email }])
  })

  test('each client has its own connection, so transactions run concurrently', async ({ db, request, sandbox }) => {
    const client = await db.connect()
    await client.query('begin')
    await client.query(insertAda)
    expect(await (await request.get('/users')).json()).toMatchObject({ users: [] })
    expect(await query(sandbox.url, emails)).toEqual([])
    await client.query('commit')
    client.release()
    expect(await (await request.get('/users')).json()).toMatchObject({ users: [ada] })
  })

  test('now() advances', async ({ db }) => {
    const now = async () => (await db.query<{ now: Date }>(`select now()::text`)).rows[0]
    const before = await now()
    expect(await now()).not.toEqual(before)
  })

  test('reference data exists', async ({ request }) => {
    expect((await (await request.get('/plans')).json()).plans).toHaveLength(3)
  })
})

/** Runs a query on a new connection. */
async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end()
  }
}
