/**
 * Runs random histories of checks that fall, join incidents, flap, become unknown, are renamed, routed and removed, and of
 * operators who acknowledge, through the store and the outbox, and compares the delivered messages with those that the verdicts require.
 */
import { randomUUID } from 'node:crypto'
import { expect } from '@playwright/test'
import type pg from 'pg'
import { randomNumbers, whole } from '../../testing/random.ts'
import { soak } from '../../testing/soak.ts'
import { createModel, type ExpectedNews, type Model } from '../testing/alert-model.ts'
import { openPreparedPool } from '../testing/prepared-pool.ts'
import { deliverAny, enterHome, outcomeOf, rules, test as storeTest } from '../testing/store-fixture.ts'
import type { Finding, Outcome } from '../verdict/finding.ts'
import { defaultPolicy } from '../verdict/policy.ts'
import { acknowledge, unacknowledge } from './acknowledgements.ts'
import { plainAlertRules } from './alert-rules.ts'
import type { CheckRules, IsInMaintenance } from './check-rules.ts'
import { setChecks } from './checks.ts'
import { claimDueSlots, type StartingReplay, startRun } from './claims.ts'
import { judgeClosed } from './judgement.ts'
import type { AlertedCheck, CheckMessage, News, SubjectMessage } from './messages.ts'
import type { Send } from './outbox.ts'
import { recordResult } from './replays.ts'
import type { Route } from './routes.ts'
import { planSlots } from './slots.ts'

const [parts, each] = [soak({ long: 20, short: 1 }), soak({ long: 500, short: 25 })]
/** Histories that no run has tried yet begin at a higher one. */
const firstSeed = Number(process.env.REPRISE_FIRST_SEED ?? 1)

const test = storeTest.extend({
  // With `pool`, the store is migrated.
  pool: async ({ pool: _, emptyDatabase }, use) => {
    const pool = openPreparedPool(emptyDatabase.url)
    await use(pool)
    await pool.end()
  },
})

test.describe.configure({ mode: 'parallel' })

for (let part = 0; part < parts; part++) {
  const [first, last] = [firstSeed + part * each, firstSeed + (part + 1) * each - 1]
  test(`histories ${first} to ${last}: each fall and each recovery is sent once to each channel, in order, and nothing else`, {
    tag: '@soak',
  }, async ({ pool }) => {
    let news = 0
    for (let seed = first; seed <= last; seed++) {
      try {
        news += await history(pool, seed)
      } catch (error) {
        throw new Error(`History ${seed}: ${(error as Error).message}`, { cause: error })
      }
    }
    // The histories contain enough outages.
    expect(news).toBeGreaterThan(each * 10)
  })
}

const channels = ['chat', 'desk', 'oncall']

/** The true state of one check's service, unknown to the monitor. */
type Mood = 'good' | 'broken' | 'hidden'

const outcomes: Record<Mood, readonly Outcome[]> = {
  good: ['passed', 'passed', 'flaky', 'slow'],
  broken: ['failed'],
  hidden: ['error', 'unknown'],
}
const findings: Record<Outcome, Finding> = {
  passed: 'good',
  flaky: 'flaky',
  slow: 'slow',
  failed: 'failed',
  error: 'nothing',
  unknown: 'nothing',
}

