import { expect, type TestInfo } from '@playwright/test'
import pg from 'pg'
import { withClient } from '../connection.ts'
import { test as withServer } from '../testing/server-fixture.ts'
import { type Clone, createClone } from './clone.ts'
import { ensureTemplate, type TemplateOptions } from './template.ts'

const schema = `
  create table t (id int primary key, made timestamptz default now(), frozen timestamptz default current_timestamp);
  create function tell() returns trigger language plpgsql as $$
    begin perform pg_notify('rows', new.id::text); return new; end $$;
  create trigger tells after insert on t for each row execute function tell();`

interface Database {
  /** A clone of a template with these options. */
  clone: (options?: TemplateOptions) => Promise<Clone>
  /** A connection as a sandbox opens it, and a plain one. */
  connect: (clone: Clone, how: 'sandboxed' | 'plain') => Promise<pg.Client>
}

const test = withServer.extend<Database>({
  clone: async ({ server }, use, info) => {
    const clones: Clone[] = []
    await use(async options => {
      const clone = await createClone(server, await ensureTemplate(server, { ...migrationsFor(info), ...options }))
      clones.push(clone)
      return clone
    })
    await Promise.all(clones.map(clone => clone.drop()))
  },
  // Set up after the clones, so that it is torn down before they are dropped.
  connect: async ({ clone: _clone }, use) => {
    const clients: pg.Client[] = []
    await use(async ({ url }, how) => {
      const options = how === 'sandboxed' ? { options: '-c reprise.sandbox=on' } : {}
      const client = new pg.Client({ connectionString: url, ...options })
      clients.push(client)
      await client.connect()
      return client
    })
    await Promise.all(clients.map(client => client.end()))
  },
})

function migrationsFor({ testId }: TestInfo): TemplateOptions {
  return {
    migrations: { id: testId, migrate: url => withClient(url, async client => void (await client.query(schema))) },
  }
}

async function value(client: pg.Client, sql: string, parameters?: unknown[]): Promise<unknown> {
  const { rows } = await client.query<Record<string, unknown>>(sql, parameters)
  return Object.values(rows[0] ?? {})[0]
}

test('notifications to listeners in a sandbox are collected, from triggers too, and undone with their savepoint', async ({
  clone,
  connect,
}) => {
  const client = await connect(await clone(), 'sandboxed')
  await client.query(`begin; set reprise.listening = 'on'`)
  expect(await value(client, `select pg_notify('a "channel"', 'line' || chr(10) || 'line')`)).toBe('')
  await client.query(`savepoint s; select pg_notify('undone', 'x'); insert into t values (1); rollback to s`)
  await client.query(`select pg_notify('null', null); insert into t values (2)`)
  const gathered = String(await value(client, 'show reprise.notifications'))
  expect(
    gathered
      .trim()
      .split('\n')
      .map(line => JSON.parse(line)),
  ).toEqual([
    ['a "channel"', 'line\nline'],
    ['null', ''],
    ['rows', '2'],
  ])
  await client.query('rollback')
  expect(await value(client, `select current_setting('reprise.notifications', true)`)).toBe('')
})

test('notifications in a sandbox without listeners are not collected', async ({ clone, connect }) => {
  const client = await connect(await clone(), 'sandboxed')
  await client.query(`begin; insert into t values (1); select pg_notify('a', 'b')`)
  expect(await value(client, `select current_setting('reprise.notifications', true)`)).toBe(null)
})

test('outside a sandbox pg_notify notifies', async ({ clone, connect }) => {
  const database = await clone()
  const [listener, notifier] = [await connect(database, 'plain'), await connect(database, 'plain')]
  await listener.query('listen rows')
  const heard = new Promise<pg.Notification>(resolve => listener.once('notification', resolve))
  await notifier.query('insert into t values (7)')
  expect(await heard).toMatchObject({ channel: 'rows', payload: '7' })
})

