/**
 * Simulates outages of services, of jobs, of the network, of the monitor and of its database, with slow checks, leaks and
 * certificates, routes, quiet hours, receivers that ask to wait, and operators who acknowledge incidents, add and remove a channel,
 * mute channels and checks and open maintenance windows, through the real schedule, store and outbox with a virtual clock, and
 * compares what the receivers have got with what happened.
 * `npm run test:soak` has 10,000 of them, each other run some.
 */
import { expect } from '@playwright/test'
import type pg from 'pg'
import { randomNumbers, whole } from '../../testing/random.ts'
import { soak } from '../../testing/soak.ts'
import { acknowledge, unacknowledge } from '../store/acknowledgements.ts'
import { type AlertRules, type ConfiguredAlerts, plainAlertRules } from '../store/alert-rules.ts'
import type { CheckRules } from '../store/check-rules.ts'
import { openWindow } from '../store/maintenance-windows.ts'
import { mute } from '../store/mutes.ts'
import {
  byStretch,
  faultsOfOperated,
  late,
  night,
  type Outage,
  type Span,
  withoutAbsences,
} from '../testing/operated-channels.ts'
import { openPreparedPool } from '../testing/prepared-pool.ts'
import { type Received, type Replayed, startSimulated, tickMs, type World } from '../testing/simulated-monitor.ts'
import { rules } from '../testing/store-fixture.ts'
import { test as clockTest } from '../testing/turned-clock-fixture.ts'
import { defaultPolicy } from '../verdict/policy.ts'
import { heartbeatRules } from './compiled-heartbeats.ts'

const [parts, each] = [soak({ long: 20, short: 1 }), soak({ long: 500, short: 40 })]
/** Histories that no run has tried yet begin at a higher one. */
const firstSeed = Number(process.env.REPRISE_FIRST_SEED ?? 1)

const test = clockTest.extend({
  // With `pool`, the store is migrated.
  pool: async ({ pool: _, emptyDatabase }, use) => {
    const pool = openPreparedPool(emptyDatabase.url)
    await use(pool)
    await pool.end()
  },
})

test.describe.configure({ mode: 'parallel' })

for (let seed = firstSeed; seed < firstSeed + parts; seed++) {
  test(`outages of seed ${seed}: each that is confirmed is sent, nothing else is, and each message once`, {
    tag: '@soak',
  }, async ({ pool, clock }) => {
    const figures = await simulate(pool, clock, seed)
    process.stdout.write(`Seed ${seed}: ${JSON.stringify(figures)}\n`)
    expect(figures.outages).toBeGreaterThanOrEqual(each)
    expect(figures.faults).toEqual([])
    expect(Object.keys(figures.kinds).sort()).toEqual(allKinds.toSorted())
  })
}

const lasting = ['degraded', 'leak', 'certificate', 'trouble'].flatMap(kind => [`${kind} began`, `${kind} ended`])
const allKinds = [
  ...['down', 'acknowledged', 'update', 'flapping', 'reminder', 'escalation', 'up', 'unknown', 'known', 'digest'],
  ...lasting,
  ...['trouble happened', 'heartbeat'],
]

const [minute, hour] = [60_000, 3_600_000]
/** Hours that begin at these, in Berlin, which is an hour ahead of UTC then. */
const quietHoursOfDesk = [1, 4, 7, 10, 13, 16, 19, 22]
/** The service of this one has alerts that can be acknowledged. */
const acknowledged = ['oncall']
const alertRules: AlertRules = {
  ...plainAlertRules,
  remindersAfterMs: [3 * minute, 10 * minute],
  escalation: [{ afterMs: 4 * minute, match: {}, channels: ['boss'] }],
  quietHours: quietHoursOfDesk.map(from => ({
    ...{ from: 60 * from, to: 60 * from + 60, timezone: 'Europe/Berlin', match: {}, channels: ['desk'] },
  })),
}
const periods = { everyMs: 20 * minute, graceMs: 2 * minute }