/** Returns how much news was delivered. */
async function history(pool: pg.Pool, seed: number): Promise<number> {
  const random = randomNumbers(seed)
  const chance = (probability: number) => random() < probability
  await empty(pool)
  const arrived: Arrived[] = []
  const tried: Arrived[] = []
  const model = createModel({
    accepted: (channel, check) => countNews(arrived, channel, check, 'unknown'),
    flapping: (channel, incident, check) => {
      const own = tried.filter(({ message }) => 'incident' in message && message.incident === incident)
      return countNews(own, channel, check, 'flapping')
    },
  })
  const attempted = new Map<string, string>()
  const changed: string[] = []
  let refused = 0
  const matters: DeliveredMatter[] = []
  const send: Send = async ({ channel, message, idempotencyKey }) => {
    const text = JSON.stringify(message)
    const earlier = attempted.get(idempotencyKey) ?? text
    if ('checks' in message && !attempted.has(idempotencyKey)) tried.push({ channel, message })
    if (earlier !== text) changed.push(`${earlier} became ${text}`)
    attempted.set(idempotencyKey, text)
    if (chance(refused)) throw new Error('refused')
    if ('checks' in message) arrived.push({ channel, message })
    if ('subjects' in message) matters.push({ channel, message })
  }
  /** Attempts deliveries until none is due, or `most` of them; only a few if the receiver is unreachable. */
  const deliver = async (most = refused === 1 ? 4 : Number.POSITIVE_INFINITY) => {
    for (let left = most; left > 0 && (await deliverAny(pool, send, noPauses)); left--);
  }

  let due = Math.floor(Date.now() / 1000) * 1000 - 40 * 3_600_000
  const environments = chance(0.5) ? ['production'] : ['production', 'staging']
  let configured = Array.from({ length: 1 + whole(random, 1 + whole(random, 30)) }, (_, index) =>
    anyCheck(
      random,
      `check-${index}`,
      environments,
      Array.from({ length: index }, (_, other) => `check-${other}`),
    ),
  )
  const removed: CheckRules[] = []
  const moods = new Map<string, Mood>()
  const maintained = chance(0.3) ? configured.filter(() => chance(0.3)).map(({ name }) => name) : []
  const maintainedUntil = due + whole(random, 3_000_000)
  const isInMaintenance: IsInMaintenance = (check, at) => at.getTime() < maintainedUntil && maintained.includes(check)
  let routes: Route[] = []
  const configure = async (found: string) => {
    await setChecks(pool, configured, new Date(due), { rules: { ...plainAlertRules, routes }, channels })
    model.configure(configured, found, routes)
  }
  /** Acknowledges an open incident, or takes that back. */
  const operate = async () => {
    const { rows } = await pool.query<{ id: number }>(
      'select id from reprise.incidents where closed_at is null order by id',
    )
    if (rows.length === 0) return
    const { id } = anyOf(random, rows)
    const isAcknowledged = chance(0.7)
    if (isAcknowledged) await acknowledge(pool, id, { operator: 'Ada' })
    else await unacknowledge(pool, id, 'Ada')
    model.acknowledge(id, isAcknowledged)
  }
  const reconfigure = async (found: string) => {
    const staying = configured.filter(() => chance(0.8))
    const gone = configured.filter(check => !staying.includes(check))
    const renamed = gone.filter(() => chance(0.4)).map(check => ({ ...check, name: `${check.name}x` }))
    const back = removed.filter(
      ({ name }) => chance(0.4) && ![...staying, ...renamed].some(check => check.name === name),
    )
    const changed = staying.map(check => (chance(0.1) ? { ...check, channels: someChannels(random) } : check))
    removed.splice(0, removed.length, ...removed.filter(check => !back.includes(check)), ...gone)
    configured = [...changed, ...renamed, ...back].filter(
      (check, index, all) => all.findIndex(({ name }) => name === check.name) === index,
    )
    await configure(found)
  }

  if (chance(0.4)) routes = someRoutes(random)
  await configure('the start')
  const instance = await enterHome(pool)
  const wholeRuns = new Set<string>()
  for (let step = 0, steps = 3 + whole(random, 9); step < steps; step++) {
    due += 1000 * (10 + whole(random, 400))
    refused = chance(0.2) ? 1 : 0.2
    if (chance(0.1)) routes = someRoutes(random)
    if (chance(0.15)) await reconfigure(`change ${step}`)
    if (chance(0.2)) await operate()
    for (const { name } of configured)
      if (chance(0.35)) moods.set(name, anyOf(random, ['good', 'broken', 'broken', 'hidden']))
    const planned = configured.filter(() => chance(0.8))
    const missed = planned.filter(() => chance(0.05)).map(({ name }) => name)
    const { closed } = await planSlots(
      pool,
      planned.map(({ name: check }) => ({
        ...{ check, due: new Date(due), location: 'home' },
        ...(missed.includes(check) && { missed: 'no monitor was running' }),
      })),
    )
    await judgeClosed(pool, closed, isInMaintenance)
    for (const name of closed) {
      model.judge(name, { due, finding: 'nothing' }, isInMaintenance(name, new Date(due)), `missed ${step}`)
    }
    const started: (StartingReplay & { run: string; life: number | undefined })[] = []
    for (
      let claim = await claimDueSlots(pool, instance, 100);
      claim;
      claim = await claimDueSlots(pool, instance, 100)
    ) {
      const { environment, slots } = claim
      const run = randomUUID()
      const replays = await startRun(
        pool,
        instance,
        { id: run, environment },
        slots.map(slot => ({ ...slot, replay: randomUUID() })),
      )
      started.push(...replays.map(replay => ({ ...replay, run, life: model.lifeOf(replay.check) })))
    }
    shuffle(random, started)
    const isQuiet = new Set(started.map(({ run }) => run)).size === 1 && (await isDelivered(pool))
    let isWhole = isQuiet
    for (const [index, replay] of started.entries()) {
      if (chance(0.02)) {
        isWhole = false
        await reconfigure(`change within ${step}`)
      }
      const outcome = anyOf(random, outcomes[moods.get(replay.check) ?? 'good'])
      await recordResult(pool, outcomeOf(replay, outcome), isInMaintenance)
      const isMuted = isInMaintenance(replay.check, replay.due)
      // Replays that started before their check was removed do not count.
      if (model.lifeOf(replay.check) === replay.life) {
        model.judge(replay.check, { due, finding: findings[outcome] }, isMuted, `run ${step}`)
      }
      if (chance(0.03)) {
        isWhole &&= index === started.length - 1
        await pool.query('update reprise.outbox set next_attempt = clock_timestamp() where held_for is not null')
      }
      if (chance(0.4)) await deliver()
    }
    if (isWhole) wholeRuns.add(`run ${step}`)
    if (chance(0.6)) await deliver()
    else await deliver(whole(random, 3))
  }
  if (chance(0.5)) await deliver()
  configured = []
  await configure('the end')
  refused = 0
  await deliver()
  expect(changed, 'a message that was tried is not changed').toEqual([])
  expect(faultsOfMatters(matters)).toEqual([])
  return compare(model, arrived, wholeRuns)
}

