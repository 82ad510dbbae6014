/** Plans slots as time goes by: node-cron gives the beat, and asks the database whether a slot is anybody's. */
import { createTask, type RunCoordinator, type ScheduledTask } from 'node-cron'

export interface Schedule {
  /** Plans at once, for instance when the database is back. Throws what planning throws. */
  planNow(): Promise<void>
  /** Plans no more; resolves when the last planning has ended. */
  stop(): Promise<void>
}

export interface ScheduleOptions {
  /** Every second instead of every minute. */
  everySecond: boolean
  /** Puts in what has come due; answers how many slots that were. */
  plan(): Promise<number>
  /** Slots were put in. */
  onAdded(): void
  /** A planning has failed; the next one makes up for it. */
  onError(error: Error): void
}

/** Begins with the next full minute or second; call `planNow` for what was missed until then. */
export function startSchedule({ everySecond, plan, onAdded, onError }: ScheduleOptions): Schedule {
  const underWay = new Set<Promise<unknown>>()
  const tracked = <T>(work: Promise<T>) => {
    const settled: Promise<unknown> = work.catch(() => undefined).finally(() => underWay.delete(settled))
    underWay.add(settled)
    return work
  }
  // A row that is there already was put in by another instance.
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
    // A planning finds what earlier ones have left, so that none needs to wait in line or to be exactly in time.
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

/** node-cron waits for a time on this machine's clock: if that is set back, it would wait for too long. */
function watchClock(onSet: () => void): NodeJS.Timeout {
  let started = Date.now() - performance.now()
  const watch = setInterval(() => {
    const since = Date.now() - performance.now()
    if (Math.abs(since - started) > 1000) onSet()
    started = since
  }, 1000)
  return watch.unref()
}