const channels = ['chat', 'desk', 'oncall']
/** Those of `late` are added while it is configured. */
const routes: AlertRules['routes'] = [
  { match: { kinds: ['leak', 'heartbeat'] }, channels: ['desk'] },
  { match: {}, channels: [night], continue: true },
]
const alertsWith = (isLate: boolean): ConfiguredAlerts => ({
  rules: {
    ...alertRules,
    routes: isLate ? [...routes, { match: {}, channels: [late], continue: true }] : routes,
  },
  channels: [...channels, 'boss', night, ...(isLate ? [late] : [])],
  acknowledged,
})
/** Operators mute the one, and open maintenance windows for the other. */
const [mutedCheck, maintainedCheck] = ['check-6', 'check-7']
const jobs = ['backup', 'mails']
const start = Date.parse('2030-02-27T22:00:00Z')

interface Figures {
  seed: number
  outages: number
  target: number
  network: number
  monitor: number
  database: number
  confirmed: number
  replays: number
  messages: number
  kinds: Record<string, number>
  faults: string[]
  [kind: string]: unknown
}

async function simulate(pool: pg.Pool, clock: { stop(at: Date): Promise<void> }, seed: number): Promise<Figures> {
  const random = randomNumbers(seed)
  const chance = (probability: number) => random() < probability
  const replayed = Array.from({ length: 8 }, (_, index) =>
    rules({
      name: `check-${index}`,
      schedule: 'every minute',
      environment: index < 6 ? 'production' : 'staging',
      channels: channels.filter((_, channel) => channel === index % 3 || chance(0.3)),
      policy: { ...defaultPolicy, flapping: { turns: 5, within: 12, steady: 4 } },
    }),
  )
  const heartbeats = jobs.map(name => ({ name, ...periods, schedule: 'every 20 minutes', nextDue: () => undefined }))
  const checks = [
    ...replayed,
    ...jobs.map(name => {
      const about = { environment: 'production', timezone: 'UTC', channels: ['chat'], severity: 'critical' } as const
      return heartbeatRules({ name, ...about, ...periods, dependsOn: [], tags: [] }, [])
    }),
  ]
  const monitor = await startSimulated({
    ...{ pool, checks, random, clock, start, heartbeats },
    alerts: alertsWith(false),
    digest: () => ({ cron: '0 */2 * * *', timezone: 'UTC', channels: ['desk'] }),
  })
  const until = {
    silent: new Map<string, number>(),
    leaking: new Map<string, number>(),
    broken: new Map<string, number>(),
    slow: new Map<string, number>(),
    refusing: new Map<string, number>(),
  }
  const away = { network: 0, monitor: 0, database: 0 }
  const begun = { target: 0, network: 0, monitor: 0, database: 0 }
  const total = () => begun.target + begun.network + begun.monitor + begun.database
  const within = (ends: ReadonlyMap<string, number>, now: number) =>
    new Set([...ends].filter(([, end]) => now < end).map(([name]) => name))
  const worldAt = (now: number): World => ({
    broken: within(until.broken, now),
    slow: within(until.slow, now),
    refusing: within(until.refusing, now),
    silent: within(until.silent, now),
    leaking: within(until.leaking, now),
    certificateEnd: isRenewed ? start + 90 * 24 * hour : start + 20 * 24 * hour,
    network: now < away.network,
    monitor: now < away.monitor,
    database: now < away.database,
  })
  let now = start
  let isRenewed = false
  const [silences, blind, disturbed] = [[] as Silence[], [] as Span[], [] as (Span & { channel?: string })[]]
  const [added, muted] = [[] as Span[], [] as Span[]]
  const attended: Attended[] = []
  const quiet = new Map([mutedCheck, maintainedCheck].map((name): [string, Span[]] => [name, []]))
  const tick = async () => {
    now += tickMs
    await monitor.tick(now, worldAt(now))
  }
  /** From one to `most` ticks. */
  const forTicks = (most: number) => now + tickMs * (2 + whole(random, most))
  const restUntil = new Map<string, number>()
  const beginAway = (kind: 'network' | 'monitor' | 'database', end: number) => {
    away[kind] = end
    disturbed.push({ from: now, until: end })
    if (kind !== 'network') blind.push({ from: now, until: end + 2 * tickMs })
    begun[kind]++
  }
  const beginSilence = (job: string, end: number) => {
    silences.push({ job, from: now, until: end })
    until.silent.set(job, end)
    begun.target++
  }
  const breakCheck = (name: string, end: number) => {
    until.broken.set(name, end)
    begun.target++
  }
  const someFaults = () => {
    for (const name of jobs) {
      const silence = silences.findLast(({ job }) => job === name)
      if ((silence && now < silence.until + 2 * periods.everyMs) || !chance(0.02)) continue
      beginSilence(name, now + periods.everyMs + periods.graceMs + tickMs * whole(random, 60))
    }
    for (const { name } of replayed) {
      if (now >= (until.leaking.get(name) ?? 0) && chance(0.002)) until.leaking.set(name, now + 20 * minute)
      if (now < (until.broken.get(name) ?? 0) || now < (restUntil.get(name) ?? 0)) continue
      if (chance(0.08)) {
        const end = forTicks(15)
        breakCheck(name, end)
        restUntil.set(name, end + tickMs * (3 + whole(random, 20)))
      } else if (chance(0.01)) until.slow.set(name, forTicks(30))
    }
    for (const kind of ['network', 'monitor', 'database'] as const) {
      if (now >= away[kind] && chance(0.015)) beginAway(kind, forTicks(36))
    }
    for (const channel of channels) {
      if (!chance(0.005)) continue
      const end = forTicks(60)
      until.refusing.set(channel, end)
      disturbed.push({ from: now, until: end, channel })
    }
  }
  /** What operators do between two ticks. */
  const operate = async () => {
    if (now < away.monitor || now < away.database) return
    const stretch = added.at(-1)
    if (stretch?.until === Number.POSITIVE_INFINITY) {
      if (chance(0.015)) {
        stretch.until = now
        await monitor.configure(alertsWith(false))
      }
    } else if (chance(0.03)) {
      added.push({ from: now, until: Number.POSITIVE_INFINITY })
      await monitor.configure(alertsWith(true))
    }
    const spanAfter = (spans: Span[], probability: number): number | undefined => {
      if (now < (spans.at(-1)?.until ?? 0) || !chance(probability)) return undefined
      const until = forTicks(40)
      spans.push({ from: now, until })
      return until - now
    }
    const nightMs = spanAfter(muted, 0.02)
    if (nightMs) await mute(pool, { kind: 'channel', name: night }, { forMs: nightMs }, 'Ada')
    const mutedMs = spanAfter(quiet.get(mutedCheck) ?? [], 0.03)
    if (mutedMs) await mute(pool, { kind: 'check', name: mutedCheck }, { forMs: mutedMs }, 'Ada')
    const windowMs = spanAfter(quiet.get(maintainedCheck) ?? [], 0.03)
    if (windowMs) await openWindow(pool, { until: { forMs: windowMs }, checks: [maintainedCheck] }, 'Ada')
    if (chance(0.03)) await attend()
    const last = attended.at(-1)
    if (last?.until === Number.POSITIVE_INFINITY && chance(0.05)) {
      if (await unacknowledgeOpen(pool, last.incident)) last.until = now
    }
  }
  /** An operator acknowledges what is open. */
  const attend = async () => {
    for (const incident of await readOpenIncidents(pool)) {
      const { isNew } = await acknowledge(pool, incident, { operator: 'Ada' })
      if (isNew) attended.push({ incident, from: now, until: Number.POSITIVE_INFINITY })
    }
  }
  const drill = drillOf({
    silence: minutes => beginSilence('backup', now + minutes * minute),
    leak: minutes => until.leaking.set('check-0', now + minutes * minute),
    slow: minutes => until.slow.set('check-1', now + minutes * minute),
    broken: (check, minutes) => breakCheck(check, now + minutes * minute),
    away: (kind, minutes) => beginAway(kind, now + minutes * minute),
    attend,
  })
  while (drill.length > 0 || total() < each) {
    if (drill.length === 0) someFaults()
    for (; drill[0] && now >= start + drill[0][0] * minute; drill.shift()) await drill[0][1]()
    await operate()
    await tick()
  }
  // All recovers, and what waits is delivered.
  isRenewed = true
  for (const ends of Object.values(until)) ends.clear()
  Object.assign(away, { network: 0, monitor: 0, database: 0 })
  for (const span of [...blind, ...disturbed]) span.until = Math.min(span.until, now + 2 * tickMs)
  for (let ticks = 60; ticks > 0; ticks--) await tick()
  for (let ticks = 240; ticks > 0 && !(await monitor.isDelivered()); ticks--) await tick()
  monitor.close()

  const turns = await readTurns(pool)
  const confirmed = new Map(replayed.map(({ name }) => [name, confirmedIn(monitor.replayed.get(name) ?? [])]))
  const operated = { added, muted, quiet, disturbed }
  const ofOperated = faultsOfOperated(
    monitor.received,
    outagesIn(turns).filter(({ incident }) => !attended.some(each => each.incident === incident)),
    operated,
    name => replayed.find(check => check.name === name)?.channels,
  )
  const faults = [
    ...((await monitor.isDelivered()) ? [] : ['messages are left undelivered']),
    ...(await faultsOfStates(pool)),
    ...(monitor.repeated.hasty > 0 ? [`${monitor.repeated.hasty} attempts in a pause`] : []),
    ...(monitor.repeated.changed > 0 ? [`${monitor.repeated.changed} messages changed under their key`] : []),
    ...replayed.flatMap(({ name }) => faultsOfIncidents(name, confirmed.get(name) ?? [], turns)),
    ...jobs.flatMap(job => faultsOfJobs(job, silences, turns, blind)),
    ...checks.flatMap(check => (quiet.has(check.name) ? [] : faultsOfNews(check, monitor.received, turns, attended))),
    ...faultsOfKinds(monitor.received),
    ...withoutAbsences(faultsOfMatters(byStretch(monitor.received, operated)), operated),
    ...faultsOfReminders(monitor.received),
    ...faultsOfRoutes(monitor.received),
    ...faultsOfQuietHours(monitor.received),
    ...faultsOfAttended(monitor.received, attended),
    ...ofOperated.faults,
  ]
  const kinds: Record<string, number> = {}
  for (const { message } of monitor.received) {
    const kind = 'phase' in message ? `${message.kind} ${message.phase}` : message.kind
    kinds[kind] = (kinds[kind] ?? 0) + 1
    if (message.kind === 'down' && message.checks.some(({ name }) => jobs.includes(name))) kinds.heartbeat = 1
  }
  return {
    ...{ seed, outages: total(), ...begun },
    confirmed: [...confirmed.values()].reduce((sum, { length }) => sum + length, 0),
    replays: [...monitor.replayed.values()].reduce((sum, { length }) => sum + length, 0),
    hours: Math.round((now - start) / 360_000) / 10,
    ...{ added: added.length, muted: muted.length, attended: attended.length, told: ofOperated.told },
    ...{ messages: monitor.received.length, kinds, repeated: monitor.repeated.same, faults },
  }
}

