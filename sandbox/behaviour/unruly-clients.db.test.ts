/**
 * Clients that disconnect, stop or send no valid protocol at any point: each affects only its own session, and no wait
 * is endless.
 */
import { once } from 'node:events'
import { connect } from 'node:net'
import { expect } from '@playwright/test'
import pg from 'pg'
import { frame } from '../protocol/backend-messages.ts'
import { bindAndExecute, Frontend, flush, parse, query, sync } from '../protocol/frontend-messages.ts'
import { impatience, scalar, test } from '../testing/sandbox-fixture.ts'
import { WireClient } from '../testing/wire-client.ts'

const count = 'select count(*)::int from t'
const copy = [parse('', 'copy t from stdin'), bindAndExecute('')]

for (const [when, messages, waitsFor] of [
  ['that takes data', [...copy, flush], 'ClientRead'],
  ['that takes data and has ignored a Sync', [...copy, sync], 'ClientRead'],
  ['whose data are complete', [...copy, sync, frame(Frontend.CopyDone), sync], undefined],
  ['that is about to begin', [parse('', 'select pg_sleep(600)'), bindAndExecute(''), ...copy, flush], 'PgSleep'],
] as const) {
  test(`a client disconnects in a COPY of the extended query protocol ${when}`, async ({ sandbox, pool, outside }) => {
    sandbox.open()
    const backend = await scalar(pool, 'select pg_backend_pid()')
    const client = await WireClient.connect(sandbox.url)
    await client.send([query('begin'), query('insert into t values (1)')])
    void client.send(messages)
    if (waitsFor) {
      const state = `select wait_event from pg_stat_activity where state = 'active' and pid = ${backend}`
      await expect.poll(() => scalar(outside, state)).toBe(waitsFor)
    }
    client.close()
    expect(await scalar(pool, count)).toBe(0)
    expect(await scalar(pool, 'select 7')).toBe(7)
    expect(await sandbox.close()).toMatchObject({ active: [], broken: undefined })
  })
}

test('a client disconnects while its settings are applied', async ({ sandbox, pool }) => {
  sandbox.open()
  const [gone, other] = [await pool.connect(), await pool.connect()]
  await gone.query("set app.tenant = 'gone'")
  await other.query("set app.tenant = 'other'")
  const lost = gone.query('insert into t values (1)').catch((error: Error) => error)
  gone.connection.stream.destroy()
  expect(await scalar(other, 'show app.tenant')).toBe('other')
  expect(await scalar(other, count)).toBe(0)
  expect(await lost).toBeInstanceOf(Error)
  other.release()
  expect(await sandbox.close()).toMatchObject({ active: [], broken: undefined })
})

test('a client disconnects when it has just got the connection lock', async ({ sandbox, pool }) => {
  sandbox.open()
  const [holder, next] = [await pool.connect(), await pool.connect()]
  await holder.query('begin')
  await holder.query('select 1')
  await next.query('begin')
  const lost = next.query('insert into t select 1 from pg_sleep(10)').catch((error: Error) => error)
  holder.query('commit', () => next.connection.stream.destroy())
  expect(await lost).toBeInstanceOf(Error)
  expect(await scalar(pool, count)).toBe(0)
  holder.release()
  expect(await sandbox.close()).toMatchObject({ active: [], broken: undefined })
})

test('a client in this process is terminated in the middle of a batch', async ({ sandbox, pool }) => {
  sandbox.open()
  const client = await pool.connect()
  const answered = new Promise(resolve => client.connection.once('commandComplete', resolve))
  client.connection.stream.write(Buffer.concat([parse('', 'select 1'), bindAndExecute(''), flush]))
  await answered
  expect((await sandbox.close()).active).toHaveLength(1)
  sandbox.open()
  expect(await scalar(pool, 'select 1')).toBe(1)
  expect(await scalar(pool, 'select 2')).toBe(2)
  client.release()
  await sandbox.close()
})

const impatient = test.extend(impatience)

impatient('a wait behind a long batch without a Sync times out', async ({ sandbox, pool, outside }) => {
  sandbox.open()
  const client = await WireClient.connect(sandbox.url)
  const long = `select '${'x'.repeat(70_000)}'`
  void client.send([parse('', 'insert into t values (1)'), bindAndExecute(''), parse('', long)])
  const locked = `select count(*)::int from pg_locks where relation = 't'::regclass and mode = 'RowExclusiveLock'`
  await expect.poll(() => scalar(outside, locked), { intervals: [20] }).toBe(1)
  await expect(pool.query('select 1')).rejects.toMatchObject({ code: '55P03' })
  client.close()
  expect(await scalar(pool, count)).toBe(0)
  await sandbox.close()
})

