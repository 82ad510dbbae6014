/** A monitor whose time, services, network and receivers are simulated; its store, schedule and outbox are the real ones. */
import { randomUUID } from 'node:crypto'
import type pg from 'pg'
import type { Intent } from '../../environment/ledger/entry.ts'
import { whole } from '../../testing/random.ts'
import { planDue } from '../schedule/plan.ts'
import { timetable } from '../schedule/timetable.ts'
import { createDigests } from '../service/digests.ts'
import { LostDatabase } from '../service/lost-database.ts'
import type { ConfiguredAlerts } from '../store/alert-rules.ts'
import { recordCertificate, reportOpenCertificates } from '../store/certificates.ts'
import { type CheckRules, type IsInMaintenance, noMaintenance } from '../store/check-rules.ts'
import { setChecks } from '../store/checks.ts'
import { claimDueSlots, type StartingReplay, startRun } from '../store/claims.ts'
import { DeliveryFailure } from '../store/delivery-failure.ts'
import { recordReport } from '../store/heartbeat-reports.ts'
import { noteListening } from '../store/heartbeat-watch.ts'
import { type ActiveHeartbeat, setHeartbeats } from '../store/heartbeats.ts'
import { beat, type Instance, leave } from '../store/instances.ts'
import { notifyOthers } from '../store/judgement.ts'
import { judgeLate } from '../store/late-heartbeats.ts'
import { leakMatters } from '../store/leak-matters.ts'
import { openLedger, releaseLedger, writeEntries } from '../store/ledgers.ts'
import type { AlertMessage } from '../store/messages.ts'
import type { Delivery, Send } from '../store/outbox.ts'
import { reportPresentMatters } from '../store/present-matters.ts'
import { reap } from '../store/reaper.ts'
import { writeDueReminders } from '../store/reminders.ts'
import { closeRemovedChannels } from '../store/removed-channels.ts'
import { recordResult } from '../store/replays.ts'
import type { SlotKind } from '../store/slot.ts'
import { troubleMatters } from '../store/trouble-matters.ts'
import { keepWatch } from '../store/watch.ts'
import type { Outcome } from '../verdict/finding.ts'
import { deliverAny, enterHome, outcomeOf } from './store-fixture.ts'

export const tickMs = 20_000

/** What is wrong now. */
export interface World {
  broken: ReadonlySet<string>
  slow: ReadonlySet<string>
  network: boolean
  monitor: boolean
  database: boolean
  /** Channels whose receivers refuse, some of them with a time to wait. */
  refusing: ReadonlySet<string>
  /** Heartbeats whose jobs do not report. */
  silent: ReadonlySet<string>
  /** Checks of which something is left in their environment. */
  leaking: ReadonlySet<string>
  /** When the certificate of `production` expires, in milliseconds. */
  certificateEnd?: number
}

/** Nothing is wrong. */
export const calm: World = {
  ...{ broken: new Set(), slow: new Set(), refusing: new Set(), silent: new Set(), leaking: new Set() },
  ...{ network: false, monitor: false, database: false },
}

export interface SimulatedOptions {
  pool: pg.Pool
  /** By `cron`, but for those of `heartbeats`. */
  checks: readonly CheckRules[]
  random: () => number
  clock: { stop(at: Date): Promise<void> }
  start: number
  /** Default: every minute. */
  cron?: string
  /** Default: the channels of the checks, and no rules. */
  alerts?: ConfiguredAlerts
  /** Their jobs report twice in each period. */
  heartbeats?: readonly (ActiveHeartbeat & { everyMs: number })[]
  digest?: Parameters<typeof createDigests>[1]
  isInMaintenance?: IsInMaintenance
  /** Some replays are flaky or end late, some responses are lost, and some deliveries are killed; default true. */
  disturbances?: boolean
}

export interface Received {
  channel: string
  message: AlertMessage
  /** In milliseconds since the epoch. */
  at: number
  /** Not through the outbox. */
  isDirect: boolean
  /** From 1. */
  attempt: number
}

/** The outcome of a replay that was recorded, or could be later. */
export interface Replayed {
  due: number
  kind: SlotKind
  outcome: Outcome
}

export interface SimulatedMonitor {
  /** One tick of the virtual clock, in a world. */
  tick(now: number, world: World): Promise<void>
  /** Changes the rules and the channels. */
  configure(alerts: ConfiguredAlerts): Promise<void>
  isDelivered(): Promise<boolean>
  /** Each once, although a response may have been lost. */
  readonly received: readonly Received[]
  readonly replayed: ReadonlyMap<string, readonly Replayed[]>
  /** Messages that have arrived again, or changed under the same key; and attempts in a pause for which the receiver had asked. */
  readonly repeated: { same: number; changed: number; hasty: number }
  close(): void
}