/** All has recovered. */
async function faultsOfStates(pool: pg.Pool): Promise<string[]> {
  const { rows } = await pool.query<{ name: string; state: string }>(
    `select name, state from reprise.checks where state <> 'up' order by name`,
  )
  return rows.map(({ name, state }) => `${name} is ${state} at the end`)
}

interface ConfirmedOutage {
  /** Due time of the second failure in a row. */
  at: number
  /** Due time of the success that ends it. */
  until: number
}

/** What really happened to a check, as far as its replays could see it. */
function confirmedIn(replayed: readonly Replayed[]): ConfirmedOutage[] {
  const found: ConfirmedOutage[] = []
  let [failures, current] = [0, undefined as ConfirmedOutage | undefined]
  for (const { due, outcome } of [...replayed].sort((a, b) => a.due - b.due || (a.kind < b.kind ? -1 : 1))) {
    if (outcome === 'error') continue
    failures = outcome === 'failed' ? failures + 1 : 0
    if (failures === 2 && !current) {
      current = { at: due, until: Number.POSITIVE_INFINITY }
      found.push(current)
    } else if (current && (outcome === 'passed' || outcome === 'flaky')) {
      current.until = due
      current = undefined
    }
  }
  return found
}

interface Turn {
  check: string
  kind: 'opened' | 'closed' | 'flapping'
  at: number
  incident: number | null
}

