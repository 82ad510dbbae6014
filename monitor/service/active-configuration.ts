/**
 * Keeps the active configuration: its checks are in the database, and their slots are planned. It can be replaced at
 * any time.
 */
import type pg from 'pg'
import { kindOf } from '../alerts/channels.ts'
import type { Configuration } from '../config/configuration.ts'
import { planDue, planningTime } from '../schedule/plan.ts'
import { type Schedule, startSchedule } from '../schedule/schedule.ts'
import { databaseTime } from '../store/check-locations.ts'
import { setChecks } from '../store/checks.ts'
import { setHeartbeats } from '../store/heartbeats.ts'
import { requestReplay } from '../store/slots.ts'
import { type CompiledConfiguration, compileConfiguration } from './compiled-configuration.ts'

export interface ActiveConfiguration {
  current(): CompiledConfiguration
  /**
   * Throws a `ConfigurationError` for secrets that are not set, and the database's errors; then the earlier
   * configuration stays active.
   */
  replace(configuration: Configuration): Promise<void>
  /** Stops planning slots; `current` still returns the configuration. */
  stop(): Promise<void>
  /** Stops, and frees the tasks of the schedule. */
  close(): Promise<void>
}

export interface ActiveConfigurationOptions {
  pool: pg.Pool
  configuration: Configuration
  env: NodeJS.ProcessEnv
  /** This instance creates no alerts of failures. */
  isMuted: boolean
  /** Planning has failed; the next planning adds the missing slots. */
  onError(error: Error): void
  /** Planning has succeeded. */
  onDone(): void
  /** The database's clock was set back. */
  complain(text: string): void
}

/** Throws as `replace` does. */
export async function openActiveConfiguration({
  pool,
  configuration,
  env,
  isMuted,
  ...events
}: ActiveConfigurationOptions): Promise<ActiveConfiguration> {
  let activated = await activate(pool, compileConfiguration(configuration, env, isMuted), events)
  return {
    current: () => activated.compiled,
    async replace(next) {
      const earlier = activated
      // Slots up to now are those of the earlier configuration.
      await earlier.schedule.planNow()
      activated = await activate(pool, compileConfiguration(next, env, isMuted), events)
      await deactivate(earlier)
    },
    stop: () => activated.schedule.stop(),
    close: () => deactivate(activated),
  }
}

interface Activated {
  compiled: CompiledConfiguration
  schedule: Schedule
}

type Events = Pick<ActiveConfigurationOptions, 'onError' | 'onDone' | 'complain'>

async function activate(pool: pg.Pool, compiled: CompiledConfiguration, events: Events): Promise<Activated> {
  const { timetable, isInMaintenance } = compiled
  let schedule: Schedule | undefined
  let plannedUntil: Date | undefined
  try {
    const now = await databaseTime(pool)
    // New checks are replayed at once, so that their state is known before their first slot.
    const { alertRules, channels } = compiled.configuration
    const alerts = { rules: alertRules, channels: Object.keys(channels), acknowledged: acknowledgedOf(channels) }
    const added = await setChecks(pool, compiled.rules, now, alerts)
    const replayed = new Set(compiled.configuration.checks.map(({ name }) => name))
    for (const name of added) if (replayed.has(name)) await requestReplay(pool, name, now)
    await setHeartbeats(pool, compiled.heartbeats.all, now)
    schedule = startSchedule({
      everySecond: timetable.hasSeconds,
      plan: async () => {
        const time = planningTime(new Date(), await databaseTime(pool))
        const added = await planDue(pool, timetable, time, isInMaintenance, events.complain, plannedUntil)
        plannedUntil = time.until
        events.onDone()
        return added
      },
      // The database notifies the loops that wait for slots.
      onAdded: () => undefined,
      onError: events.onError,
    })
    await schedule.planNow()
    return { compiled, schedule }
  } catch (error) {
    // It would go on planning, and keep the process alive.
    await schedule?.stop()
    compiled.close()
    throw error
  }
}

/** The names of the channels whose service has alerts that can be acknowledged. */
function acknowledgedOf(channels: Configuration['channels']): string[] {
  return Object.entries(channels).flatMap(([name, channel]) => (kindOf(channel).takesAcknowledgements ? name : []))
}

async function deactivate({ compiled, schedule }: Activated): Promise<void> {
  await schedule.stop()
  compiled.close()
}