export async function startSimulated(options: SimulatedOptions): Promise<SimulatedMonitor> {
  const { pool, checks, random, clock, start, alerts, heartbeats = [], digest } = options
  const { cron = '* * * * *', isInMaintenance = noMaintenance, disturbances = true } = options
  const chance = (probability: number) => disturbances && random() < probability
  const replayedChecks = checks.filter(({ heartbeat }) => heartbeat === undefined)
  const times = timetable(replayedChecks.map(({ name }) => ({ name, cron, timezone: 'UTC' })))
  const [received, replayed] = [[] as Received[], new Map<string, Replayed[]>()]
  const texts = new Map<string, string>()
  const repeated = { same: 0, changed: 0, hasty: 0 }
  /** By channel. */
  const pausedUntil = new Map<string, number>()
  let now = start
  let world: World | undefined
  /** Of this instance, while the database is away. */
  let waiting: { replay: StartingReplay; outcome: Outcome; endedAt: Date }[] = []
  let instance: Instance | undefined
  /** The process ends before it has stored that a message was accepted. */
  let isKilled = false
  const resumes: (() => void)[] = []

  const receive =
    (isDirect: boolean): Send =>
    async ({ channel, message, idempotencyKey, attempt }: Delivery) => {
      if (!isDirect && now < (pausedUntil.get(channel) ?? 0)) repeated.hasty++
      if (world?.network) throw new Error('refused')
      if (world?.refusing.has(channel)) {
        if (!chance(0.5)) throw new Error('refused')
        const retryAfterMs = tickMs * (1 + whole(random, 6))
        if (!isDirect) pausedUntil.set(channel, now + retryAfterMs)
        throw new DeliveryFailure('answered 429', 'answered 429', retryAfterMs)
      }
      const text = JSON.stringify(message)
      const earlier = texts.get(`${channel} ${idempotencyKey}`)
      if (earlier === undefined) received.push({ channel, message, at: now, isDirect, attempt })
      else if (earlier === text) repeated.same++
      else repeated.changed++
      texts.set(`${channel} ${idempotencyKey}`, text)
      if (chance(0.02)) throw new Error('the response was lost')
      isKilled = !isDirect && chance(0.01)
    }
  /** Sends what is due, until the process is killed. */
  const deliver = async () => {
    isKilled = false
    const killable = {
      query: (...given: Parameters<pg.Pool['query']>) => {
        if (isKilled) throw new Error('killed')
        return pool.query(...given)
      },
    } as unknown as pg.Pool
    try {
      while (await deliverAny(killable, receive(false)));
    } catch (error) {
      if (!isKilled) throw error
    }
  }
  const lostDatabase = new LostDatabase({
    instance: 'host-7 in home',
    sender: () => ({ channels: [...new Set(checks.flatMap(({ channels }) => channels))], send: receive(true) }),
    now: () => now,
    elapsed: () => now,
    pause: (_ms, signal) =>
      new Promise<void>(resolve => {
        const resume = () => {
          signal.removeEventListener('abort', resume)
          resolve()
        }
        resumes.push(resume)
        signal.addEventListener('abort', resume)
      }),
  })
  const settle = async () => {
    for (const resume of resumes.splice(0)) resume()
    for (let turns = 4; turns > 0; turns--) await new Promise(resolve => setImmediate(resolve))
  }
  const outcomeIn = ({ broken, slow, network }: World, check: string): Outcome => {
    if (network) return 'error'
    if (broken.has(check)) return 'failed'
    if (slow.has(check)) return 'slow'
    return chance(0.05) ? 'flaky' : 'passed'
  }
  const record = async ({ replay, outcome, endedAt }: (typeof waiting)[number]) => {
    await recordResult(pool, { ...outcomeOf(replay, outcome), endedAt }, isInMaintenance)
  }
  /** Replays what is due; returns the replays that have ended, in any order. */
  const run = async (by: Instance, current: World) => {
    const ended: typeof waiting = []
    for (let claim = await claimDueSlots(pool, by, 100); claim; claim = await claimDueSlots(pool, by, 100)) {
      const slots = claim.slots.map(slot => ({ ...slot, replay: randomUUID() }))
      for (const replay of await startRun(pool, by, { id: randomUUID(), environment: claim.environment }, slots)) {
        ended.splice(whole(random, ended.length + 1), 0, {
          ...{ replay, outcome: outcomeIn(current, replay.check), endedAt: new Date(now) },
        })
      }
    }
    return ended
  }

  await clock.stop(new Date(start))
  await setChecks(pool, checks, new Date(start), alerts)
  await setHeartbeats(pool, heartbeats, new Date(start))
  const writeDigests = digest && createDigests(pool, digest)
  const leaks = new Map<string, { run: string; id: string }>()
  const reportedAt = new Map<string, number>()
  let hasListened = false
  const listen = async ({ silent }: World) => {
    if (heartbeats.length === 0) return
    await noteListening(pool, heartbeats, !hasListened)
    hasListened = true
    for (const { name, everyMs } of heartbeats) {
      if (silent.has(name) || now - (reportedAt.get(name) ?? 0) < everyMs / 2) continue
      await recordReport(pool, { check: name, kind: 'passed', rid: '' }, () => undefined, isInMaintenance)
      reportedAt.set(name, now)
    }
    await judgeLate(pool, heartbeats, isInMaintenance)
  }
  const leak = async ({ leaking }: World) => {
    for (const check of leaking) {
      if (leaks.has(check)) continue
      const [holder, id, run] = [randomUUID(), randomUUID(), `run-${now}-${check}`]
      const environment = checks.find(({ name }) => name === check)?.environment ?? ''
      const intent: Intent = {
        ...{ id, at: new Date(now).toISOString(), environment, replay: randomUUID(), check },
        ...{ method: 'POST', url: `https://api.example.com/${check}`, token: 'none', timeoutMs: 1000 },
      }
      await openLedger(pool, { run, environment, settings: { baseURL: 'https://api.example.com/' } }, holder)
      await writeEntries(pool, run, holder, [
        { entry: 'intent', intent },
        { entry: 'unresolved', id, reason: 'DELETE was answered with 403' },
      ])
      await releaseLedger(pool, run, holder)
      leaks.set(check, { run, id })
    }
    for (const [check, { run, id }] of leaks) {
      if (leaking.has(check)) continue
      await pool.query('delete from reprise.intents where id = $1 and run = $2', [id, run])
      leaks.delete(check)
    }
  }
  const lookAtCertificate = async ({ certificateEnd }: World) => {
    if (certificateEnd === undefined) return
    const place = { environment: 'production', origin: 'https://api.example.com' }
    const ends = { expiresAt: new Date(certificateEnd), ownExpiresAt: new Date(certificateEnd) }
    await recordCertificate(pool, place, { ...ends, subject: 'api.example.com', issuer: 'R3' })
    await reportOpenCertificates(pool)
  }

  return {
    received,
    replayed,
    repeated,
    close: () => {
      times.close()
      lostDatabase.stop()
    },
    async configure(changed) {
      await setChecks(pool, checks, new Date(now), changed)
    },
    async isDelivered() {
      const { rowCount } = await pool.query('select from reprise.outbox where delivered_at is null limit 1')
      return rowCount === 0
    },
    async tick(time, next) {
      const before = world
      now = time
      world = next
      await settle()
      await clock.stop(new Date(now))
      if (next.database && instance && !next.monitor) {
        lostDatabase.failed()
        await settle()
        return
      }
      if (next.monitor || next.database) {
        // Its results in memory are lost with it.
        if (instance && chance(0.5)) await leave(pool, instance)
        instance = undefined
        hasListened = false
        waiting = []
        return
      }
      instance ??= await enterHome(pool)
      const by = instance
      await planDue(pool, times, { until: new Date(now), now: new Date(now) }, isInMaintenance, () => undefined)
      await beat(pool, by)
      await keepWatch(pool, { databaseLostTo: lostDatabase.worked() })
      await settle()
      await reap(pool, by, isInMaintenance)
      await listen(next)
      const note = ({ replay: { check, due, kind }, outcome }: (typeof waiting)[number]) =>
        void replayed.set(check, [...(replayed.get(check) ?? []), { due: due.getTime(), kind, outcome }])
      for (const late of waiting.splice(0)) {
        await record(late)
        note(late)
      }
      for (const ended of await run(by, next)) {
        // Some replays end when the database is away already, or the monitor dead.
        const isLate = chance(0.02)
        if (isLate) waiting.push(ended)
        else {
          await record(ended)
          note(ended)
        }
      }
      if (now % 60_000 === 0 || before?.monitor) {
        await leak(next)
        await lookAtCertificate(next)
        await reportPresentMatters(pool, leakMatters, isInMaintenance)
        await reportPresentMatters(pool, troubleMatters(isInMaintenance), isInMaintenance)
        await notifyOthers(pool, isInMaintenance)
        await writeDigests?.()
      }
      await writeDueReminders(pool, isInMaintenance)
      await closeRemovedChannels(pool)
      // What was written just now is due a moment later.
      await clock.stop(new Date(now + 1))
      await deliver()
    },
  }
}
