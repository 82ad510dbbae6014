/** The behaviour of a sandbox as ordinary clients see it. */
import { once } from 'node:events'
import { expect } from '@playwright/test'
import pg from 'pg'
import { bindAndExecute, flush, parse, query, sync } from '../protocol/frontend-messages.ts'
import { impatience, scalar, test } from '../testing/sandbox-fixture.ts'
import { WireClient } from '../testing/wire-client.ts'

const count = 'select count(*)::int from t'

test('committed work is rolled back at close, and is never visible outside', async ({ sandbox, pool, outside }) => {
  sandbox.open()
  await pool.query('begin; insert into t values (1); commit')
  expect(await scalar(pool, count)).toBe(1)
  expect(await scalar(outside, count)).toBe(0)
  expect(await sandbox.close()).toMatchObject({ active: [], contentions: [], broken: undefined })

  sandbox.open()
  expect(await scalar(pool, count)).toBe(0)
  await sandbox.close()
  expect(await scalar(outside, count)).toBe(0)
})

test('a failed statement does not affect later ones', async ({ sandbox, pool }) => {
  sandbox.open()
  await pool.query("insert into t values (1, 'a')")
  await expect(pool.query("insert into t values (2, 'a')")).rejects.toMatchObject({ code: '23505' })
  await pool.query("insert into t values (2, 'b')")
  expect(await scalar(pool, count)).toBe(2)
  await sandbox.close()
})

test('two transactions run one after the other, in the order of their first statements', async ({ sandbox, pool }) => {
  sandbox.open()
  const [first, second] = [await pool.connect(), await pool.connect()]
  await Promise.all([first.query('begin'), second.query('begin')])
  await first.query('insert into t values (1)')
  const seen: string[] = []
  const waiting = second.query(count).then(({ rows }) => seen.push(`second sees ${rows[0].count}`))
  await first.query('insert into t values (2)')
  seen.push('first commits')
  await first.query('commit')
  await waiting
  expect(seen).toEqual(['first commits', 'second sees 2'])
  await second.query('rollback')
  first.release()
  second.release()
  await sandbox.close()
})

test('a rollback undoes only its own transaction', async ({ sandbox, pool }) => {
  sandbox.open()
  await pool.query('insert into t values (1)')
  await pool.query('begin; insert into t values (2); rollback')
  expect(await scalar(pool, count)).toBe(1)
  await sandbox.close()
})

const impatient = test.extend(impatience)

impatient(
  'a wait behind an idle transaction ends in an error with the holder and a remedy',
  async ({ sandbox, pool }) => {
    sandbox.open()
    const holder = await pool.connect()
    await holder.query('begin')
    await holder.query('insert into t values (1)')
    const error = await pool.query('select 42').catch((thrown: pg.DatabaseError) => thrown)
    expect(error).toMatchObject({
      code: '55P03',
      message: expect.stringMatching(
        /waiting: select 42 .*sandbox\.db\.test\.ts:\d+[\s\S]*holding: insert into t values \(1\) .*sandbox\.db\.test\.ts:\d+[\s\S]*Release.*isolation: 'database'/,
      ),
    })
    await holder.query('commit')
    expect(await scalar(pool, count)).toBe(1)
    holder.release()
    const { contentions } = await sandbox.close()
    expect(contentions).toHaveLength(1)
  },
)

for (const [what, messages] of [
  ['a batch without a Sync', [parse('', 'insert into t values (1)'), bindAndExecute(''), flush]],
  ['a COPY', [query('copy t from stdin')]],
] as const) {
  impatient(`a wait behind ${what} that its client does not continue times out`, async ({ sandbox, pool, outside }) => {
    sandbox.open()
    const client = await WireClient.connect(sandbox.url)
    void client.send(messages)
    const locked = `select count(*)::int from pg_locks where relation = 't'::regclass and mode = 'RowExclusiveLock'`
    await expect.poll(() => scalar(outside, locked), { intervals: [20] }).toBe(1)
    await expect(pool.query('select 1')).rejects.toMatchObject({ code: '55P03' })
    client.close()
    expect(await scalar(pool, count)).toBe(0)
    await sandbox.close()
  })
}