async function readTurns(pool: pg.Pool): Promise<Turn[]> {
  const { rows } = await pool.query<Omit<Turn, 'at'> & { at: Date }>(
    `select check_name as check, kind, at, incident from reprise.transitions
      where kind in ('opened', 'closed', 'flapping') order by at, id`,
  )
  return rows.map(({ at, ...turn }) => ({ ...turn, at: at.getTime() }))
}

/** One of each kind, by the minute; then random ones begin. */
function drillOf(begin: {
  silence(minutes: number): void
  leak(minutes: number): void
  slow(minutes: number): void
  broken(check: string, minutes: number): void
  away(kind: 'network' | 'monitor' | 'database', minutes: number): void
  attend(): Promise<void>
}): [minute: number, begin: () => void | Promise<void>][] {
  const turning = [10, 13, 16, 19].map((at): [number, () => void] => [at, () => begin.broken('check-3', 2.2)])
  return [
    [1, () => begin.silence(27)],
    // A leak is reported when it has lasted for 15 minutes.
    [1, () => begin.leak(22)],
    [1, () => begin.slow(8)],
    [1, () => begin.broken('check-2', 14)],
    [4, () => begin.broken('check-4', 4)],
    ...turning,
    [30, () => begin.away('network', 4.5)],
    [36, () => begin.away('monitor', 5)],
    [43, () => begin.away('database', 5)],
    [52, () => begin.broken('check-2', 6)],
    [57, () => begin.attend()],
    [60, () => undefined],
  ]
}

