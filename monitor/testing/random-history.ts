/**
 * Runs a random history of checks at one or two locations through the store and the outbox, on a database whose clock is set, and
 * compares the delivered messages with those that a model in memory requires.
 */
import { randomUUID } from 'node:crypto'
import { expect } from '@playwright/test'
import type pg from 'pg'
import { randomNumbers, whole } from '../../testing/random.ts'
import { acknowledge, unacknowledge } from '../store/acknowledgements.ts'
import { plainAlertRules } from '../store/alert-rules.ts'
import type { CheckRules, IsInMaintenance } from '../store/check-rules.ts'
import { setChecks } from '../store/checks.ts'
import { claimDueSlots, type StartingReplay, startRun } from '../store/claims.ts'
import { enter } from '../store/instances.ts'
import { judgeClosed } from '../store/judgement.ts'
import type { CheckMessage, SubjectMessage } from '../store/messages.ts'
import { deliverNext, type Send } from '../store/outbox.ts'
import { closeRemovedChannels } from '../store/removed-channels.ts'
import { recordResult } from '../store/replays.ts'
import type { Route } from '../store/routes.ts'
import { planSlots } from '../store/slots.ts'
import type { Outcome } from '../verdict/finding.ts'
import { defaultPolicy } from '../verdict/policy.ts'
import { needsConfirmation } from '../verdict/verdict.ts'
import { type Configured, createModel, type DeliveredNews } from './alert-model.ts'
import { aboutOf, compareNews, type DeliveredMatter, faultsOfMatters, newsIn } from './delivered-news.ts'
import { createSlotModel } from './slot-model.ts'
import { outcomeOf, rules } from './store-fixture.ts'

/** How often something occurred. */
export type Figures = Record<string, number>

const allChannels = ['chat', 'desk', 'oncall']
const locations = ['home', 'away']
const start = Date.parse('2030-02-27T22:00:00Z')

/** The true state of one check's service, unknown to the monitor. */
type Mood = 'well' | 'good' | 'broken' | 'hidden'

const outcomes: Record<Mood, readonly Outcome[]> = {
  well: ['passed'],
  good: ['passed', 'passed', 'flaky', 'slow'],
  broken: ['failed'],
  hidden: ['error', 'unknown'],
}