test('statements between tests are refused, and the connection stays open', async ({ sandbox, pool }) => {
  sandbox.open()
  const client = await pool.connect()
  await client.query('select 1')
  await sandbox.close()
  await expect(client.query('select 1')).rejects.toMatchObject({ code: '57P03', message: /closed: no test is running/ })
  await expect(client.query('select $1::int', [1])).rejects.toMatchObject({ code: '57P03' })
  await expect(client.query('begin')).rejects.toMatchObject({ code: '57P03' })
  sandbox.open()
  expect(await scalar(client, 'select 1')).toBe(1)
  client.release()
  await sandbox.close()
})

test('a session keeps its settings and prepared statements in the next test', async ({ sandbox, pool }) => {
  sandbox.open()
  const [mine, other] = [await pool.connect(), await pool.connect()]
  await mine.query("set timezone = 'Asia/Tokyo'")
  await mine.query("set app.tenant = 'seven'")
  await mine.query({ name: 'q', text: 'select $1::int + 1', values: [1] })
  await other.query({ name: 'q', text: 'select $1::text', values: ['x'] })
  await sandbox.close()

  sandbox.open()
  expect(await scalar(other, 'show timezone')).not.toBe('Asia/Tokyo')
  expect(await scalar(mine, 'show timezone')).toBe('Asia/Tokyo')
  expect(await scalar(mine, 'show app.tenant')).toBe('seven')
  const { rows } = await mine.query({ name: 'q', text: 'select $1::int + 1', values: [1] })
  expect(rows).toEqual([{ '?column?': 2 }])
  mine.release()
  other.release()
  await sandbox.close()
})

test('a setting that was rolled back stays so in the next test', async ({ sandbox, pool }) => {
  sandbox.open()
  const client = await pool.connect()
  await client.query("begin; set timezone = 'Asia/Tokyo'; rollback")
  await client.query("begin; set local timezone = 'Asia/Tokyo'; commit")
  expect(await scalar(client, 'show timezone')).not.toBe('Asia/Tokyo')
  await sandbox.close()
  sandbox.open()
  expect(await scalar(client, 'show timezone')).not.toBe('Asia/Tokyo')
  client.release()
  await sandbox.close()
})

test('a session with an open transaction at the end of the test is terminated and reported', async ({
  sandbox,
  pool,
}) => {
  sandbox.open()
  const client = new pg.Client(sandbox.url)
  const ended = new Promise<pg.DatabaseError>(resolve => client.once('error', resolve))
  client.on('error', () => undefined)
  await client.connect()
  await client.query('begin')
  await client.query('insert into t values (7)')
  const { active } = await sandbox.close()
  expect(active).toEqual([expect.stringContaining('insert into t values (7)')])
  expect(await ended).toMatchObject({ code: '57P01', message: /test has ended/ })

  sandbox.open()
  expect(await scalar(pool, count)).toBe(0)
  await sandbox.close()
})

test('a statement that runs at the end of the test is cancelled', async ({ sandbox, pool }) => {
  sandbox.open()
  const client = await pool.connect()
  client.on('error', () => undefined)
  await client.query('insert into t values (1)')
  const endless = client.query('select pg_sleep(600)').catch((error: Error) => error)
  const { active, broken } = await sandbox.close()
  expect(active).toHaveLength(1)
  expect(broken).toBeUndefined()
  expect(await endless).toBeInstanceOf(Error)

  sandbox.open()
  expect(await scalar(pool, count)).toBe(0)
  await sandbox.close()
})