function outagesIn(turns: readonly Turn[]): Outage[] {
  return turns.flatMap(({ check, kind, at, incident }, index) => {
    if (kind !== 'opened' || incident === null) return []
    const closed = turns.slice(index).find(other => other.check === check && other.kind === 'closed')
    return [{ check, incident, from: at, until: closed?.at ?? Number.POSITIVE_INFINITY }]
  })
}

/** An incident was acknowledged. */
interface Attended extends Span {
  incident: number
}

async function readOpenIncidents(pool: pg.Pool): Promise<number[]> {
  const { rows } = await pool.query<{ id: number }>(
    'select id from reprise.incidents where closed_at is null order by id',
  )
  return rows.map(({ id }) => id)
}

/** Returns false if it is not open any more. */
async function unacknowledgeOpen(pool: pg.Pool, incident: number): Promise<boolean> {
  return (await readOpenIncidents(pool)).includes(incident) && unacknowledge(pool, incident, 'Ada')
}

/** What is not critical and was found in quiet hours arrives after them. Troubles that are critical take others along. */
function faultsOfQuietHours(received: readonly Received[]): string[] {
  const isQuiet = (at: number) => quietHoursOfDesk.includes(Math.floor((at + hour) / hour) % 24)
  return received.flatMap(({ channel, message, at, isDirect }) => {
    const isUrgent = 'checks' in message || message.kind === 'trouble'
    if (channel !== 'desk' || isDirect || isUrgent || !isQuiet(at)) return []
    return isQuiet(Date.parse(message.at)) ? [`${channel}: ${message.kind} in quiet hours at ${time(at)}`] : []
  })
}

/** Who works on an incident gets neither reminders nor escalations, nor that its checks come and go. */
function faultsOfAttended(received: readonly Received[], attended: readonly Attended[]): string[] {
  return received.flatMap(({ channel, message, at, attempt }) => {
    if (!('incident' in message) || !['reminder', 'escalation', 'flapping'].includes(message.kind)) return []
    const { kind, incident } = message
    const isWritten = Date.parse(message.at)
    const isFault = attended.some(
      span =>
        span.incident === incident &&
        span.from < at &&
        at <= span.until &&
        // A message that was tried before may have arrived.
        (attempt === 1 || span.from < isWritten),
    )
    return isFault ? [`${channel}, incident ${incident}: ${kind} at ${time(at)}, after its acknowledgement`] : []
  })
}

/** What is routed to the desk goes to no other channel. */
function faultsOfRoutes(received: readonly Received[]): string[] {
  return received.flatMap(({ channel, message, at }) =>
    message.kind === 'leak' && channel !== 'desk' ? [`${channel}: a leak at ${time(at)}`] : [],
  )
}

