/** Timeouts that end a connection end one session, with the server's error; the others go on. */
import { expect } from '@playwright/test'
import pg from 'pg'
import { SandboxPool } from '../pool.ts'
import { bindAndExecute, parse, query, sync } from '../protocol/frontend-messages.ts'
import { Sandbox } from '../sandbox.ts'
import { scalar, test } from '../testing/sandbox-fixture.ts'
import { WireClient } from '../testing/wire-client.ts'

/** Whether the server has the parameter. */
async function isKnown(client: pg.Client, name: string): Promise<boolean> {
  return (await scalar(client, `select count(*)::int from pg_settings where name = '${name}'`)) === 1
}

/** Sends the same to a server and to a sandbox, and expects the same answers. Returns the last ones. */
async function compare(urls: { bare: string; sandboxed: string }, steps: readonly (string | Buffer[])[], ends = false) {
  const [bare, sandboxed] = await Promise.all([WireClient.connect(urls.bare), WireClient.connect(urls.sandboxed)])
  let last: string[] = []
  for (const step of steps) {
    const messages = typeof step === 'string' ? [query(step)] : step
    const [expected, actual] = await Promise.all([bare.send(messages), sandboxed.send(messages)])
    expect(actual, `after ${step}`).toEqual(expected)
    last = expected
  }
  if (ends) {
    const [expected, actual] = await Promise.all([bare.send([], 1), sandboxed.send([], 1)])
    expect(actual).toEqual(expected)
    last = expected
  }
  bare.close()
  sandboxed.close()
  return last
}

const names = ['idle_session_timeout', 'idle_in_transaction_session_timeout', 'transaction_timeout']

for (const mode of ['transaction', 'direct'] as const) {
  for (const name of names) {
    test(`${name} is set, shown and reset as on a server (${mode})`, async ({ sandbox, emptyDatabase }) => {
      if (mode === 'transaction') sandbox.open()
      else sandbox.openDirect()
      const show = `show ${name}`
      await compare({ bare: emptyDatabase.url, sandboxed: sandbox.url }, [
        show,
        `set ${name} = 60000`,
        show,
        `set ${name} to '90s'`,
        show,
        `SET SESSION ${name} = '1.5h'`,
        [parse('', show), bindAndExecute(''), sync],
        `set ${name} = nope`,
        `set ${name} = '1 parsec'`,
        `set ${name} = -1`,
        show,
        'begin',
        `set ${name} = '2h'`,
        'savepoint a',
        `set ${name} = '3h'`,
        show,
        'rollback to a',
        show,
        `set local ${name} = '4h'`,
        show,
        'commit',
        show,
        'begin',
        `set ${name} = '5h'`,
        'rollback',
        show,
        'begin',
        `set ${name} = nope`,
        show,
        'rollback',
        `set local ${name} = '6h'`,
        show,
        `set ${name} to default`,
        show,
        [parse('', `set ${name} = '7h'`), bindAndExecute(''), sync],
        show,
        `reset ${name}`,
        show,
        `set ${name} = '8h'`,
        'reset all',
        show,
        `set ${name} = '9h'`,
        'discard all',
        show,
      ])
      await sandbox.close()
    })
  }
}

// A server that does not know the timeout says so, and nothing ends.
const endings: Record<string, (string | Buffer[])[]> = {
  'idle in a transaction': [
    "set idle_in_transaction_session_timeout = '150ms'",
    'begin',
    'insert into t values ((1e9 * random())::int)',
  ],
  'idle in a failed transaction': ["begin; set idle_in_transaction_session_timeout = '150ms'", 'savepoint s', 'selec'],
  'idle outside a transaction': ['begin', 'commit', "set idle_session_timeout = '150ms'"],
  'a transaction that takes too long': [
    "set transaction_timeout = '150ms'",
    'begin',
    'insert into t values ((1e9 * random())::int)',
  ],
  'a timeout that a block sets': [
    'begin',
    "do $$ begin set idle_in_transaction_session_timeout = '150ms'; end $$",
    'insert into t values ((1e9 * random())::int)',
  ],
  'a timeout that a block sets for its transaction': [
    "begin; do $$ begin set local transaction_timeout = '150ms'; end $$",
  ],
  'a timeout that a block has set before': [
    "do $$ begin set idle_in_transaction_session_timeout = '150ms'; end $$",
    'show idle_in_transaction_session_timeout',
    'begin',
    'insert into t values ((1e9 * random())::int)',
  ],
  'a timeout for this transaction': [
    'begin',
    "set local transaction_timeout = '150ms'",
    'insert into t values ((1e9 * random())::int)',
  ],
}

for (const [what, steps] of Object.entries(endings)) {
  test(`a session ends by its timeout: ${what}`, async ({ sandbox, pool, outside, emptyDatabase }) => {
    sandbox.open()
    const ends = await isKnown(outside, /\w+_timeout/.exec(steps.join())?.[0] ?? '')
    const last = await compare({ bare: emptyDatabase.url, sandboxed: sandbox.url }, steps, ends)
    if (ends) {
      expect(last).toEqual([expect.stringMatching(/^ErrorResponse FATAL (25P0[34]|57P05) terminating/), '(closed)'])
    }
    expect(await scalar(pool, 'select count(*)::int from t')).toBe(0)
    expect(await sandbox.close()).toMatchObject({ active: [], contentions: [], broken: undefined })
  })
}

