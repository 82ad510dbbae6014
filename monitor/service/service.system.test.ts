import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { promisify } from 'node:util'
import { expect } from '@playwright/test'
import type pg from 'pg'
import { membersOf } from '../../postgres/run/watchdog/process-group.mjs'
import { answers, service } from '../testing/breaking-service-fixture.ts'
import { monthsAway } from '../testing/months-away.ts'
import { test } from '../testing/service-fixture.ts'
import { slotStates } from '../testing/store-fixture.ts'

const defaults = { confirm: { down: 2, up: 1, every: '1s' } }

test('a service that breaks is down once that is confirmed, and up again when it works', async ({
  serve,
  project,
  startMonitor,
  replayNow,
  store,
}) => {
  const { state, listener } = service()
  const folder = await project(await serve(listener), {
    defaults,
    // Its first replay is at once, its next one in some months.
    checks: { users: { specs: 'a.spec.ts', cron: monthsAway() } },
    files: { 'a.spec.ts': answers },
  })
  const monitor = await startMonitor(folder)
  await monitor.says('users is up')
  state.status = 500
  await replayNow('users')
  await monitor.says('users is down')
  state.status = 200
  await replayNow('users')
  await monitor.says('users is up')
  monitor.process.kill('SIGTERM')
  expect(await monitor.result).toMatchObject({ code: 0, stdout: expect.stringMatching(/Stopped\.\n$/), stderr: '' })
  const { rows } = await store.query(
    `select reason, detail -> 'specs' -> 0 -> 'attempts' -> 0 -> 'requests' -> 0 ->> 'status' as status, duration_ms
       from reprise.replays where outcome = 'failed' limit 1`,
  )
  expect(rows).toEqual([
    { reason: expect.stringContaining('answers: '), status: '500', duration_ms: expect.any(Number) },
  ])
})

test('a service that answers a creation with an error is down before it is known whether it has created something', async ({
  serve,
  project,
  startMonitor,
  store,
}) => {
  const url = await serve((request, response) => {
    const found = request.method === 'GET' ? '[]' : ''
    response.writeHead(request.method === 'POST' ? 500 : 200, { 'content-type': 'application/json' }).end(found)
  })
  const nested = await project(url, {
    environment: {
      writes: 'cleaned',
      cleanup: [{ create: 'POST /orders', remove: 'DELETE /orders/{body.id}', find: 'GET /orders?ref={request.ref}' }],
    },
    defaults,
    checks: { orders: { specs: 'a.spec.ts', cron: monthsAway() } },
    files: {
      'a.spec.ts': `test('orders', async ({ request, unique }) => {
        expect((await request.post('/orders', { data: { ref: unique.name() } })).status()).toBe(201)
      })`,
    },
  })
  const monitor = await startMonitor(nested)
  await monitor.says('orders is down')
  // For half a minute the service may still be creating it.
  const open = `select from reprise.intents where intent ->> 'method' = 'POST'`
  expect((await store.query(open)).rowCount).toBeGreaterThan(1)
  monitor.process.kill('SIGTERM')
  expect(await monitor.result).toMatchObject({ code: 0, stderr: '' })
})

test('a check without any result does not fall with an outage, and stays in no incident', async ({
  serve,
  project,
  startMonitor,
  replayNow,
  store,
}) => {
  const { state, listener, goOn } = service()
  const nested = await project(await serve(listener), {
    // So that no other test runs beside the one that hangs.
    environment: { workers: 1 },
    defaults: { ...defaults, timeout: '3s', confirm: { down: 1, up: 1, every: '1s' } },
    checks: {
      users: { specs: 'a.spec.ts', cron: monthsAway() },
      skipping: { specs: 'last.spec.ts', cron: monthsAway() },
      new: { specs: 'b.spec.ts', cron: monthsAway() },
    },
    files: {
      'a.spec.ts': answers,
      'last.spec.ts': `test('needs the database', async ({ db }) => { await db.query('select 1') })`,
      // It never passes.
      'b.spec.ts': `test('skips itself while the service responds', async ({ request }) => {
        if ((await request.get('/')).ok()) test.skip(true, 'the service is well')
      })`,
    },
  })
  const monitor = await startMonitor(nested)
  await monitor.says('users is up')
  state.hangs = true
  await replayNow('users', 'skipping', 'new')
  await monitor.says('users is down')
  // It was run, and has failed by itself.
  const stateOfNew = async () =>
    (await store.query(`select state from reprise.checks where name = 'new'`)).rows[0]?.state
  await expect.poll(stateOfNew).toBe('down')
  goOn()
  await replayNow('users', 'skipping', 'new')
  await monitor.says('users is up')
  const { rows } = await store.query(
    `select distinct outcome, reason from reprise.replays where check_name = 'skipping' and outcome is not null`,
  )
  expect(rows).toEqual([{ outcome: 'unknown', reason: 'none of its specs can be replayed' }])
})