for (const [where, unfinished] of [
  ['in a transaction', undefined],
  ['in a statement', 'select pg_sleep(600)'],
  ['in a COPY', 'copy t from stdin'],
] as const) {
  test(`the work of a client that disconnects ${where} is rolled back, and other sessions continue`, async ({
    sandbox,
    pool,
    outside,
  }) => {
    sandbox.open()
    const client = await WireClient.connect(sandbox.url)
    await client.send([query('begin'), query('insert into t values (1)')])
    if (unfinished) {
      void client.send([query(unfinished)])
      const running = `select count(*)::int from pg_stat_activity where query = '${unfinished}' and state = 'active'`
      await expect.poll(() => scalar(outside, running)).toBe(1)
    }
    const waiting = scalar(pool, count)
    client.close()
    expect(await waiting).toBe(0)
    expect(await sandbox.close()).toMatchObject({ active: [], broken: undefined })
  })
}

test('in direct mode, each session commits for real', async ({ sandbox, pool, outside }) => {
  sandbox.openDirect()
  const [first, second] = [await pool.connect(), await pool.connect()]
  await first.query('begin')
  await first.query('insert into t values (1)')
  expect(await scalar(second, count)).toBe(0)
  await first.query('commit')
  expect(await scalar(second, count)).toBe(1)
  first.release()
  second.release()
  expect((await sandbox.close()).usedDatabase).toBe(true)
  expect(await scalar(outside, count)).toBe(1)
  // Only the sandbox's own connection and this one remain.
  const others = 'select count(*)::int from pg_stat_activity where datname = current_database()'
  expect(await scalar(outside, others)).toBe(2)
})

test('a session keeps its settings and statements between the shared transaction and direct mode', async ({
  sandbox,
  pool,
}) => {
  const named = { name: 'q', text: 'select $1::int + 1 as n', values: [1] }
  sandbox.openDirect()
  const client = await pool.connect()
  await client.query("set timezone = 'Asia/Tokyo'")
  await client.query(named)
  await sandbox.close()
  for (const open of [() => sandbox.open(), () => sandbox.openDirect(), () => sandbox.open()]) {
    open()
    expect(await scalar(client, 'show timezone')).toBe('Asia/Tokyo')
    expect((await client.query(named)).rows).toEqual([{ n: 2 }])
    await sandbox.close()
  }
  client.release()
})

test('advisory locks, temporary tables and held cursors end with the test, or the start-up, that made them', async ({
  sandbox,
  pool,
}) => {
  const client = await pool.connect()
  for (const open of [() => sandbox.openDirect(), async () => sandbox.open()]) {
    await open()
    await client.query('select pg_advisory_lock(1)')
    await client.query('create temp table own ()')
    await client.query('declare held cursor with hold for select')
    await sandbox.close()
  }
  sandbox.open()
  expect(await scalar(pool, 'select pg_try_advisory_lock(1)')).toBe(true)
  await expect(client.query('select from own')).rejects.toMatchObject({ code: '42P01' })
  await expect(client.query('fetch held')).rejects.toMatchObject({ code: '34000' })
  client.release()
  await sandbox.close()
})

test('messages without a Sync run when the client pauses, and their error reaches it, as on a server', async ({
  sandbox,
  emptyDatabase,
  outside,
}) => {
  sandbox.open()
  for (const url of [emptyDatabase.url, sandbox.url]) {
    const client = new pg.Client(url)
    client.on('error', () => undefined)
    await client.connect()
    const { connection } = client
    const send = (...messages: Buffer[]) => connection.stream.write(Buffer.concat(messages))
    const isDone = once(connection, 'commandComplete')
    const isRefused = once(connection, 'errorMessage')
    send(parse('', "insert into t values (1, 'first')"), bindAndExecute(''))
    send(parse('', 'select 1/0'), bindAndExecute(''), parse('', 'select 2'), bindAndExecute(''))
    expect((await isRefused)[0]).toMatchObject({ code: '22012' })
    await isDone
    const isReady = once(connection, 'readyForQuery')
    send(parse('', 'select 3'), bindAndExecute(''), sync)
    expect((await isReady)[0]).toMatchObject({ status: 'I' })
    connection.stream.destroy()
  }
  expect(await scalar(outside, count)).toBe(0)
  await sandbox.close()
})