for (const how of ['sandboxed', 'plain'] as const) {
  test(`invalid arguments fail with the server's error: ${how}`, async ({ clone, connect }) => {
    const client = await connect(await clone(), how)
    await client.query(`set reprise.listening = 'on'`)
    for (const [channel, payload, message] of [
      [null, 'x', 'channel name cannot be empty'],
      ['', 'x', 'channel name cannot be empty'],
      ['c'.repeat(64), 'x', 'channel name too long'],
      ['c', 'x'.repeat(8000), 'payload string too long'],
    ]) {
      await expect(client.query('select pg_notify($1, $2)', [channel, payload])).rejects.toMatchObject({
        code: '22023',
        message,
      })
    }
    await client.query('select pg_notify($1, $2)', ['c'.repeat(63), 'x'.repeat(7999)])
  })
}

test('a moving clock is the start of the statement, also as a column default of a migration', async ({
  clone,
  connect,
}) => {
  const client = await connect(await clone({ clock: 'moving' }), 'sandboxed')
  await client.query('begin')
  const times: unknown[] = []
  for (const id of [1, 2]) {
    await client.query('insert into t values ($1)', [id])
    times.push(await value(client, 'select now()'))
    expect(await value(client, 'select now() = statement_timestamp() and now() = transaction_timestamp()')).toBe(true)
  }
  expect(times[1]).not.toEqual(times[0])
  expect(await value(client, 'select count(distinct made) from t')).toBe('2')
  expect(await value(client, 'select count(distinct frozen) from t')).toBe('1')
  expect(await value(client, 'select bool_and(made = now()) from t')).toBe(false)
})

test('a moving clock stands still outside a sandbox, and a frozen one everywhere', async ({ clone, connect }) => {
  for (const client of [
    await connect(await clone({ clock: 'moving' }), 'plain'),
    await connect(await clone(), 'sandboxed'),
  ]) {
    await client.query('begin; insert into t values (1)')
    await client.query('insert into t values (2)')
    expect(await value(client, 'select count(distinct made) from t')).toBe('1')
    expect(await value(client, 'select now() = current_timestamp and now() = transaction_timestamp()')).toBe(true)
  }
})

test('the planner inlines a moving clock', async ({ clone, connect }) => {
  const client = await connect(await clone({ clock: 'moving' }), 'sandboxed')
  await client.query('create index on t (made); set enable_seqscan = off')
  const { rows } = await client.query(`explain select from t where made > now() - interval '1 day'`)
  expect(JSON.stringify(rows)).toMatch(/Index.*Cond: .*statement_timestamp/)
})

test('pg_dump ignores the functions', async ({ clone, connect }) => {
  const client = await connect(await clone({ clock: 'moving' }), 'plain')
  // pg_dump omits functions in pg_catalog whose privileges are unchanged.
  const { rows } = await client.query(
    `select proname from pg_proc where oid >= 16384 and (pronamespace <> 'pg_catalog'::regnamespace or proacl is not null)`,
  )
  expect(rows).toEqual([{ proname: 'tell' }])
  expect(await value(client, `select pg_get_expr(adbin, adrelid) from pg_attrdef where adnum = 2`)).toBe('now()')
})

test('a role that is no superuser gets the original functions, and no moving clock', async ({ server }, info) => {
  const role = `limited_${info.testId.replaceAll('-', '_')}`
  await withClient(server.url, client => client.query(`create role "${role}" login createdb password 'x'`))
  const url = new URL(server.url)
  url.username = role
  url.password = 'x'
  const limited = { ...server, url: url.href }
  await expect(ensureTemplate(limited, { ...migrationsFor(info), clock: 'moving' })).rejects.toThrow(
    `The option clock: 'moving' replaces now() in the database, which the role "${role}" may not do. `,
  )
  const template = await ensureTemplate(limited, migrationsFor(info))
  const clone = await createClone(limited, template)
  const replaced = await withClient(clone.url, async client => {
    await client.query('insert into t values (1)')
    return value(client, `select count(*)::int from pg_proc where proname like 'reprise%'`)
  })
  expect(replaced).toBe(0)
  await clone.drop()
  await withClient(server.url, async client => {
    await client.query(`alter database "${template}" is_template false`)
    await client.query(`drop database "${template}"`)
    await client.query(`drop role "${role}"`)
  })
})
