/** `postgres` (postgres.js): it prepares all statements, uses pipelines, and has its own cursors and COPY. */
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { expect } from '@playwright/test'
import postgres from 'postgres'
import { test } from './client-fixture.ts'
import { failureOf, type Work, worksAsOnAServer } from './expectations.ts'

worksAsOnAServer(['tcp', 'memory'], {
  connect: ({ url, stream }) => {
    // The option is missing in its types.
    const sql = postgres(url, { max: 4, ...(stream && { socket: stream }) })
    return {
      ...workOf(sql),
      transaction: work => sql.begin(inside => work(workInside(inside))),
      close: () => sql.end(),
    }
  },
})

const one = test.extend<{ sql: postgres.Sql }>({
  sql: async ({ tcp: { url } }, use) => {
    const sql = postgres(url, { max: 4 })
    await use(sql)
    await sql.end()
  },
})

one('statements without preparation, several in one text, and unsafe ones', async ({ sql, tcp: { url } }) => {
  const [, rows] = await sql`insert into t values (1, 'one'); select v from t`.simple()
  expect(rows).toMatchObject([{ v: 'one' }])
  const unprepared = postgres(url, { prepare: false, max: 1 })
  for (const id of [2, 3]) await unprepared`insert into t values (${id}, ${`row ${id}`})`
  await unprepared.end()
  expect(await sql.unsafe('select id from t where id > $1 order by id', [1])).toMatchObject([{ id: 2 }, { id: 3 }])
})

one('a cursor, to its end and half way', async ({ sql }) => {
  const sizes: number[] = []
  for await (const rows of sql`select n from generate_series(1, 250) n`.cursor(100)) sizes.push(rows.length)
  expect(sizes).toEqual([100, 100, 50])
  await sql`select n from generate_series(1, 100000) n`.cursor(10, () => sql.CLOSE)
  await sql`insert into t values (1, 'after the cursor')`
})

one('rows go in and come out by COPY', async ({ sql }) => {
  const lines = Array.from({ length: 1000 }, (_, id) => `${id}\trow ${id}\n`)
  await pipeline(Readable.from(lines), await sql`copy t from stdin`.writable())
  expect(await text(await sql`copy (select * from t order by id) to stdout`.readable())).toBe(lines.join(''))
})

one('a pipeline in a transaction is undone as a whole', async ({ sql }) => {
  const failure = await failureOf(
    sql.begin(inside => [1, 2, 1, 3].map(id => inside`insert into t values (${id}, ${`row ${id}`})`)),
  )
  expect(failure).toMatchObject({ code: '23505' })
  expect(await sql`select * from t`).toHaveLength(0)
  await sql.begin(inside => [1, 2, 3].map(id => inside`insert into t values (${id}, ${`row ${id}`})`))
  expect(await sql`select * from t`).toHaveLength(3)
})

one('a notification, on the connection that postgres.js keeps for them', async ({ sql }) => {
  const heard: string[] = []
  const last = new Promise<void>(resolve => {
    void sql.listen(
      'news',
      payload => {
        heard.push(payload)
        if (payload === 'last') resolve()
      },
      () => {
        void sql.begin(async inside => {
          await inside.notify('news', 'first')
          await inside.notify('news', 'last')
        })
      },
    )
  })
  await last
  expect(heard).toEqual(['first', 'last'])
})

function workOf(sql: postgres.ISql): Omit<Work, 'transaction'> {
  return {
    insert: (id, v) => sql`insert into t values (${id}, ${v})`,
    read: async id => (await sql<[{ v: string }?]>`select v from t where id = ${id}`)[0]?.v,
    update: (id, v) => sql`update t set v = ${v} where id = ${id}`,
    remove: id => sql`delete from t where id = ${id}`,
  }
}

function workInside(sql: postgres.TransactionSql): Work {
  return { ...workOf(sql), transaction: work => sql.savepoint(inside => work(workInside(inside))) }
}