test('a wrong password is refused', async ({ sandbox }) => {
  sandbox.open()
  const url = new URL(sandbox.url)
  url.password = 'x'.repeat(url.password.length)
  await expect(new pg.Client(url.href).connect()).rejects.toMatchObject({ code: '28P01' })
  await sandbox.close()
})

test('a lost connection is reported at close, and the sandbox cannot be opened again', async ({
  sandbox,
  pool,
  outside,
}) => {
  sandbox.open()
  const backend = await scalar(pool, 'select pg_backend_pid()')
  await outside.query('select pg_terminate_backend($1)', [backend])
  await expect(pool.query('select 1')).rejects.toThrow(/terminat|lost/)
  const { broken } = await sandbox.close()
  expect(broken?.message).toContain('terminating connection due to administrator command')
  expect(() => sandbox.open()).toThrow('The sandbox is broken')
})

test('PREPARE TRANSACTION is refused with a remedy', async ({ sandbox, pool }) => {
  sandbox.open()
  await expect(pool.query("begin; insert into t values (1); prepare transaction 'x'")).rejects.toMatchObject({
    code: '0A000',
    hint: expect.stringContaining("isolation: 'database'"),
  })
  expect(await scalar(pool, count)).toBe(0)
  await sandbox.close()
})

test('a refused PREPARE TRANSACTION ends the transaction, as on a server', async ({ sandbox, pool }) => {
  sandbox.open()
  const client = await pool.connect()
  for (const begin of ['begin; insert into t values (1)', 'begin; savepoint a; insert into t values (1)']) {
    await client.query(begin)
    await expect(client.query("prepare transaction 'x'")).rejects.toMatchObject({ code: '0A000' })
    // Another client need not wait for it.
    expect(await scalar(pool, count)).toBe(0)
    expect(await scalar(client, count)).toBe(0)
  }
  await client.query('begin')
  const prepared = client.query({ name: 'prepared', text: "prepare transaction 'x'" })
  await expect(prepared).rejects.toMatchObject({ code: '0A000' })
  expect(await scalar(pool, count)).toBe(0)
  await expect(client.query("insert into t values (1); prepare transaction 'x'")).rejects.toMatchObject({
    code: '0A000',
  })
  expect(await scalar(pool, count)).toBe(0)
  client.release()
  await sandbox.close()
})

test('a role without rights to the schema of an immediate constraint can commit', async ({ sandbox, pool }) => {
  sandbox.open()
  const role = `limited_${process.pid}`
  await pool.query(`
    create schema hidden;
    create table hidden.u (id int unique deferrable);
    create table p (id int primary key);
    create table d (id int references p deferrable initially deferred);
    create role ${role};
    grant all on p, d to ${role}`)
  const client = await pool.connect()
  await client.query(`set role ${role}`)
  await client.query('begin; insert into d values (1); insert into p values (1); commit')
  expect(await scalar(client, 'select current_user')).toBe(role)
  await client.query('reset role')
  await client.query('begin')
  await expect(client.query('insert into hidden.u values (1), (1)')).rejects.toMatchObject({ code: '23505' })
  client.release(true)
  await sandbox.close()
})

test('a pool reports the call sites of unreleased clients', async ({ sandbox, pool }) => {
  sandbox.open()
  const client = await pool.connect()
  expect(pool.unreleased.map(site => site.place)).toEqual([expect.stringMatching(/sandbox\.db\.test\.ts:\d+:\d+/)])
  client.release()
  expect(pool.unreleased).toEqual([])
  await sandbox.close()
})

test('statements after a lost connection fail instead of waiting', async ({ sandbox, pool, outside }) => {
  sandbox.open()
  const client = await pool.connect()
  await client.query('begin')
  await outside.query('select pg_terminate_backend($1)', [await scalar(client, 'select pg_backend_pid()')])
  await expect(async () => client.query('select 1')).rejects.toThrow()
  await expect(pool.query('select 1')).rejects.toThrow('lost its connection')
  client.release()
  await sandbox.close()
})

