/** A cancel request cancels the statement of its client, and no other. */
import { once } from 'node:events'
import { connect } from 'node:net'
import { expect } from '@playwright/test'
import pg from 'pg'
import type { SandboxPool } from '../pool.ts'
import { frame } from '../protocol/backend-messages.ts'
import {
  bindAndExecute,
  type CancelKey,
  cancelRequest,
  Frontend,
  flush,
  parse,
  query,
  sync,
} from '../protocol/frontend-messages.ts'
import type { Sandbox } from '../sandbox.ts'
import { scalar, test } from '../testing/sandbox-fixture.ts'
import { WireClient } from '../testing/wire-client.ts'

const count = 'select count(*)::int from t'
const canceled = { code: '57014', message: 'canceling statement due to user request' }

/** After this, rows inserted into `t` take ten minutes to be checked at the commit. */
const slowCheck = `
  create function sleeps() returns trigger language plpgsql as $$ begin perform pg_sleep(600); return new; end $$;
  create constraint trigger slow after insert on t deferrable initially deferred for each row execute function sleeps()`

/** Sends a cancel request and waits until the connection is closed, as libpq does. */
async function cancel(sandbox: Sandbox, key: CancelKey): Promise<void> {
  const socket = connect(Number(new URL(sandbox.url).port), '127.0.0.1')
  socket.resume()
  socket.write(cancelRequest(key))
  await once(socket, 'close')
}

/** Waits until the sandbox's backend runs pg_sleep, where the statements of these tests are cancelled. */
async function asleep(outside: pg.Client): Promise<void> {
  const sleepers = `select count(*)::int from pg_stat_activity where datname = current_database() and wait_event = 'PgSleep'`
  await expect.poll(() => scalar(outside, sleepers)).toBe(1)
}

const keyOf = (client: pg.ClientBase): CancelKey => {
  const { processID, secretKey } = client as unknown as { processID: number; secretKey: number }
  return { processId: processID, secretKey }
}

async function connected(sandbox: Sandbox): Promise<pg.Client> {
  const client = new pg.Client(sandbox.url)
  await client.connect()
  return client
}