const noPauses = { attemptMs: 60_000, firstPauseMs: 0, longestPauseMs: 0 }

async function empty(pool: pg.Pool) {
  const tables = [
    'checks',
    'seats',
    'slots',
    'replays',
    'runs',
    'rollups',
    'incidents',
    'transitions',
    'outbox',
    'open_alerts',
    'open_notices',
    'instances',
  ]
  await pool.query(`truncate ${tables.map(table => `reprise.${table}`).join(', ')} restart identity cascade`)
}

async function isDelivered(pool: pg.Pool): Promise<boolean> {
  const { rowCount } = await pool.query('select from reprise.outbox where delivered_at is null limit 1')
  return rowCount === 0
}

function anyCheck(
  random: () => number,
  name: string,
  environments: readonly string[],
  others: readonly string[],
): CheckRules {
  const dependsOn = others.filter(() => random() < 0.05)
  const confirm = { down: 1 + whole(random, 2), up: 1 + whole(random, 2) }
  const flapping = random() < 0.3 ? { turns: 3, within: 8, steady: 3 } : defaultPolicy.flapping
  return rules({
    name,
    environment: anyOf(random, environments),
    policy: { ...defaultPolicy, confirm, flapping, blindAfter: 1 + whole(random, 3) },
    // Later than the end of the history.
    confirmEveryMs: 3_600_000,
    dependsOn,
    channels: someChannels(random),
    severity: random() < 0.3 ? 'warning' : 'critical',
  })
}

function someRoutes(random: () => number): Route[] {
  return Array.from({ length: whole(random, 3) }, () => ({
    match: {
      ...(random() < 0.5 && { kinds: [anyOf(random, ['down', 'unknown', 'flapping'] as const)] }),
      ...(random() < 0.5 && { severity: [anyOf(random, ['critical', 'warning'] as const)] }),
      ...(random() < 0.3 && { environments: ['staging'] }),
    },
    channels: someChannels(random),
    continue: random() < 0.4,
  }))
}

const someChannels = (random: () => number) => channels.filter(() => random() < 0.6)

const anyOf = <T>(random: () => number, among: readonly T[]): T => among[whole(random, among.length)] as T

function shuffle(random: () => number, list: unknown[]) {
  for (let index = list.length - 1; index > 0; index--) {
    const other = whole(random, index + 1)
    ;[list[index], list[other]] = [list[other], list[index]]
  }
}

interface Arrived {
  channel: string
  message: CheckMessage
}

function countNews(messages: readonly Arrived[], channel: string, check: string, news: News): number {
  const shown = messages
    .filter(each => each.channel === channel)
    .flatMap(({ message }): AlertedCheck[] => [...message.checks])
  return shown.filter(each => each.name === check && each.news === news).length
}

interface DeliveredMatter {
  channel: string
  message: SubjectMessage
}

