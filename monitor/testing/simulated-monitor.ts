/** A monitor whose time, services, network and receivers are simulated; its store, schedule and outbox are the real ones. */
import { randomUUID } from 'node:crypto'
import type pg from 'pg'
import { whole } from '../../testing/random.ts'
import { planDue } from '../schedule/plan.ts'
import { timetable } from '../schedule/timetable.ts'
import { LostDatabase } from '../service/lost-database.ts'
import { type CheckRules, noMaintenance } from '../store/check-rules.ts'
import { setChecks } from '../store/checks.ts'
import { claimDueSlots, type StartingReplay, startRun } from '../store/claims.ts'
import { beat, type Instance, leave } from '../store/instances.ts'
import { leakMatters } from '../store/leak-matters.ts'
import type { AlertMessage } from '../store/messages.ts'
import type { Delivery, Send } from '../store/outbox.ts'
import { reportPresentMatters } from '../store/present-matters.ts'
import { reap } from '../store/reaper.ts'
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
  /** Channels whose receivers refuse. */
  refusing: ReadonlySet<string>
}

export interface Received {
  channel: string
  message: AlertMessage
  /** Not through the outbox. */
  isDirect: boolean
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
  isDelivered(): Promise<boolean>
  /** Each once, although a response may have been lost. */
  readonly received: readonly Received[]
  readonly replayed: ReadonlyMap<string, readonly Replayed[]>
  /** Messages that have arrived again, or changed under the same key. */
  readonly repeated: { same: number; changed: number }
  close(): void
}

/** All checks are due every minute. */
export async function startSimulated(
  pool: pg.Pool,
  checks: readonly CheckRules[],
  random: () => number,
  clock: { stop(at: Date): Promise<void> },
  start: number,
): Promise<SimulatedMonitor> {
  const chance = (probability: number) => random() < probability
  const times = timetable(checks.map(({ name }) => ({ name, cron: '* * * * *', timezone: 'UTC' })))
  const [received, replayed] = [[] as Received[], new Map<string, Replayed[]>()]
  const texts = new Map<string, string>()
  const repeated = { same: 0, changed: 0 }
  let now = start
  let world: World | undefined
  /** Of this instance, while the database is away. */
  let waiting: { replay: StartingReplay; outcome: Outcome; endedAt: Date }[] = []
  let instance: Instance | undefined
  const resumes: (() => void)[] = []

  const receive =
    (isDirect: boolean): Send =>
    async ({ channel, message, idempotencyKey }: Delivery) => {
      if (world?.network || world?.refusing.has(channel)) throw new Error('refused')
      const text = JSON.stringify(message)
      const earlier = texts.get(`${channel} ${idempotencyKey}`)
      if (earlier === undefined) received.push({ channel, message, isDirect })
      else if (earlier === text) repeated.same++
      else repeated.changed++
      texts.set(`${channel} ${idempotencyKey}`, text)
      if (chance(0.02)) throw new Error('the response was lost')
    }
  const lostDatabase = new LostDatabase({
    instance: 'host-7 in home',
    sender: () => ({ channels: [...new Set(checks.flatMap(({ channels }) => channels))], send: receive(true) }),
    now: () => now,
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
    await recordResult(pool, { ...outcomeOf(replay, outcome), endedAt }, noMaintenance)
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
  await setChecks(pool, checks, new Date(start))

  return {
    received,
    replayed,
    repeated,
    close: () => {
      times.close()
      lostDatabase.stop()
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
        waiting = []
        return
      }
      instance ??= await enterHome(pool)
      const by = instance
      await planDue(pool, times, { until: new Date(now), now: new Date(now) }, noMaintenance, () => undefined)
      await beat(pool, by)
      await keepWatch(pool, { databaseLostTo: lostDatabase.worked() })
      await settle()
      await reap(pool, by, noMaintenance)
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
        await reportPresentMatters(pool, leakMatters)
        await reportPresentMatters(pool, troubleMatters(noMaintenance))
      }
      while (await deliverAny(pool, receive(false)));
    },
  }
}
