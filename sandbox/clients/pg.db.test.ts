/** `pg`: its pool, promises, callbacks, prepared statements and pipeline. */
import { expect } from '@playwright/test'
import pg from 'pg'
import { scalar } from '../testing/sandbox-fixture.ts'
import { test } from './client-fixture.ts'
import { failureOf, type Work, worksAsOnAServer } from './expectations.ts'

worksAsOnAServer(['tcp', 'memory'], {
  connect: ({ pool }) => ({
    ...workOf(pool),
    transaction: async work => {
      const client = await pool.connect()
      try {
        await block(client, ['begin', 'commit', 'rollback'], work)
      } finally {
        client.release()
      }
    },
    close: () => pool.end(),
  }),
})

test('callbacks', async ({ tcp: { url } }) => {
  const client = new pg.Client(url)
  const row = await new Promise((resolve, reject) => {
    client.connect(() => {
      client.query('insert into t values (1, $1)', ['one'], () => {
        client.query("insert into t values (1, 'one')", failure => {
          client.query('select * from t', (error, result) => {
            if (error) reject(error)
            else resolve([failure.message, result.rows])
          })
        })
      })
    })
  })
  expect(row).toEqual(['duplicate key value violates unique constraint "t_pkey"', [{ id: 1, v: 'one' }]])
  await client.end()
})

for (const way of ['tcp', 'memory'] as const) {
  test(`named prepared statements run repeatedly on every client of a pool: ${way}`, async ({ tcp, memory }) => {
    const { pool } = { tcp, memory }[way]
    const named = (id: number) =>
      pool.query({ name: 'put', text: 'insert into t values ($1, $2)', values: [id, `${id}`] })
    await Promise.all([1, 2, 3, 4, 5, 6].map(named))
    await Promise.all([7, 8, 9, 10].map(named))
    expect(await failureOf(named(10))).toMatchObject({ code: '23505' })
    await named(11)
    expect(await scalar(pool, 'select count(*)::int from t')).toBe(11)
  })
}

test('a failure in a pipeline affects no other statement, or the rest of its transaction', async ({ tcp: { url } }) => {
  const client = new pg.Client({ connectionString: url, pipeline: true })
  await client.connect()
  const put = (id: number, v: string) =>
    client.query({ name: 'put', text: 'insert into t values ($1, $2)', values: [id, v] })
  const results = await Promise.allSettled([
    put(1, 'one'),
    put(2, 'one'),
    put(3, 'three'),
    client.query('select id from t'),
  ])
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled'])
  const block = await Promise.allSettled([
    client.query('begin'),
    put(4, 'four'),
    put(4, 'four'),
    put(5, 'five'),
    client.query('commit'),
  ])
  expect(block.map(result => (result.status === 'rejected' ? result.reason.code : result.value.command))).toEqual([
    'BEGIN',
    'INSERT',
    '23505',
    '25P02',
    'ROLLBACK',
  ])
  expect((await client.query('select array_agg(id order by id) ids from t')).rows).toEqual([{ ids: [1, 3] }])
  await client.end()
})

for (const way of ['tcp', 'memory'] as const) {
  test(`a notification is delivered at its sender's commit, and not after a rollback: ${way}`, async ({
    tcp,
    memory,
  }) => {
    const { pool } = { tcp, memory }[way]
    const [listener, sender] = [await pool.connect(), await pool.connect()]
    const heard: unknown[] = []
    const last = new Promise<void>(resolve => {
      listener.on('notification', ({ channel, payload }) => {
        heard.push([channel, payload])
        if (payload === 'last') resolve()
      })
    })
    await listener.query('listen news')
    await sender.query('begin')
    await sender.query("notify news, 'kept'")
    await sender.query('savepoint nested')
    await sender.query("notify news, 'undone'")
    await sender.query('rollback to nested')
    expect(heard).toEqual([])
    await sender.query('commit')
    await sender.query("select pg_notify('news', 'last')")
    await last
    expect(heard).toEqual([
      ['news', 'kept'],
      ['news', 'last'],
    ])
    await listener.query('unlisten *')
    for (const client of [listener, sender]) client.release()
  })
}

function workOf(client: pg.Pool | pg.PoolClient): Omit<Work, 'transaction'> {
  return {
    insert: (id, v) => client.query('insert into t values ($1, $2)', [id, v]),
    read: async id => (await client.query<{ v: string }>('select v from t where id = $1', [id])).rows[0]?.v,
    update: (id, v) => client.query('update t set v = $2 where id = $1', [id, v]),
    remove: id => client.query('delete from t where id = $1', [id]),
  }
}

type Words = [begin: string, keep: string, undo: string]

async function block(client: pg.PoolClient, [begin, keep, undo]: Words, work: (inside: Work) => Promise<void>) {
  await client.query(begin)
  try {
    await work({
      ...workOf(client),
      transaction: nested =>
        block(client, ['savepoint nested', 'release savepoint nested', 'rollback to savepoint nested'], nested),
    })
    await client.query(keep)
  } catch (error) {
    await client.query(undo)
    throw error
  }
}