test('a statement that ends the shared transaction is detected and reported', async ({ sandbox, pool }) => {
  sandbox.open()
  const client = await pool.connect()
  await client.query('insert into t values (1)')
  // The sandbox parses the text with the session's current setting, and so reads the quoted commit as part of a string.
  const text = String.raw`set standard_conforming_strings = off; begin; select 'x\''; commit; --'`
  await expect(client.query(text)).rejects.toThrow('shared transaction was ended')
  client.release()
  await expect(pool.query('select 1')).rejects.toMatchObject({ code: '57P03' })
  const { broken } = await sandbox.close()
  expect(broken?.message).toContain('commit')
  expect(() => sandbox.open()).toThrow('The sandbox is broken')
})

test('an unreleased advisory lock is released before the next test', async ({ sandbox, pool, outside }) => {
  sandbox.open()
  await pool.query('select pg_advisory_lock(7)')
  await sandbox.close()
  sandbox.open()
  expect(await scalar(outside, 'select pg_try_advisory_lock(7)')).toBe(true)
  await sandbox.close()
})

test('statements of PREPARE stay available to their session across tests, without conflicts between sessions', async ({
  sandbox,
  outside,
}) => {
  const client = new pg.Client(sandbox.url)
  sandbox.open()
  await client.connect()
  await client.query('prepare s (int) as select $1 + 1')
  expect(await scalar(client, 'execute s (1)')).toBe(2)
  await sandbox.close()
  sandbox.openDirect()
  expect(await scalar(client, 'execute s (2)')).toBe(3)
  const other = new pg.Client(sandbox.url)
  await other.connect()
  await other.query('prepare s as select 7')
  expect(await scalar(other, 'execute s')).toBe(7)
  await sandbox.close()
  sandbox.open()
  expect(await scalar(client, 'execute s (3)')).toBe(4)
  expect(await scalar(other, 'execute s')).toBe(7)
  await sandbox.close()
  expect(await scalar(outside, 'select count(*)::int from pg_prepared_statements')).toBe(0)
  await client.end()
  await other.end()
})

test('PREPARE applies on every connection of a session, whatever its names and types', async ({ sandbox }) => {
  const client = new pg.Client(sandbox.url)
  sandbox.open()
  await client.connect()
  await client.query('prepare "as" as select 1')
  await client.query('prepare /* as */ p as select 2')
  await client.query('prepare typed (text, "char") as select pg_typeof($1)::text || pg_typeof($2)::text')
  await client.query('prepare "Ünï as" (bigint) as select pg_typeof($1)::text')
  await sandbox.close()
  for (const open of [() => sandbox.openDirect(), () => sandbox.open()]) {
    open()
    expect(await scalar(client, 'execute "as"')).toBe(1)
    expect(await scalar(client, 'execute p')).toBe(2)
    expect(await scalar(client, "execute typed ('a', 'b')")).toBe('text"char"')
    expect(await scalar(client, 'execute "Ünï as" (1)')).toBe('bigint')
    expect((await client.query({ name: 'by protocol', text: 'execute "Ünï as" (2)' })).rows).toEqual([
      { pg_typeof: 'bigint' },
    ])
    await client.query('deallocate p')
    await client.query('prepare p as select 2')
    await sandbox.close()
  }
  await client.end()
})

test('prepared statements of an ended session are closed, and others are kept', async ({ sandbox, outside }) => {
  const shown =
    "select string_agg(statement, ' ' order by statement) from pg_prepared_statements where name like '%\\_s'"
  const [gone, stays] = [new pg.Client(sandbox.url), new pg.Client(sandbox.url)]
  sandbox.open()
  for (const client of [gone, stays]) await client.connect()
  await gone.query({ name: 's', text: 'select 1' })
  await stays.query({ name: 's', text: 'select 2' })
  expect(await scalar(stays, shown)).toBe('select 1 select 2')
  await gone.end()
  await expect.poll(() => scalar(outside, 'select count(*)::int from t')).toBe(0)
  await sandbox.close()
  sandbox.open()
  expect(await scalar(stays, shown)).toBe('select 2')
  await sandbox.close()
  await stays.end()
})
