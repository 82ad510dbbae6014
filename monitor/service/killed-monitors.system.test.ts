/**
 * Monitors that are killed many times, while their target breaks and recovers and the receiver of their alerts fails.
 */
import { execFile } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import type { RequestListener } from 'node:http'
import { json } from 'node:stream/consumers'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import { expect } from '@playwright/test'
import type pg from 'pg'
import { soak } from '../../testing/soak.ts'
import { noMaintenance } from '../store/check-rules.ts'
import { enter, leave } from '../store/instances.ts'
import { reap } from '../store/reaper.ts'
import { migrate } from '../store/schema.ts'
import { orders } from '../testing/orders-fixture.ts'
import { test } from '../testing/service-fixture.ts'

const [rounds, atOnce] = [soak({ long: 10, short: 2 }), 5]
const names = Array.from({ length: 10 }, (_, index) => `check-${index}`)

test(`when monitors are killed at ${rounds * atOnce} random points, nothing happens twice, is lost or is left over`, {
  tag: '@soak',
}, async ({ serve, project, startMonitor, store, emptyDatabase }) => {
  test.setTimeout(1_200_000)
  const target = orders()
  const arrivals = new EventEmitter().setMaxListeners(0)
  target.onRequest = () => arrivals.emit('request')
  const seen = async (requests: number) => {
    for (let left = requests; left > 0; left--) await once(arrivals, 'request')
  }
  const receiver = unreliable()
  const baseURL = await serve(target.listener)
  const nested = await project(baseURL, {
    environment: { writes: 'cleaned', cleanup: [target.rule] },
    defaults: { confirm: { down: 2, up: 1, every: '1s' }, channels: ['oncall'] },
    channels: { oncall: { kind: 'webhook', url: await serve(receiver.listener) } },
    checks: Object.fromEntries(names.map(name => [name, { title: name, cron: '*/3 * * * * *' }])),
    files: {
      'a.spec.ts': `for (const name of ${JSON.stringify(names)}) test(name, async ({ request, unique }) => {
        expect((await request.post('/orders', { data: { ref: unique.id, name } })).status()).toBe(201)
      })`,
    },
  })
  await migrate(store)
  const incidents = async (which: string) => (await store.query(`select id from reprise.incidents where ${which}`)).rows
  const killSeveral = async () => {
    const monitors = Array.from({ length: atOnce }, () =>
      nested.start(['start', '--capacity', '2'], { REPRISE_MONITOR_DATABASE_URL: emptyDatabase.url }),
    )
    for (const [index, { process, result }] of monitors.entries()) {
      // Some are killed while they start, the others at work.
      const requests = index < 2 ? 0 : 1 + Math.floor(Math.random() * 4)
      await Promise.race([seen(requests), pause(10_000)])
      await pause(Math.random() * 250)
      process.kill('SIGKILL')
      await result
    }
    await takeForDead(store)
  }
  for (let round = 0; round < rounds / 2; round++) await killSeveral()
  target.brokenFor = ['check-0', 'check-1']
  const witness = await startMonitor(nested)
  await expect.poll(() => incidents('closed_at is null'), { timeout: 300_000 }).not.toEqual([])
  witness.process.kill('SIGKILL')
  await witness.result
  await takeForDead(store)
  for (let round = rounds / 2; round < rounds; round++) await killSeveral()
  await expect.poll(() => processesWith(baseURL)).toEqual([])

  target.brokenFor = []
  receiver.isReliable = true
  const last = await startMonitor(nested)
  const open = async () => {
    const { rows } = await store.query(`
      select (select count(*)::int from reprise.checks where state <> 'up') as "not up",
             (select count(*)::int from reprise.outbox where delivered_at is null) as undelivered,
             (select count(*)::int from reprise.intents) as intents`)
    return rows[0]
  }
  await expect.poll(open, { timeout: 300_000 }).toEqual({ 'not up': 0, undelivered: 0, intents: 0 })
  last.process.kill('SIGTERM')
  expect(await last.result).toMatchObject({ code: 0 })

  // Nothing is left in the target, and nothing ran twice.
  expect(target.created).toBeGreaterThan(rounds)
  expect([...target.rows.keys()]).toEqual([])
  expect(target.replays.length).toBe(new Set(target.replays).size)
  // Each replay has one outcome, which counts once.
  const { rows } = await store.query(`
    select (select count(*)::int from reprise.slots where state in ('claimed', 'running')) as "under way",
           (select count(*)::int from reprise.seats where taken_by is not null) as taken,
           (select count(*)::int from reprise.replays where outcome is null) as "without an outcome",
           (select count(*)::int from reprise.replays)
             - (select sum(passed + flaky + slow + failed + error + unknown)::int from reprise.rollups where period = 'day')
             as uncounted`)
  expect(rows).toEqual([{ 'under way': 0, taken: 0, 'without an outcome': 0, uncounted: 0 }])
  const known = (await store.query('select id, outcome from reprise.replays')).rows
  const ids = known.map(({ id }) => id)
  expect(target.replays.filter(id => !ids.includes(id))).toEqual([])
  const judged = known.filter(({ outcome }) => outcome === 'passed' || outcome === 'failed')
  expect(judged.filter(({ id }) => !target.replays.includes(id))).toEqual([])
  // Each incident has exactly one down and then exactly one up.
  const owed = await store.query(
    `select incident, message ->> 'kind' as kind, idempotency_key as key from reprise.outbox order by incident, position`,
  )
  for (const { id } of await incidents('true')) {
    const messages = owed.rows.filter(({ incident }) => incident === id)
    // Checks that join or recover in between are updates.
    expect(messages.map(({ kind }) => kind).filter(kind => kind !== 'update')).toEqual(['down', 'up'])
    expect(messages.at(0)?.kind).toBe('down')
    expect(messages.at(-1)?.kind).toBe('up')
    const arrivals = messages.map(({ key }) => receiver.taken.indexOf(key))
    expect(arrivals[0]).toBeGreaterThanOrEqual(0)
    expect(arrivals).toEqual([...arrivals].sort((a, b) => a - b))
    expect(new Set(arrivals).size).toBe(arrivals.length)
  }
})