for (const mode of ['transaction', 'direct'] as const) {
  const open = (sandbox: Sandbox) => (mode === 'direct' ? sandbox.openDirect() : sandbox.open())

  test(`cancels a statement, and its client remains usable (${mode})`, async ({ sandbox, pool, outside }) => {
    open(sandbox)
    const client = await connected(sandbox)
    await client.query("insert into t values (1, 'kept')")
    const sleeping = client.query('select pg_sleep(600)')
    sleeping.catch(() => undefined)
    const waiting = pool.query("insert into t values (2, 'another’s')")
    await asleep(outside)
    await cancel(sandbox, keyOf(client))
    await expect(sleeping).rejects.toMatchObject(canceled)
    await waiting
    expect(await scalar(client, count)).toBe(2)
    await client.end()
    expect(await sandbox.close()).toMatchObject({ active: [], broken: undefined })
  })

  test(`a cancelled statement fails its transaction (${mode})`, async ({ sandbox, outside }) => {
    open(sandbox)
    const client = await WireClient.connect(sandbox.url)
    await client.send([query('begin; insert into t values (1)')])
    const answers = client.send([query('select pg_sleep(600)'), query('select 1'), query('rollback'), query(count)])
    await asleep(outside)
    await cancel(sandbox, client.cancelKey)
    expect((await answers).filter(line => !line.startsWith('RowDescription'))).toEqual([
      'ErrorResponse ERROR 57014 canceling statement due to user request',
      'ReadyForQuery E',
      'ErrorResponse ERROR 25P02 current transaction is aborted, commands ignored until end of transaction block',
      'ReadyForQuery E',
      'CommandComplete ROLLBACK.',
      'ReadyForQuery I',
      'DataRow [0]',
      'CommandComplete SELECT 1.',
      'ReadyForQuery I',
    ])
    client.close()
    await sandbox.close()
  })

  for (const [what, statements] of Object.entries({
    'COMMIT of a transaction': ['begin', 'insert into t values (1)', 'commit'],
    'commit of a statement': ['insert into t values (1)'],
  })) {
    test(`a ${what} is cancelled while it checks constraints, and is rolled back (${mode})`, async ({
      sandbox,
      outside,
    }) => {
      open(sandbox)
      const client = await connected(sandbox)
      await client.query(slowCheck)
      for (const statement of statements.slice(0, -1)) await client.query(statement)
      const committing = client.query(statements.at(-1) ?? '')
      committing.catch(() => undefined)
      await asleep(outside)
      await cancel(sandbox, keyOf(client))
      await expect(committing).rejects.toMatchObject(canceled)
      expect(await scalar(client, count)).toBe(0)
      await client.end()
      expect(await sandbox.close()).toMatchObject({ active: [], broken: undefined })
    })
  }

  test(`a disconnect during the checks of a commit releases the lock (${mode})`, async ({ sandbox, pool, outside }) => {
    open(sandbox)
    const client = await connected(sandbox)
    client.on('error', () => undefined)
    await client.query(slowCheck)
    const committing = client.query('insert into t values (1)')
    committing.catch(() => undefined)
    await asleep(outside)
    client.connection.stream.destroy()
    expect(await scalar(pool, count)).toBe(0)
    expect(await sandbox.close()).toMatchObject({ active: [], broken: undefined })
  })

  test(`a cancel request has no effect on an idle client (${mode})`, async ({ sandbox, pool }) => {
    open(sandbox)
    const client = await connected(sandbox)
    await cancel(sandbox, keyOf(client))
    await client.query('begin')
    await client.query('insert into t values (1)')
    await cancel(sandbox, keyOf(client))
    await client.query('insert into t values (2)')
    await client.query('commit')
    await cancel(sandbox, keyOf(client))
    expect(await scalar(pool, count)).toBe(2)
    await client.end()
    await sandbox.close()
  })

  test(`repeated cancel requests affect no other client and no completed statement (${mode})`, async ({
    sandbox,
    pool,
  }) => {
    open(sandbox)
    const client = await connected(sandbox)
    const other = await pool.connect()
    let done = 0
    let cancelled = 0
    let stopped = false
    const cancelling = (async () => {
      while (!stopped) await Promise.all([cancel(sandbox, keyOf(client)), cancel(sandbox, keyOf(client))])
    })()
    for (let id = 1; id <= 150; id++) {
      const insert = client.query(`insert into t select ${id} from pg_sleep(0.001)`)
      const others = other.query('select 1')
      await insert.then(
        () => done++,
        error => {
          expect(error).toMatchObject(canceled)
          cancelled++
        },
      )
      await others
    }
    stopped = true
    await cancelling
    expect(cancelled).toBeGreaterThan(0)
    expect(await scalar(other, count)).toBe(done)
    other.release()
    await client.end()
    expect(await sandbox.close()).toMatchObject({ active: [], contentions: [], broken: undefined })
  })
}

for (const inTransaction of [false, true]) {
  test(`cancels a statement that waits for the connection lock${inTransaction ? ', in a transaction' : ''}`, async ({
    sandbox,
    pool,
  }) => {
    sandbox.open()
    const [holder, last] = [await pool.connect(), await pool.connect()]
    await holder.query('begin; insert into t values (1)')
    const waiter = await WireClient.connect(sandbox.url)
    if (inTransaction) await waiter.send([query('begin')])
    const answers = waiter.send([parse('', count), bindAndExecute(''), sync])
    let answered = false
    void answers.then(() => {
      answered = true
    })
    const behind = last.query(count)
    // The first cancel request may arrive before the statement waits for the lock.
    while (!answered) await cancel(sandbox, waiter.cancelKey)
    expect(await answers).toEqual([
      'ErrorResponse ERROR 57014 canceling statement due to user request',
      `ReadyForQuery ${inTransaction ? 'E' : 'I'}`,
    ])
    await holder.query('commit')
    expect((await behind).rows).toEqual([{ count: 1 }])
    holder.release()
    last.release()
    if (inTransaction) await waiter.send([query('rollback')])
    waiter.close()
    expect(await sandbox.close()).toMatchObject({ active: [], contentions: [], broken: undefined })
  })
}

test('a client in this process cancels in the way of `pg`', async ({ sandbox, pool, outside }) => {
  sandbox.open()
  const client = await pool.connect()
  const sleeping = client.query('select pg_sleep(600)')
  sleeping.catch(() => undefined)
  await asleep(outside)
  cancelWithPg(pool, client)
  await expect(sleeping).rejects.toMatchObject(canceled)
  expect(await scalar(client, 'select 1')).toBe(1)
  client.release()
  await sandbox.close()
})

/** Sends the cancel request from another client, with a method that the types of `pg` lack. */
function cancelWithPg(pool: SandboxPool, client: pg.PoolClient): void {
  const canceller = new pg.Client(pool.options) as pg.Client & { cancel(client: pg.ClientBase, query: unknown): void }
  canceller.cancel(client, (client as unknown as { activeQuery: unknown }).activeQuery)
}