test('a muted monitor alerts nothing; the next unmuted one alerts what is still down, once, also when it is killed and started again', async ({
  serve,
  project,
  startMonitor,
  replayNow,
  store,
}) => {
  const { state, listener } = service()
  state.status = 500
  const keys = new Set<string>()
  const kinds: string[] = []
  let onMessage: () => void = () => undefined
  const channel = await serve(async (request, response) => {
    const { kind, idempotencyKey } = Object(JSON.parse(await text(request)))
    // What was not noted as accepted when the monitor was killed is repeated with its key. A busy machine may skip a slot, which
    // is reported as well.
    if (!['trouble', 'unknown', 'known'].includes(kind) && !keys.has(idempotencyKey)) kinds.push(kind)
    keys.add(idempotencyKey)
    response.end()
    onMessage()
  })
  const nested = await project(await serve(listener), {
    defaults: { confirm: { down: 1, up: 1 }, channels: ['desk'] },
    channels: { desk: { kind: 'webhook', url: channel } },
    checks: { users: { specs: 'a.spec.ts', cron: monthsAway() } },
    files: { 'a.spec.ts': answers },
  })
  const muted = await startMonitor(nested, {}, ['--mute'])
  const waiting = await store.query(
    `insert into reprise.outbox (stream, channel, incident, position, message)
     values ('incident 77', 'desk', 77, 1, '{"kind":"up","environment":"production","checks":[]}') returning id`,
  )
  await muted.says('users is down')
  const outbox = 'select id, delivered_at from reprise.outbox'
  expect((await store.query(outbox)).rows).toEqual([{ ...waiting.rows[0], delivered_at: null }])
  muted.process.kill('SIGTERM')
  await muted.result
  expect(kinds).toEqual([])
  const both = new Promise<void>(resolve => {
    onMessage = () => kinds.length === 2 && resolve()
  })
  const killed = await startMonitor(nested)
  await replayNow('users')
  await both
  expect(kinds.sort()).toEqual(['down', 'up'])
  killed.process.kill('SIGKILL')
  await killed.result
  const failures = async () =>
    Number((await store.query(`select count(*) from reprise.replays where outcome = 'failed'`)).rows[0]?.count)
  const before = await failures()
  // As if the time had passed for which the killed one held a message.
  await store.query('update reprise.outbox set next_attempt = now() where delivered_at is null')
  await startMonitor(nested)
  await replayNow('users')
  await expect.poll(failures).toBeGreaterThan(before)
  const end = new Promise<void>(resolve => {
    onMessage = () => kinds.length > 2 && resolve()
  })
  state.status = 200
  await replayNow('users')
  await end
  expect(kinds.slice(2)).toEqual(['up'])
})