/** A receiver that refuses half of the requests, or closes their connections. */
function unreliable() {
  const receiver = {
    isReliable: false,
    /** The keys of the messages that it has accepted. */
    taken: [] as string[],
    listener: (async (request, response) => {
      await json(request).catch(() => undefined)
      const chance = receiver.isReliable ? 1 : Math.random()
      if (chance < 0.25) response.writeHead(500).end()
      else {
        receiver.taken.push(String(request.headers['idempotency-key']))
        if (chance < 0.5) response.destroy()
        else response.writeHead(204).end()
      }
    }) satisfies RequestListener,
  }
  return receiver
}

/** Lets all times run out: heartbeats, holds of ledgers, attempts of deliveries. */
async function takeForDead(store: pg.Pool): Promise<void> {
  await store.query(`update reprise.instances set heartbeat_at = heartbeat_at - interval '1 hour'`)
  const own = await enter(store, { location: 'elsewhere', capacity: 1 })
  await store.query(`update reprise.instances set alive_since = alive_since - interval '1 hour'`)
  await reap(store, own, noMaintenance)
  await leave(store, own)
  await store.query(`update reprise.ledgers set held_until = '-infinity'`)
  await store.query('update reprise.outbox set next_attempt = now() where delivered_at is null')
}

/** Lists the processes with this text in their environment. */
async function processesWith(text: string): Promise<string[]> {
  const { stdout } = await promisify(execFile)('ps', ['axeww', '-o', 'pid=,command='], { maxBuffer: 1e8 })
  return stdout.split('\n').filter(line => line.includes(`REPRISE_TARGET=${text}`))
}