/** Each confirmed outage is in an incident, and each incident begins with one. */
function faultsOfIncidents(check: string, confirmed: readonly ConfirmedOutage[], turns: readonly Turn[]): string[] {
  const own = turns.filter(turn => turn.check === check)
  const opened = own.filter(({ kind }) => kind === 'opened')
  const closedAfter = (time: number) => own.find(({ kind, at }) => kind === 'closed' && at > time)?.at
  const spans = opened.map(({ at }) => ({ at, until: closedAfter(at) ?? Number.POSITIVE_INFINITY }))
  return [
    ...spans
      .filter(({ at }) => !confirmed.some(outage => outage.at === at))
      .map(({ at }) => `${check}: false down at ${time(at)}`),
    ...confirmed
      .filter(outage => !spans.some(({ at, until }) => at <= outage.at && outage.at <= until))
      .map(({ at }) => `${check}: no incident for the outage at ${time(at)}`),
    ...spans
      .filter(({ until }) => until === Number.POSITIVE_INFINITY)
      .map(({ at }) => `${check}: open since ${time(at)}`),
  ]
}

const time = (at: number) => new Date(at).toISOString()

interface Silence extends Span {
  job: string
}

/**
 * A heartbeat is down only while its job is silent, or just was: it reports twice in each period. Each silence is in an
 * incident, unless no monitor listened for a part of it, so that reports may have been lost.
 */
function faultsOfJobs(
  job: string,
  silences: readonly Silence[],
  turns: readonly Turn[],
  blind: readonly Span[],
): string[] {
  const own = silences.filter(silence => silence.job === job)
  const lateMs = periods.everyMs + periods.graceMs
  const opened = turns.filter(({ check, kind }) => check === job && kind === 'opened')
  const closed = turns.filter(({ check, kind }) => check === job && kind === 'closed')
  const wasDown = ({ from, until }: Span) =>
    opened.some(({ at }) => at <= until && !closed.some(end => at < end.at && end.at <= from))
  return [
    ...opened
      .filter(({ at }) => !own.some(({ from, until }) => from < at && at <= until + lateMs))
      .map(({ at }) => `${job}: false down at ${time(at)}`),
    ...own
      .filter(({ from, until }) => until - from > lateMs + 2 * tickMs)
      .filter(({ from, until }) => !blind.some(span => span.from < until && from - lateMs < span.until))
      .filter(silence => !wasDown(silence))
      .map(({ from }) => `${job}: no incident for the silence at ${time(from)}`),
  ]
}

/**
 * Each channel of the check, or of the route of heartbeats, has got each of its falls and recoveries once. Of an incident that
 * was acknowledged it may not have got falls, but has got something.
 */
function faultsOfNews(
  { name, channels: own, source }: CheckRules,
  received: readonly Received[],
  turns: readonly Turn[],
  attended: readonly Attended[],
): string[] {
  const channels = source === 'heartbeat' ? ['desk'] : own
  const its = turns.filter(({ check, incident }) => check === name && incident !== null)
  const faults: string[] = []
  for (const incident of new Set(its.map(({ incident }) => incident))) {
    const count = (wanted: Turn['kind']) =>
      its.filter(turn => turn.incident === incident && turn.kind === wanted).length
    for (const channel of channels) {
      const news = received.flatMap(({ channel: to, message }) =>
        to === channel && 'incident' in message && message.incident === incident
          ? message.checks.flatMap(check => (check.name === name && check.news ? [check.news] : []))
          : [],
      )
      const turning = news.filter(each => each !== 'flapping')
      // A job that is flapping stays in its incident for hours, until many of its reports were alike.
      const closed = count('closed')
      const wanted = Array.from({ length: count('opened') }, (_, nth) => [
        'fell',
        ...(nth < closed ? ['recovered'] : []),
      ]).flat()
      if (attended.some(each => each.incident === incident)) {
        const isKnown = received.some(
          ({ channel: to, message }) => to === channel && 'incident' in message && message.incident === incident,
        )
        const isInTurns = turning.every((each, nth) => each === (nth % 2 === 0 ? 'fell' : 'recovered'))
        const isOver = turning.length % 2 === 0 || closed < count('opened')
        if (!isKnown || !isInTurns || !isOver || turning.length > wanted.length)
          faults.push(`${channel}, incident ${incident}, acknowledged: ${name} ${turning.join()}, of ${wanted.join()}`)
      } else if (turning.join() !== wanted.join())
        faults.push(`${channel}, incident ${incident}: ${name} ${turning.join()}, not ${wanted.join()}`)
      // Its transition precedes the one that opens the incident.
      if (
        news.length - turning.length >
        turns.filter(({ check, kind }) => check === name && kind === 'flapping').length
      )
        faults.push(`${channel}, incident ${incident}: ${name} is flapping too often`)
    }
  }
  return faults
}