test('a statement that runs longer than its transaction may is ended', async ({
  sandbox,
  pool,
  outside,
  emptyDatabase,
}) => {
  const [sleep, end] = (await isKnown(outside, 'transaction_timeout'))
    ? ['600', ['ErrorResponse FATAL 25P04 terminating connection due to transaction timeout', '(closed)']]
    : ['0.3', ['CommandComplete SELECT 1.', 'ReadyForQuery I']]
  sandbox.open()
  for (const url of [emptyDatabase.url, sandbox.url]) {
    const client = await WireClient.connect(url)
    await client.send([query("set transaction_timeout = '150ms'")])
    const last = await client.send([query(`select pg_sleep(${sleep})`)])
    expect(last.slice(-2)).toEqual(end)
    client.close()
  }
  expect(await scalar(pool, 'select 7')).toBe(7)
  expect(await sandbox.close()).toMatchObject({ active: [], broken: undefined })
})

test('a timeout of the startup packet is enforced', async ({ sandbox, emptyDatabase }) => {
  sandbox.open()
  const options = `options=${encodeURIComponent('-c idle_session_timeout=200')}`
  const urls = { bare: `${emptyDatabase.url}?${options}`, sandboxed: `${sandbox.url}?${options}` }
  const show = 'show idle_session_timeout'
  await compare(urls, [show, "set idle_session_timeout = '1h'", show, 'reset idle_session_timeout', show], true)
  await sandbox.close()
})

test('a session that runs a statement is not idle', async ({ sandbox, emptyDatabase }) => {
  sandbox.open()
  const steps = ["set idle_session_timeout = '150ms'", 'select pg_sleep(0.4)', 'reset idle_session_timeout', 'select 1']
  await compare({ bare: emptyDatabase.url, sandboxed: sandbox.url }, steps)
  await sandbox.close()
})

test('set_config() of such a timeout is rejected, since it would end all sessions', async ({
  sandbox,
  pool,
  outside,
}) => {
  sandbox.open()
  for (const name of names) {
    const refusal = (await isKnown(outside, name)) ? { code: '0A000', hint: `Use SET ${name}.` } : { code: '42704' }
    await expect(pool.query(`select set_config('${name}', '1ms', false)`)).rejects.toMatchObject(refusal)
  }
  await sandbox.close()
})

test('set_config() of a timeout is rejected in the query of a COPY or a cursor, by both query protocols', async ({
  sandbox,
  pool,
}) => {
  sandbox.open()
  const name = 'idle_in_transaction_session_timeout'
  const call = `select set_config('${name}', '1ms', false)`
  const client = await pool.connect()
  for (const text of [`copy (${call}) to stdout`, `declare c cursor for ${call}`]) {
    for (const sent of [text, { text, name: text.slice(0, 4) }]) {
      await client.query('begin')
      await expect(client.query(sent)).rejects.toMatchObject({ code: '0A000', hint: `Use SET ${name}.` })
      await client.query('rollback')
    }
  }
  client.release()
  await sandbox.close()
})

test('what a transaction has set is set again when it becomes writable, but no timeout of the shared connection', async ({
  sandbox,
  pool,
}) => {
  sandbox.open()
  const options = '-c idle_in_transaction_session_timeout=1h -c work_mem=2MB'
  const client = new pg.Client({ connectionString: sandbox.url, options })
  await client.connect()
  await client.query('set work_mem to 3000; begin read only')
  await client.query("set local idle_in_transaction_session_timeout = '2h'; set app.tenant = 'ada'; reset all")
  await client.query('set transaction read write')
  expect(await scalar(client, "select current_setting('idle_in_transaction_session_timeout')")).toBe('0')
  expect(await scalar(client, 'show work_mem')).toBe('2MB')
  await client.query('commit')
  expect(await scalar(pool, "select current_setting('idle_in_transaction_session_timeout')")).toBe('0')
  await client.end()
  await sandbox.close()
})

test('a timeout of transactions that the database has does not end the shared transaction', async ({
  emptyDatabase,
  outside,
}) => {
  const isNew = await isKnown(outside, 'transaction_timeout')
  const timeout = isNew ? 'transaction_timeout' : 'idle_in_transaction_session_timeout'
  const name = new URL(emptyDatabase.url).pathname.slice(1)
  await outside.query(`alter database "${name}" set ${timeout} = '100ms'`)
  const sandbox = await Sandbox.connect(emptyDatabase.url)
  sandbox.open()
  const pool = new SandboxPool(sandbox, 'pool')
  await pool.query('insert into t values (1)')
  await pool.query("set work_mem = '5MB'; reset all; select pg_sleep(0.2)")
  await pool.query('begin; select pg_sleep(0.2)')
  await pool.query('commit')
  expect(await scalar(pool, 'select count(*)::int from t')).toBe(1)
  expect(await sandbox.close()).toMatchObject({ broken: undefined })
  await sandbox.dispose()
})

test('a client is not idle if this process had no time to read what it has sent', async ({ sandbox }) => {
  sandbox.open()
  const client = new pg.Client(sandbox.url)
  client.on('error', () => undefined)
  await client.connect()
  await client.query("set idle_in_transaction_session_timeout = '100ms'")
  await client.query('begin')
  const answer = scalar(client, 'select 7')
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 150)
  expect(await answer).toBe(7)
  await client.end()
  await sandbox.close()
})