test('an edited configuration takes effect, an invalid one changes nothing, and no slot is lost, whoever waits for a page', async ({
  serve,
  project,
  startMonitor,
  store,
}) => {
  const { listener } = service()
  const nested = await project(await serve(listener), {
    defaults,
    // Rare enough that a busy machine starts each replay before the next one is due.
    checks: { users: { specs: 'a.spec.ts', cron: '*/5 * * * * *' } },
    files: { 'a.spec.ts': answers },
  })
  const monitor = await startMonitor(nested)
  await monitor.says('users is up')
  // Only the feed reads this table; so many requests would take all connections that a process has.
  const blocking = await store.connect()
  await blocking.query(
    'begin; set local idle_in_transaction_session_timeout = 0; lock table reprise.migrations in access exclusive mode',
  )
  const feeds = Array.from({ length: 20 }, () => fetch(new URL('/incidents.atom', monitor.url)))
  await expect.poll(() => waitingPages(store)).toBeGreaterThan(2)
  const file = path.join(nested.folder, 'monitor.config.mjs')
  const text = await readFile(file, 'utf8')
  await writeFile(file, text.replace('"a.spec.ts"', '5'))
  await monitor.says('The earlier configuration stays in force. monitor.config.mjs has a fault')
  await writeFile(file, text.replace('"users":', '"orders":{"specs":"a.spec.ts"},"users":'))
  await monitor.says('The changed configuration is active.')
  await monitor.says('orders is up')
  await blocking.query('rollback')
  blocking.release()
  for (const { status } of await Promise.all(feeds)) expect([200, 503]).toContain(status)
  const slotsOfUsers = async () =>
    (await slotStates(store)).filter(({ check, kind }) => check === 'users' && kind === 'cron')
  await expect.poll(async () => (await slotsOfUsers()).length).toBeGreaterThan(1)
  monitor.process.kill('SIGTERM')
  expect((await monitor.result).code).toBe(0)
  const slots = await slotsOfUsers()
  const [first, last] = [slots[0], slots.at(-1)]
  expect(slots.filter(({ state }) => state === 'missed')).toEqual([])
  expect(slots).toHaveLength((Number(last?.due) - Number(first?.due)) / 5000 + 1)
})

test('a replay under way may end when the monitor is asked to stop', async ({
  serve,
  project,
  startMonitor,
  store,
}) => {
  const { state, listener, goOn, request } = service()
  state.hangs = true
  const nested = await project(await serve(listener), {
    checks: { users: { specs: 'a.spec.ts' } },
    files: { 'a.spec.ts': answers },
  })
  const asked = request()
  const monitor = await startMonitor(nested)
  await asked
  monitor.process.kill('SIGTERM')
  await monitor.says('Stopping')
  goOn()
  expect((await monitor.result).code).toBe(0)
  expect(await slotStates(store)).toMatchObject([{ check: 'users', state: 'done' }])
  expect((await store.query('select outcome from reprise.replays')).rows).toEqual([{ outcome: 'passed' }])
  expect((await store.query('select from reprise.instances')).rowCount).toBe(0)
})

test('the replays of a killed monitor end with it, and are closed by the next monitor, not run again', async ({
  serve,
  project,
  startMonitor,
  store,
}) => {
  const { state, listener, replays, request } = service()
  state.hangs = true
  const nested = await project(await serve(listener), {
    checks: { users: { specs: 'a.spec.ts' } },
    files: { 'a.spec.ts': answers },
  })
  const asked = request()
  const killed = await startMonitor(nested)
  await asked
  const group = await playwrightUnder(killed.process.pid)
  expect(group).toBeDefined()
  killed.process.kill('SIGKILL')
  await once(killed.process, 'exit')
  await expect.poll(() => membersOf(Number(group))).toEqual([])
  // As if the times had passed: without a heartbeat, and of the next monitor's life.
  await store.query(`update reprise.instances set heartbeat_at = heartbeat_at - interval '1 hour'`)
  await startMonitor(nested)
  await store.query(`update reprise.instances set alive_since = alive_since - interval '1 hour'`)
  const outcome = async () => (await store.query('select outcome, reason, presumed from reprise.replays')).rows
  await expect.poll(outcome).toEqual([{ outcome: 'error', reason: 'monitor died', presumed: true }])
  expect(replays).toHaveLength(1)
})