test('a Query during a COPY ends its session, and other sessions continue', async ({ sandbox, pool }) => {
  sandbox.open()
  const client = await WireClient.connect(sandbox.url)
  const lines = await client.send([query('copy t from stdin'), query('select 1')])
  expect(lines.slice(-2)).toEqual([
    'ErrorResponse FATAL 08P01 unexpected message type 0x51 during COPY from stdin',
    '(closed)',
  ])
  expect(await scalar(pool, count)).toBe(0)
  expect(await sandbox.close()).toMatchObject({ active: [], broken: undefined })
})

for (const [where, between] of [
  ['in one batch', []],
  ['after a Flush', [flush]],
] as const) {
  test(`a message that is not allowed in a COPY is not sent to the shared connection: ${where}`, async ({
    sandbox,
    pool,
  }) => {
    sandbox.open()
    const client = await WireClient.connect(sandbox.url)
    const lines = await client.send([...copy, ...between, parse('', 'select 1'), sync])
    expect(lines.slice(-2)).toEqual([
      'ErrorResponse FATAL 08P01 unexpected message type 0x50 during COPY from stdin',
      '(closed)',
    ])
    expect(await scalar(pool, count)).toBe(0)
    expect(await sandbox.close()).toMatchObject({ active: [], broken: undefined })
  })
}

test('savepoint commands cannot release the guard', async ({ sandbox, pool }) => {
  sandbox.open()
  const client = await WireClient.connect(sandbox.url)
  await client.send([query('begin; insert into t values (1); savepoint reprise_guard; release reprise_guard; commit')])
  expect(await scalar(pool, count)).toBe(1)
  const lines = await client.send([query('begin; select 1; release reprise_guard')])
  expect(lines.at(-2)).toBe('ErrorResponse ERROR 3B001 savepoint "reprise_guard" does not exist')
  client.close()
  expect((await sandbox.close()).broken).toBeUndefined()
})

test('messages after Terminate are ignored', async ({ sandbox, pool }) => {
  sandbox.open()
  const client = await WireClient.connect(sandbox.url)
  const lines = await client.send([query('select 1'), frame(Frontend.Terminate), query('insert into t values (1)')])
  expect(lines.at(-1)).toBe('(closed)')
  expect(await scalar(pool, count)).toBe(0)
  await sandbox.close()
})

const startup = (text: string): Buffer => {
  const body = Buffer.from(`\0\x03\0\0${text}\0`, 'latin1')
  return Buffer.concat([int32(body.length + 4), body])
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value)
  return bytes
}

for (const [what, bytes] of [
  ['a password without a terminator', [startup('user\0postgres\0'), frame(Frontend.Password, 'guess')]],
  ['an empty password packet', [startup('user\0postgres\0'), frame(Frontend.Password)]],
  ['a startup packet of length zero', [int32(0), int32(0)]],
  ['a startup packet that is too long', [int32(0x7fff_ffff), int32(196608)]],
  ['HTTP', [Buffer.from('GET / HTTP/1.1\r\n\r\n')]],
  ['TLS', [Buffer.from('1603010200010001fc0303', 'hex')]],
] as const) {
  test(`${what} ends only its own connection`, async ({ sandbox, pool }) => {
    sandbox.open()
    const socket = connect(Number(new URL(sandbox.url).port), '127.0.0.1')
    socket.on('error', () => undefined)
    socket.resume()
    socket.write(Buffer.concat(bytes))
    await once(socket, 'close')
    expect(await scalar(pool, 'select 1')).toBe(1)
    expect(await sandbox.close()).toMatchObject({ active: [], broken: undefined })
  })
}

test('a second startup packet ends only its own connection', async ({ sandbox, pool }) => {
  sandbox.open()
  const client = await WireClient.connect(sandbox.url)
  const lines = await client.send([startup('user\0postgres\0'), query('select 1')])
  expect(lines).toEqual(['ErrorResponse FATAL 08P01 invalid frontend message type 0', '(closed)'])
  expect(await scalar(pool, 'select 1')).toBe(1)
  await sandbox.close()
})

test('in direct mode, a session ends when its connection is lost in a transaction', async ({
  sandbox,
  pool,
  outside,
}) => {
  sandbox.openDirect()
  const client = await pool.connect()
  await client.query('begin')
  const backend = await scalar(client, 'select pg_backend_pid()')
  const ended = new Promise(resolve => client.once('end', resolve))
  await outside.query('select pg_terminate_backend($1)', [backend])
  await ended
  await expect(async () => client.query('insert into t values (1)')).rejects.toThrow()
  expect(await scalar(pool, count)).toBe(0)
  client.release()
  expect((await sandbox.close()).broken).toBeUndefined()
})