/** One `down`, `escalation` and `up` for each incident and channel, and no message without news. */
function faultsOfKinds(received: readonly Received[]): string[] {
  const counts = new Map<string, number>()
  const faults: string[] = []
  for (const { channel, message } of received) {
    if (!('checks' in message)) continue
    const repeats = ['reminder', 'escalation', 'acknowledged'].includes(message.kind)
    if (!repeats && message.checks.every(({ news }) => news === undefined)) {
      faults.push(`${channel}: ${message.kind} without news`)
    }
    if (!('incident' in message) || !['down', 'escalation', 'up'].includes(message.kind)) continue
    const key = `${channel}, incident ${message.incident}: ${message.kind}`
    counts.set(key, (counts.get(key) ?? 0) + 1)
  }
  return [...faults, ...[...counts].filter(([, count]) => count > 1).map(([key, count]) => `${key} ${count} times`)]
}

/** No more reminders than are due in the time of the incident, and none after its end. */
function faultsOfReminders(received: readonly Received[]): string[] {
  const [first = 0, second = 0] = alertRules.remindersAfterMs
  const faults: string[] = []
  const counts = new Map<string, number>()
  const ended = new Set<string>()
  for (const { channel, message } of received) {
    if (!('incident' in message)) continue
    const key = `${channel}, incident ${message.incident}`
    if (message.kind === 'up') ended.add(key)
    if (message.kind !== 'reminder') continue
    if (ended.has(key)) faults.push(`${key}: a reminder after its end`)
    const count = (counts.get(key) ?? 0) + 1
    counts.set(key, count)
    const lasted = Date.parse(message.at) - Date.parse(message.openedAt)
    const due = lasted < first ? 0 : lasted < second ? 1 : 2 + Math.floor(Math.log2(lasted / second))
    if (count > due) faults.push(`${key}: ${count} reminders after ${Math.round(lasted / minute)} min`)
  }
  return faults
}

/** What begins and ends does so in turns; of a degraded check the fall is the end. */
function faultsOfMatters(received: readonly Received[]): string[] {
  const open = new Set<string>()
  /** Unknown or degraded checks whose state came with an incident. If the response was lost, an end follows as well. */
  const stated = new Set<string>()
  const faults: string[] = []
  const happened = new Set<string>()
  const turn = (matter: string, begins: boolean) => {
    if (begins && open.has(matter)) faults.push(`${matter} began twice`)
    if (!begins && !open.has(matter)) faults.push(`${matter} ended, and had not begun`)
    if (begins) open.add(matter)
    else open.delete(matter)
  }
  for (const { channel, message } of received) {
    if (message.kind === 'unknown' || message.kind === 'known') {
      for (const { name } of message.checks) {
        const matter = `${channel}: unknown ${name}`
        const wasStated = stated.delete(matter)
        // Streams may overtake each other: that it was known in between may still be on its way, with an incident.
        if (message.kind === 'unknown') open.add(matter)
        else if (!wasStated) turn(matter, false)
      }
    }
    if ('incident' in message) {
      for (const { name, news, wasDegraded } of message.checks) {
        const unknown = `${channel}: unknown ${name}`
        if (news !== undefined && news !== 'flapping' && open.delete(unknown)) stated.add(unknown)
        const degraded = `${channel}: degraded ${message.environment} ${name}`
        if (wasDegraded && open.delete(degraded)) stated.add(degraded)
      }
    }
    if (!('subjects' in message)) continue
    if (message.phase === 'happened') {
      for (const { name, since } of message.subjects) {
        const matter = `${channel}: ${name} since ${since}`
        if (happened.has(matter)) faults.push(`${matter} twice`)
        happened.add(matter)
      }
      continue
    }
    for (const { name } of message.subjects) {
      const matter = `${channel}: ${message.kind} ${message.environment ?? ''} ${name}`
      const wasStated = stated.delete(matter)
      if (message.phase === 'began' || !wasStated) turn(matter, message.phase === 'began')
    }
  }
  return [...faults, ...[...open].map(matter => `${matter} has no end`)]
}