test('two instances on one database share the work, and replay nothing twice; a service that fails every other time is down by 3 of 5', async ({
  serve,
  project,
  startMonitor,
  store,
}) => {
  const { listener } = service()
  let requests = 0
  const url = await serve((request, response) => {
    if (request.url === '/flaps') response.writeHead(++requests % 2 === 1 ? 503 : 200).end()
    else listener(request, response)
  })
  const names = ['a', 'b', 'c', 'd']
  const everyThird = '*/3 * * * * *'
  const often = { down: { failures: 3, of: 5 }, up: 1, every: '1s' }
  const nested = await project(url, {
    checks: {
      ...Object.fromEntries(names.map(name => [name, { specs: 'a.spec.ts', cron: everyThird }])),
      flaps: { specs: 'flaps.spec.ts', cron: everyThird, confirm: often },
      broken: { specs: 'broken.spec.ts', cron: monthsAway() },
    },
    files: {
      'a.spec.ts': answers,
      'flaps.spec.ts': answers.replace("'/'", "'/flaps'"),
      'broken.spec.ts': `import './not-there.ts'; ${answers}`,
    },
  })
  const monitors = await Promise.all([startMonitor(nested), startMonitor(nested)])
  const shares = async () => {
    const { rows } = await store.query(`select from reprise.runs group by instance having count(*) >= 2`)
    return rows.length
  }
  await expect.poll(shares, { timeout: 90_000 }).toBe(2)
  const incidents = async () =>
    (await store.query('select distinct check_name as name from reprise.incident_checks')).rows
  await expect.poll(incidents, { timeout: 90_000 }).toEqual([{ name: 'flaps' }])
  const broken = async () => {
    const { checks } = await (await fetch(new URL('/api/checks', monitors[0]?.url))).json()
    return checks.find(({ name }: { name: string }) => name === 'broken')
  }
  // It may be in a run of its own, which is not over yet.
  await expect
    .poll(broken)
    .toMatchObject({ state: 'unknown', lastReplay: { outcome: 'error' }, error: { kind: 'not run' } })
  for (const { process } of monitors) process.kill('SIGTERM')
  for (const { result } of monitors) expect(await result).toMatchObject({ code: 0, stderr: '' })
  const { rows } = await store.query(
    `select count(*) from reprise.replays a join reprise.replays b using (check_name)
      where a.id < b.id and tstzrange(a.started_at, a.ended_at) && tstzrange(b.started_at, b.ended_at)`,
  )
  expect(rows).toEqual([{ count: '0' }])
})

test('without REPRISE_MONITOR_DATABASE_URL the monitor has its own database, which a second monitor cannot open, and which survives SIGKILL', async ({
  serve,
  project,
  startMonitor,
}) => {
  const nested = await project(await serve(service().listener), {
    checks: { users: { specs: 'a.spec.ts' } },
    files: { 'a.spec.ts': answers },
  })
  const own = { REPRISE_MONITOR_DATABASE_URL: '' }
  const killed = await startMonitor(nested, own)
  await killed.says('users is up')
  const second = await nested.start(['start']).result
  expect(second).toMatchObject({
    code: 2,
    stderr: expect.stringContaining(`in use by the process ${killed.process.pid}:`),
  })
  killed.process.kill('SIGKILL')
  await killed.result
  const next = await startMonitor(nested, own)
  // It was not replayed again: this is the earlier state.
  await next.says('users is up')
  next.process.kill('SIGTERM')
  expect(await next.result).toMatchObject({ code: 0, stderr: '' })
})

/** Finds the Playwright process that a monitor has started; it leads a process group. */
async function playwrightUnder(pid: number | undefined): Promise<number | undefined> {
  const { stdout } = await promisify(execFile)('ps', ['-ww', '-eo', 'pid=,ppid=,args='])
  const child = new RegExp(`^ *(\\d+) +${pid} .*playwright.* test `, 'm').exec(stdout)
  return child ? Number(child[1]) : undefined
}

/** The number of connections of pages that wait for a lock. */
async function waitingPages(store: pg.Pool): Promise<number> {
  const { rowCount } = await store.query(
    `select from pg_stat_activity where datname = current_database() and query like '%migrations' and wait_event_type = 'Lock'`,
  )
  return rowCount ?? 0
}
