/** The configuration in force: its checks are in the database, their slots are planned. It can be exchanged at any time. */
import type pg from 'pg'
import type { Configuration } from '../config/configuration.ts'
import { planDue, planningTime } from '../schedule/plan.ts'
import { type Schedule, startSchedule } from '../schedule/schedule.ts'
import { databaseTime } from '../store/check-locations.ts'
import { setChecks } from '../store/checks.ts'
import { requestReplay } from '../store/slots.ts'
import { type Monitored, monitored } from './compiled-configuration.ts'

export interface Agenda {
  current(): Monitored
  /** Throws a `ConfigurationError` for secrets that are not set, or what the database says; then the earlier one stays. */
  exchange(configuration: Configuration): Promise<void>
  /** Plans no more slots; `current` and `isInMaintenance` still answer. */
  stop(): Promise<void>
  /** Stops, and frees the timers of the schedule. */
  close(): Promise<void>
}

export interface AgendaOptions {
  pool: pg.Pool
  configuration: Configuration
  env: NodeJS.ProcessEnv
  /** A planning has failed; the next one makes up for it. */
  onError(error: Error): void
  /** Slots have been planned. */
  onDone(): void
  /** The database's clock was set back. */
  complain(text: string): void
}

/** Throws as `exchange` does. */
export async function openAgenda({ pool, configuration, env, ...events }: AgendaOptions): Promise<Agenda> {
  let inForce = await enact(pool, monitored(configuration, env), events)
  return {
    current: () => inForce.monitored,
    async exchange(next) {
      const earlier = inForce
      // What is due until now is due by the earlier one.
      await earlier.schedule.planNow()
      inForce = await enact(pool, monitored(next, env), events)
      await end(earlier)
    },
    stop: () => inForce.schedule.stop(),
    close: () => end(inForce),
  }
}

interface InForce {
  monitored: Monitored
  schedule: Schedule
}

type Events = Pick<AgendaOptions, 'onError' | 'onDone' | 'complain'>

async function enact(pool: pg.Pool, monitored: Monitored, events: Events): Promise<InForce> {
  const { timetable, isInMaintenance } = monitored
  try {
    const now = await databaseTime(pool)
    // What nobody knows yet is replayed at once, so that nobody has to wait for the first slot.
    for (const name of await setChecks(pool, monitored.rules, now)) await requestReplay(pool, name, now)
    const schedule = startSchedule({
      everySecond: timetable.hasSeconds,
      plan: async () => {
        const time = planningTime(new Date(), await databaseTime(pool))
        const added = await planDue(pool, timetable, time, isInMaintenance, events.complain)
        events.onDone()
        return added
      },
      // The database wakes all who wait for slots.
      onAdded: () => undefined,
      onError: events.onError,
    })
    await schedule.planNow()
    return { monitored, schedule }
  } catch (error) {
    monitored.close()
    throw error
  }
}

async function end({ monitored, schedule }: InForce): Promise<void> {
  await schedule.stop()
  monitored.close()
}
