/** Triggers the planning of slots with node-cron, which asks the database whether this instance has added any. */
import { createTask, type RunCoordinator, type ScheduledTask } from 'node-cron'

export interface Schedule {
  /** Plans now, such as when the database is back. Throws the error of `plan`. */
  planNow(): Promise<void>
  /** Plans no more; resolves when the last planning has ended. */
  stop(): Promise<void>
}

export interface ScheduleOptions {
  /** Plans every second instead of every minute. */
  everySecond: boolean
  /** Adds the slots that have come due, and returns how many. */
  plan(): Promise<number>
  /** Slots were added. */
  onAdded(): void
  /** Planning has failed; the next planning adds the missing slots. */
  onError(error: Error): void
}

/** Starts with the next full minute or second; call `planNow` for the slots until then. */
export function startSchedule({ everySecond, plan, onAdded, onError }: ScheduleOptions): Schedule {
  const underWay = new Set<Promise<unknown>>()
  const tracked = <T>(work: Promise<T>) => {
    const settled: Promise<unknown> = work.catch(() => undefined).finally(() => underWay.delete(settled))
    underWay.add(settled)
    return work
  }
  // Slots that exist already were added by another instance.
  const coordinator: RunCoordinator = { shouldRun: async () => (await tracked(plan())) > 0 }
  const start = () => startBeat(everySecond, coordinator, onAdded, onError)
  let beat = start()
  const restartBeat = () => {
    beat.destroy()
    beat = start()
  }
  const clockWatch = watchClock(restartBeat)
  return {
    planNow: async () => {
      if ((await tracked(plan())) > 0) onAdded()
    },
    stop: async () => {
      clearInterval(clockWatch)
      await beat.destroy()
      await Promise.all(underWay)
    },
  }
}

function startBeat(
  everySecond: boolean,
  runCoordinator: RunCoordinator,
  onAdded: () => void,
  onError: (error: Error) => void,
): ScheduledTask {
  const task = createTask(everySecond ? '* * * * * *' : '* * * * *', onAdded, {
    name: 'slots',
    timezone: 'UTC',
    distributed: true,
    runCoordinator,
    // Each planning starts from the last slot in the database, so that it needs neither to queue nor to be on time.
    noOverlap: true,
    missedExecutionTolerance: 3_600_000,
    suppressMissedWarning: true,
    logger: {
      info: () => undefined,
      warn: () => undefined,
      debug: () => undefined,
      error: (message, error) => onError(error ?? (message instanceof Error ? message : new Error(message))),
    },
  })
  task.start()
  return task
}

/** node-cron waits for a time of this machine's clock: if that is set back, it waits too long. */
function watchClock(onSet: () => void): NodeJS.Timeout {
  let started = Date.now() - performance.now()
  const watch = setInterval(() => {
    const since = Date.now() - performance.now()
    if (Math.abs(since - started) > 1000) onSet()
    started = since
  }, 1000)
  return watch.unref()
}