for (const [what, change] of [
  ['a wrong secret key', { secretKey: 1 }],
  ['another session’s process id', { processId: 1 }],
  ['an unknown process id', { processId: 1_000_000 }],
] as const) {
  test(`a cancel request with ${what} is ignored`, async ({ sandbox, pool, outside }) => {
    sandbox.open()
    expect(await scalar(pool, 'select 1')).toBe(1)
    const client = await WireClient.connect(sandbox.url)
    const answers = client.send([query('select pg_sleep(600)')])
    await asleep(outside)
    await cancel(sandbox, { ...client.cancelKey, ...change })
    await asleep(outside)
    await cancel(sandbox, client.cancelKey)
    expect(await answers).toEqual(expect.arrayContaining([expect.stringContaining('57014'), 'ReadyForQuery I']))
    client.close()
    await sandbox.close()
  })
}

test('an incomplete cancel request ends only its own connection', async ({ sandbox, pool }) => {
  sandbox.open()
  const socket = connect(Number(new URL(sandbox.url).port), '127.0.0.1')
  socket.resume()
  const packet = cancelRequest({ processId: 1, secretKey: 1 }).subarray(0, 12)
  packet.writeInt32BE(12, 0)
  socket.write(packet)
  await once(socket, 'close')
  expect(await scalar(pool, 'select 1')).toBe(1)
  await sandbox.close()
})

test('a cancel request takes effect even if its connection closes at once', async ({ sandbox, outside }) => {
  sandbox.open()
  const client = await connected(sandbox)
  const sleeping = client.query('select pg_sleep(600)')
  sleeping.catch(() => undefined)
  await asleep(outside)
  const socket = connect(Number(new URL(sandbox.url).port), '127.0.0.1')
  socket.write(cancelRequest(keyOf(client)), () => socket.destroy())
  await expect(sleeping).rejects.toMatchObject(canceled)
  await client.end()
  await sandbox.close()
})

test('a client that disconnects during its cancel request affects no other session', async ({
  sandbox,
  pool,
  outside,
}) => {
  sandbox.open()
  for (let round = 1; round <= 10; round++) {
    const client = await WireClient.connect(sandbox.url)
    void client.send([query(`begin; insert into t values (${round})`), query('select pg_sleep(600)')])
    await asleep(outside)
    const cancelling = cancel(sandbox, client.cancelKey)
    if (round % 2) await new Promise(resolve => setImmediate(resolve))
    client.close()
    expect(await scalar(pool, count)).toBe(0)
    await cancelling
  }
  expect(await sandbox.close()).toMatchObject({ active: [], broken: undefined })
})

test('a COPY FROM STDIN is cancelled at the next data', async ({ sandbox, pool }) => {
  sandbox.open()
  const client = await WireClient.connect(sandbox.url)
  const data = frame(Frontend.CopyData, '1\tone\n')
  await client.send([query('copy t from stdin'), data], 0)
  await expect.poll(() => client.answered).toContain('CopyInResponse')
  await cancel(sandbox, client.cancelKey)
  expect(await client.send([data], 1)).toEqual(
    expect.arrayContaining([
      expect.stringMatching(/^ErrorResponse ERROR 57014 canceling statement due to user request/),
      'ReadyForQuery I',
    ]),
  )
  expect(await scalar(pool, count)).toBe(0)
  client.close()
  await sandbox.close()
})

test('a batch without a Sync is cancelled while it runs, but not while it is idle', async ({ sandbox, outside }) => {
  sandbox.open()
  const client = await WireClient.connect(sandbox.url)
  const rested = client.send([parse('', 'insert into t values (1)'), bindAndExecute(''), flush], 0)
  await rested
  await expect.poll(() => client.answered).toContain('CommandComplete')
  await cancel(sandbox, client.cancelKey)
  const sleeping = client.send([parse('', 'select pg_sleep(600)'), bindAndExecute(''), flush], 0)
  await sleeping
  await asleep(outside)
  await cancel(sandbox, client.cancelKey)
  const lines = await client.send([sync, query(count)])
  expect(lines).toEqual(
    expect.arrayContaining(['ErrorResponse ERROR 57014 canceling statement due to user request', 'ReadyForQuery I']),
  )
  expect(lines.at(-3)).toBe('DataRow [0]')
  client.close()
  await sandbox.close()
})