/** Each is reported once before it ends, and nothing ends that was not reported. Of some, a fall is the end. */
function faultsOfMatters(delivered: readonly DeliveredMatter[]): string[] {
  const open = new Set<string>()
  return delivered.flatMap(({ channel, message: { kind, phase, environment, subjects } }) =>
    subjects.flatMap(({ name }) => {
      const matter = `${channel}: ${kind} ${environment} ${name}`
      if (phase !== 'began') return open.delete(matter) ? [] : [`${matter} ended, and had not begun`]
      const isTwice = open.has(matter) && kind !== 'degraded'
      open.add(matter)
      return isTwice ? [`${matter} began twice`] : []
    }),
  )
}

/** Compares the news about each incident, and about unknown states, with the expected news in order. */
function compare(model: Model, arrived: readonly Arrived[], wholeRuns: ReadonlySet<string>): number {
  const streams = new Map<string, CheckMessage[]>()
  for (const { channel, message } of arrived) {
    const stream = 'incident' in message ? `incident ${message.incident}` : `unknown ${message.environment}`
    streams.set(`${channel} ${stream}`, [...(streams.get(`${channel} ${stream}`) ?? []), message])
  }
  expect([...streams.keys()].sort()).toEqual([...model.expected.keys()].sort())
  let news = 0
  for (const [stream, expected] of model.expected) {
    const faults = faultsOf(streams.get(stream) ?? [], expected, wholeRuns)
    if (faults.length > 0) throw new Error(`${stream}: ${faults.join('\n')}`)
    news += expected.length
  }
  return news
}

/** Compares the messages to one channel of one incident, or about the unknown states of an environment. */
function faultsOf(
  messages: readonly CheckMessage[],
  expected: readonly ExpectedNews[],
  wholeRuns: ReadonlySet<string>,
): string[] {
  const faults: string[] = []
  const left = [...expected]
  const kinds = new Map<string, CheckMessage['kind'][]>()
  for (const [index, { kind, checks }] of messages.entries()) {
    const found = new Set<string>()
    for (const [name, news] of checks.flatMap(({ name, news }) => (news === undefined ? [] : [[name, news]]))) {
      // It has to be the next news of this check.
      const next = left.find(({ check }) => check === name)
      if (next?.news !== news) faults.push(`${name} ${news} in place of ${next?.news ?? 'nothing'}`)
      if (!next) continue
      left.splice(left.indexOf(next), 1)
      found.add(next.found)
    }
    const kindOf = kindWanted(kind, checks, index, messages.length)
    if (kind !== kindOf) faults.push(`message ${index} is ${kind}, not ${kindOf}`)
    for (const run of found) kinds.set(run, [...(kinds.get(run) ?? []), kind])
    // Earlier news is not sent after later news, except for kinds that may overtake each other.
    const older = left.filter(({ news }) => seriesOf(news) === seriesOf(checks.find(check => check.news)?.news))
    const newest = Math.max(...[...found].map(run => expected.findIndex(entry => entry.found === run)))
    const overtaken = older.filter(entry => expected.indexOf(entry) < newest)
    if (overtaken.length > 0)
      faults.push(`message ${index} overtakes ${overtaken.map(({ check, news }) => `${check} ${news}`)}`)
  }
  if (left.length > 0) faults.push(`missing: ${left.map(({ check, news }) => `${check} ${news}`)}`)
  for (const [run, all] of kinds) {
    const named = expected.filter(({ found }) => found === run).map(({ check }) => check)
    // A fall that was held back by maintenance, and recovered in the same run.
    if (named.length > new Set(named).size) continue
    const known = all.map(kind => (kind === 'up' || kind === 'down' ? 'update' : kind))
    if (wholeRuns.has(run) && known.length > new Set(known).size)
      faults.push(`${run} is ${all.length} messages: ${all}`)
  }
  return faults
}

/** News of the same series keeps its order. */
const seriesOf = (news: News | undefined) =>
  news === 'flapping' || news === 'unknown' || news === 'known' ? news : 'turns'

/** Requires that all incidents have ended. */
function kindWanted(kind: CheckMessage['kind'], checks: readonly AlertedCheck[], index: number, count: number): string {
  if (kind === 'unknown' || kind === 'known')
    return checks.every(({ news }) => news === 'unknown') ? 'unknown' : 'known'
  if (index === 0) return 'down'
  if (index === count - 1) return 'up'
  return checks.some(({ news }) => news === 'flapping') ? 'flapping' : 'update'
}