test('in direct mode, a batch without a Sync is not committed', async ({ sandbox, pool, outside }) => {
  sandbox.openDirect()
  const client = await pool.connect()
  const answered = new Promise(resolve => client.connection.once('commandComplete', resolve))
  client.connection.stream.write(Buffer.concat([parse('', 'insert into t values (1)'), bindAndExecute(''), flush]))
  await answered
  client.connection.stream.destroy()
  const others = `select count(*)::int from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`
  // Only the sandbox's own connection remains.
  await expect.poll(() => scalar(outside, others)).toBe(1)
  expect(await scalar(outside, count)).toBe(0)
  await sandbox.close()
})

test('in direct mode, a session that ends while it connects leaves no connection', async ({
  sandbox,
  pool,
  outside,
}) => {
  sandbox.openDirect()
  const client = await pool.connect()
  const lost = client.query('insert into t values (1)').catch((error: Error) => error)
  client.connection.stream.destroy()
  expect(await lost).toBeInstanceOf(Error)
  expect(await scalar(pool, count)).toBe(0)
  await sandbox.close()
  const others = `select count(*)::int from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`
  await expect.poll(() => scalar(outside, others)).toBe(1)
  expect(await scalar(outside, count)).toBe(0)
})

test('in direct mode, an unreachable database ends only the session that connects to it', async ({ sandbox, pool }) => {
  const nowhere = new URL(sandbox.url)
  nowhere.pathname = '/no-such-database'
  nowhere.port = '1'
  sandbox.openDirect(nowhere.href)
  await expect(pool.query('select 1')).rejects.toThrow('cannot connect to the database "no-such-database"')
  expect(await sandbox.close()).toMatchObject({ active: [], broken: undefined })
  sandbox.open()
  expect(await scalar(pool, 'select 1')).toBe(1)
  await sandbox.close()
})

test('a role that RESET ALL leaves set does not apply to other sessions', async ({ sandbox, pool }) => {
  sandbox.open()
  const [mine, other] = [await pool.connect(), await pool.connect()]
  const before = await scalar(other, 'select current_user')
  await mine.query('set role pg_monitor')
  await mine.query('reset all')
  expect(await scalar(other, 'select current_user')).toBe(before)
  expect(await scalar(mine, 'select current_user')).toBe('pg_monitor')
  mine.release()
  other.release()
  await sandbox.close()
})

test('applies settings of which one removes the privilege for another', async ({ sandbox, pool }) => {
  sandbox.open()
  const [mine, other] = [await pool.connect(), await pool.connect()]
  await mine.query("set log_min_messages = 'error'")
  await mine.query('set role pg_monitor')
  await other.query('set role pg_signal_backend')
  for (const expected of ['pg_monitor', 'pg_signal_backend', 'pg_monitor']) {
    expect(await scalar(expected === 'pg_monitor' ? mine : other, 'select current_user')).toBe(expected)
  }
  mine.release()
  other.release()
  await sandbox.close()
})

test('a setting that cannot be reset does not affect other sessions', async ({ sandbox, pool }) => {
  sandbox.open()
  const client = await pool.connect()
  await client.query('set seed = 0.5')
  expect(await scalar(pool, 'select 1')).toBe(1)
  expect(await scalar(client, 'select 1')).toBe(1)
  client.release()
  await sandbox.close()
})

test('a list value in the startup packet is applied as a list', async ({ sandbox }) => {
  sandbox.open()
  const client = new pg.Client(sandbox.url)
  // `pg` has no option for it; other drivers send any startup parameter.
  const { user, database } = client
  Object.assign(client, { getStartupConf: () => ({ user, database, search_path: 'pg_catalog, public' }) })
  await client.connect()
  expect(await scalar(client, 'select current_schemas(false)::text')).toBe('{pg_catalog,public}')
  await client.end()
  await sandbox.close()
})

test('a Query that the sandbox answers itself ends the batch before it', async ({ sandbox, pool }) => {
  sandbox.open()
  const client = await WireClient.connect(sandbox.url)
  const malformed = frame(Frontend.Query, 'no end')
  const answers = await client.send([parse('', 'insert into t values (1)'), bindAndExecute(''), flush, malformed], 1)
  expect(answers).toEqual(expect.arrayContaining([expect.stringContaining('08P01'), 'ReadyForQuery I']))
  expect(await scalar(pool, count)).toBe(0)
  client.close()
  expect(await scalar(pool, 'select 7')).toBe(7)
  expect(await sandbox.close()).toMatchObject({ active: [], broken: undefined })
})