/** @param clock Of the database. */
export async function runHistory(
  pool: pg.Pool,
  clock: { stop(at: Date): Promise<void> },
  seed: number,
): Promise<Figures> {
  const random = randomNumbers(seed)
  const chance = (probability: number) => random() < probability
  const figures: Figures = {}
  const count = (what: string, number = 1) => {
    figures[what] = (figures[what] ?? 0) + number
  }
  await empty(pool)
  let now = start
  const setClock = async (at: number) => {
    now = at
    await clock.stop(new Date(now))
  }
  const pass = (ms: number) => setClock(now + ms)
  await setClock(start)

  const arrived = new Map<string, CheckMessage[]>()
  const settled = new Map<string, CheckMessage[]>()
  const tried = new Map<string, CheckMessage[]>()
  const newsOf = (messages: ReadonlyMap<string, CheckMessage[]>, stream: string) =>
    (messages.get(stream) ?? []).flatMap(newsIn)
  const model = createModel({
    tried: stream => newsOf(tried, stream),
    settled: stream => newsOf(settled, stream),
  })
  const slots = createSlotModel()
  const attempted = new Map<string, string>()
  const received = new Set<string>()
  const changed: string[] = []
  const early: string[] = []
  /** What the model does not require yet; at the end of the history, it may be required with later news. */
  const newsBeforeItsTime = (message: CheckMessage, stream: string): string[] => {
    const isMore = ({ check, news }: DeliveredNews) => {
      const count = (all: readonly DeliveredNews[]) =>
        all.filter(other => other.check === check && other.news === news).length
      return count(newsOf(tried, stream)) > count(model.expected.get(stream) ?? [])
    }
    return newsIn(message)
      .filter(isMore)
      .map(({ check, news }) => `${stream}: ${check} ${news} at ${new Date(now).toISOString()}`)
  }
  let refused = 0
  const matters: DeliveredMatter[] = []
  const send: Send = async ({ channel, message, idempotencyKey }) => {
    const text = JSON.stringify(message)
    const earlier = attempted.get(idempotencyKey)
    if (earlier !== undefined && earlier !== text) changed.push(`${earlier} became ${text}`)
    attempted.set(idempotencyKey, text)
    const add = (to: Map<string, CheckMessage[]>, each: CheckMessage) => {
      const stream = model.streamOf(channel, aboutOf(each))
      to.set(stream, [...(to.get(stream) ?? []), each])
    }
    if ('checks' in message && earlier === undefined) {
      add(tried, message)
      early.push(...newsBeforeItsTime(message, model.streamOf(channel, aboutOf(message))))
    }
    if (chance(refused)) throw new Error('refused')
    // The receiver recognizes a repetition.
    if (!received.has(idempotencyKey)) {
      received.add(idempotencyKey)
      if ('checks' in message) add(arrived, message)
      if ('subjects' in message) matters.push({ channel, message })
    }
    if (chance(lost)) {
      count('lost responses')
      throw new Error('the response was lost')
    }
    if ('checks' in message) {
      add(settled, message)
      count(message.kind)
      for (const { news } of newsIn(message)) count(`news ${news}`)
    }
  }
  let lost = 0.1

  let configured: Configured = { checks: [], routes: [], channels: allChannels }
  /** With channels that may not be configured now. */
  let wanted: CheckRules[] = []
  /** Attempts deliveries until none is due, or `most` of them; only a few if the receiver is unreachable. */
  const deliver = async (most = refused === 1 ? 4 : Number.POSITIVE_INFINITY) => {
    for (let left = most; left > 0; left--) {
      await pass(1)
      if (!(await deliverAnyOf(pool, configured.channels, send))) return
    }
  }
  let channelsSince = now
  const closeRemoved = async () => {
    const closed = await closeRemovedChannels(pool)
    if (closed.length === 0) return
    for (const { messages } of closed) count('messages to removed channels', messages)
    await expectOnlyEnds(pool, new Date(channelsSince))
  }

  const environments = chance(0.4) ? ['production'] : ['production', 'staging']
  const dependency = anyOf(random, [0, 0.1, 0.3])
  const names = Array.from({ length: 1 + whole(random, 1 + whole(random, 30)) }, (_, index) => `check-${index}`)
  const someOthers = (name: string) => names.filter(other => other !== name && random() < dependency)
  wanted = names.map(name => anyCheck(random, name, anyOf(random, environments), someOthers(name)))
  const removed: CheckRules[] = []
  const moods = new Map<string, Mood>()
  const maintained = chance(0.3) ? names.filter(() => chance(0.3)) : []
  const maintainedUntil = start + whole(random, 3_000_000)
  const isInMaintenance: IsInMaintenance = (check, at) => at.getTime() < maintainedUntil && maintained.includes(check)
  let routes: Route[] = []
  let channels = allChannels

  const configure = async (found: string) => {
    const known = configured.channels.length
    const present = (given: readonly string[]) => given.filter(channel => channels.includes(channel))
    configured = {
      checks: wanted.map(check => ({ ...check, channels: present(check.channels) })),
      routes: routes.map(route => ({ ...route, channels: present(route.channels) })),
      channels,
    }
    const alerts = { rules: { ...plainAlertRules, routes: configured.routes }, channels }
    await setChecks(pool, configured.checks, new Date(now), alerts)
    if (configured.channels.length !== known) channelsSince = now
    for (const name of model.configure(configured, found)) slots.forget(name)
    await closeRemoved()
  }
  const reconfigure = async (found: string) => {
    const staying = wanted.filter(() => chance(0.85))
    const gone = wanted.filter(check => !staying.includes(check))
    const renamed = gone.filter(() => chance(0.4)).map(check => ({ ...check, name: `${check.name}x` }))
    const back = removed.filter(
      ({ name }) => chance(0.6) && ![...staying, ...renamed].some(check => check.name === name),
    )
    const changedOnes = staying.map(check => ({
      ...check,
      ...(chance(0.1) && { channels: someChannels(random) }),
      ...(chance(0.2) && { dependsOn: someOthers(check.name) }),
      ...(chance(0.05) && { severity: someSeverity(random) }),
      ...(chance(0.1) && { environment: anyOf(random, environments) }),
    }))
    removed.splice(0, removed.length, ...removed.filter(check => !back.includes(check)), ...gone)
    wanted = [...changedOnes, ...renamed, ...back].filter(
      (check, index, all) => all.findIndex(({ name }) => name === check.name) === index,
    )
    await configure(found)
  }
  /** Removes a channel, or adds those that were removed. */
  const changeChannels = async (found: string) => {
    if (channels.length < allChannels.length) {
      channels = allChannels
      count('channels back')
    } else {
      const channel = anyOf(random, channels)
      channels = channels.filter(each => each !== channel)
      matters.push({ channel, message: undefined })
    }
    await configure(found)
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

  /** Judges a check in the model, and looks whether the store confirms it. */
  const judgeInModel = async (name: string, found: string) => {
    const check = configured.checks.find(each => each.name === name)
    if (!check) return
    const { slots: decided, isOpen } = slots.take(check)
    for (const slot of decided) model.judge(name, slot, isInMaintenance(name, new Date(slot.due)), found)
    const verdict = model.verdictOf(name)
    if (decided.length === 0 || isOpen || !verdict || !needsConfirmation(check.policy, verdict)) return
    const due = await confirmingSlot(pool, check, now)
    slots.confirm(check, due)
  }

  const instances = await Promise.all(locations.map(location => enter(pool, { location, capacity: 100 })))
  const wholeRuns = new Set<string>()
  type Started = StartingReplay & { run: string }
  let underWay: Started[] = []
  const claim = async (): Promise<Started[]> => {
    const started: Started[] = []
    for (const instance of instances) {
      for (
        let claimed = await claimDueSlots(pool, instance, 100);
        claimed;
        claimed = await claimDueSlots(pool, instance, 100)
      ) {
        const { environment, slots: due } = claimed
        const run = randomUUID()
        const own = due.map(slot => ({ ...slot, replay: randomUUID() }))
        const replays = await startRun(pool, instance, { id: run, environment }, own)
        started.push(...replays.map(replay => ({ ...replay, run })))
      }
    }
    for (const slot of started) {
      if (!slots.start(slot)) throw new Error(`${slot.check} has an unexpected ${slot.kind} slot`)
      count(slot.kind)
    }
    return started
  }
  /** Replays what is due, and records the results in any order; some come late. */
  const round = async (disturbed: number) => {
    const started = await claim()
    const late = underWay.filter(() => chance(0.6) || disturbed === 0)
    underWay = underWay.filter(replay => !late.includes(replay))
    const runs = new Set(started.map(({ run }) => run))
    let isWhole = runs.size === 1 && late.length === 0 && (await isDelivered(pool))
    const ending = shuffled(random, [...started, ...late])
    // Messages do not wait for all results.
    const isSlow = chance(0.2 * disturbed)
    if (isSlow) isWhole = false
    for (const replay of ending) {
      if (!late.includes(replay) && chance(0.02 * disturbed)) {
        underWay.push(replay)
        isWhole = false
        continue
      }
      if (chance(0.03 * disturbed)) {
        isWhole = false
        await reconfigure(`change at ${now}`)
      }
      await pass(1 + whole(random, isSlow ? 3_000 : 150))
      const outcome = anyOf(random, outcomes[moods.get(replay.check) ?? 'well'])
      slots.end(replay, outcome)
      await recordResult(pool, { ...outcomeOf(replay, outcome), endedAt: new Date(now) }, isInMaintenance)
      await judgeInModel(replay.check, replay.run)
      await closeRemoved()
      if (chance(0.4)) await deliver()
    }
    if (isWhole) for (const run of runs) wholeRuns.add(run)
    if (chance(0.6)) await deliver()
    else await deliver(whole(random, 3))
  }
  const plan = async (planned: readonly CheckRules[], missing: number) => {
    const missed = planned.filter(() => chance(missing)).map(({ name }) => name)
    const wantedSlots = planned.flatMap(check => check.locations.map(location => ({ check: check.name, location })))
    const { closed } = await planSlots(
      pool,
      wantedSlots.map(slot => ({
        ...{ ...slot, due: new Date(now) },
        ...(missed.includes(slot.check) && { missed: 'no monitor was running' }),
      })),
    )
    const closedInModel = planned.filter(check => slots.plan(check, now, now, missed.includes(check.name)))
    expect(closed).toEqual(expect.arrayContaining(closedInModel.map(({ name }) => name)))
    await judgeClosed(pool, closed, isInMaintenance)
    const found = `planned at ${now}`
    for (const name of closed) await judgeInModel(name, found)
    await closeRemoved()
  }
  /** Replays slots that confirm, as they come due. */
  const confirmUntil = async (time: number, disturbed: number) => {
    for (;;) {
      const due = await nextDue(pool)
      if (due === undefined || due >= time || chance(0.1 * disturbed)) return
      await setClock(Math.max(now + 1, due))
      await round(disturbed)
    }
  }
  const step = async (planned: readonly CheckRules[], disturbed: number) => {
    // In whole seconds, as schedules have them.
    await setClock(1000 * Math.ceil((now + 1000) / 1000))
    await plan(planned, 0.05 * disturbed)
    await round(disturbed)
    const gap = 1000 * (10 + whole(random, chance(0.3) ? 1200 : 400))
    await confirmUntil(now + gap, disturbed)
    await pass(gap)
  }

  if (chance(0.4)) routes = someRoutes(random)
  await configure('the start')
  const steps = 3 + whole(random, 9)
  const restless = anyOf(random, [0.3, 0.8])
  for (let nth = 0; nth < steps; nth++) {
    // A channel whose receiver cannot be reached is removed more often.
    const isLeaving = chance(channels.length < allChannels.length ? 0.5 : refused === 1 ? 0.5 : 0.1)
    refused = chance(0.2) ? 1 : 0.2
    if (chance(0.1)) routes = someRoutes(random)
    if (chance(0.15)) await reconfigure(`change ${nth}`)
    if (isLeaving) await changeChannels(`channels ${nth}`)
    if (chance(0.4)) await operate()
    for (const { name } of configured.checks)
      if (chance(restless)) moods.set(name, anyOf(random, ['well', 'good', 'broken', 'broken', 'hidden']))
    await step(
      configured.checks.filter(() => chance(0.8)),
      1,
    )
  }
  if (chance(0.75)) {
    for (const { name } of wanted) moods.set(name, 'well')
    for (let left = 40; left > 0 && (left > 38 || model.openIncidents > 0); left--) await step(configured.checks, 0)
    expect(model.openIncidents, 'all that recovers ends').toBe(0)
    expect(await countOpen(pool), 'all that recovers ends').toBe(0)
  } else if (chance(0.5)) await deliver()
  refused = 0
  lost = 0
  wanted = []
  await configure('the end')
  // Longer than after an attempt that failed.
  await pass(600_001)
  await deliver()
  expect(changed, 'a message that was tried is not changed').toEqual([])
  expect(early, 'nothing is sent before it has to be').toEqual([])
  expect(faultsOfMatters(matters)).toEqual([])
  expect(await countWaiting(pool), 'nothing is left').toBe(0)
  compareNews(model, { arrived, settled }, wholeRuns)
  for (const { message } of matters) if (message) count(`${message.kind} ${message.phase}`)
  count('joins by own dependency', model.joins.byOwn)
  count("joins by another's dependency", model.joins.byOther)
  count('dependencies on checks that have left', model.joins.none)
  count('incidents', await countIncidents(pool))
  count('ended by recovery', model.recoveries)
  count('changed environments', model.moves)
  count('withheld falls', model.withheld)
  count('falls a removed channel had not got', model.forgotten.fell)
  count('unknown states a removed channel had not got', model.forgotten.unknown)
  for (const [what, number] of Object.entries(slots.closed)) count(`${what} slots`, number)
  count('whole runs', wholeRuns.size)
  count(
    'expected news',
    [...model.expected.values()].reduce((sum, { length }) => sum + length, 0),
  )
  return figures
}

const noPauses = { attemptMs: 60_000, firstPauseMs: 0, longestPauseMs: 0 }

/** Sends the first due message of any of the channels. Returns false if none is due. */
async function deliverAnyOf(pool: pg.Pool, channels: readonly string[], send: Send): Promise<boolean> {
  const { rows } = await pool.query<{ channel: string }>(
    `select channel from reprise.outbox where delivered_at is null and channel = any($1)
      group by channel order by min(next_attempt), min(id)`,
    [channels],
  )
  for (const { channel } of rows) if (await deliverNext(pool, channel, send, noPauses)) return true
  return false
}

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

const isDelivered = async (pool: pg.Pool) => (await countWaiting(pool)) === 0

async function countWaiting(pool: pg.Pool): Promise<number> {
  const { rows } = await pool.query<{ count: number }>(
    'select count(*)::integer as count from reprise.outbox where delivered_at is null',
  )
  return rows[0]?.count ?? 0
}

async function countIncidents(pool: pg.Pool): Promise<number> {
  const { rows } = await pool.query<{ count: number }>('select count(*)::integer as count from reprise.incidents')
  return rows[0]?.count ?? 0
}

async function countOpen(pool: pg.Pool): Promise<number> {
  const { rows } = await pool.query<{ count: number }>(
    'select count(*)::integer as count from reprise.incidents where closed_at is null',
  )
  return rows[0]?.count ?? 0
}

/** To a channel that is not configured any more, nothing is written but the ends of what it knows. */
async function expectOnlyEnds(pool: pg.Pool, since: Date): Promise<void> {
  const { rows } = await pool.query<{ message: CheckMessage | SubjectMessage }>(
    `select message from reprise.outbox message
      where created_at > $1 and not exists (select from reprise.channels where name = message.channel)`,
    [since],
  )
  const ends = ['recovered', 'removed', 'known']
  for (const { message } of rows) {
    const isEnd =
      'phase' in message ? message.phase === 'ended' : newsIn(message).some(({ news }) => ends.includes(news))
    if (!isEnd) throw new Error(`A removed channel has got ${JSON.stringify(message)}`)
  }
}

/** Returns when the next slot is due. */
async function nextDue(pool: pg.Pool): Promise<number | undefined> {
  const { rows } = await pool.query<{ due: Date | null }>(
    `select min(due) as due from reprise.slots join reprise.seats using (check_name, location)
      where state = 'due' and taken_by is null`,
  )
  return rows[0]?.due?.getTime()
}

/** Returns the due time of the slot that confirms what was found just now. Throws if there is none, or not in time. */
async function confirmingSlot(
  pool: pg.Pool,
  { name, locations, confirmEveryMs }: CheckRules,
  now: number,
): Promise<number> {
  const { rows } = await pool.query<{ due: Date; locations: string[] }>(
    `select due, array_agg(location order by location desc) as locations from reprise.slots
      where check_name = $1 and kind = 'confirm' and state = 'due' and due > $2 group by due order by due desc limit 1`,
    [name, new Date(now)],
  )
  const [slot] = rows
  const inMs = slot ? slot.due.getTime() - now : undefined
  if (slot === undefined || inMs === undefined || inMs < confirmEveryMs / 2 || inMs > confirmEveryMs)
    throw new Error(`${name} is confirmed in ${inMs} ms, not in ${confirmEveryMs / 2} to ${confirmEveryMs} ms`)
  expect(slot.locations, `${name} is confirmed at all its locations`).toEqual(locations)
  return slot.due.getTime()
}

function anyCheck(random: () => number, name: string, environment: string, dependsOn: readonly string[]): CheckRules {
  const confirm = { down: 1 + whole(random, 2), up: 1 + whole(random, 2) }
  const flapping = random() < 0.5 ? { turns: 3, within: 10, steady: 3 } : defaultPolicy.flapping
  const places = random() < 0.2 ? locations : ['home']
  return rules({
    name,
    environment,
    locations: places,
    policy: {
      ...{ ...defaultPolicy, confirm, flapping, blindAfter: 1 + whole(random, 3) },
      locations: { count: places.length, agree: 1 + whole(random, places.length) },
    },
    confirmEveryMs: anyOf(random, [8_000, 20_000]),
    dependsOn,
    channels: someChannels(random),
    severity: someSeverity(random),
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

const someChannels = (random: () => number) => allChannels.filter(() => random() < 0.6)

const someSeverity = (random: () => number) => (random() < 0.3 ? ('warning' as const) : ('critical' as const))

const anyOf = <T>(random: () => number, among: readonly T[]): T => among[whole(random, among.length)] as T

function shuffled<T>(random: () => number, given: readonly T[]): T[] {
  const list = [...given]
  for (let index = list.length - 1; index > 0; index--) {
    const other = whole(random, index + 1)
    ;[list[index], list[other]] = [list[other] as T, list[index] as T]
  }
  return list
}
