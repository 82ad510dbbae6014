/** Claims due slots as far as this instance has capacity, and runs them. */
import { setTimeout as pause } from 'node:timers/promises'
import type pg from 'pg'
import { parseDuration } from '../duration.ts'
import { defaultRunTimeout } from '../replay/run-supervision.ts'
import { readUnknown } from '../store/checks.ts'
import { type Claim, claimDueSlots, nextSlotInMs, startRun } from '../store/claims.ts'
import { databaseLedger } from '../store/database-ledger.ts'
import type { ReplayResult } from '../store/replay-result.ts'
import type { CompiledConfiguration } from './compiled-configuration.ts'
import type { InstanceHeartbeat } from './instance-heartbeat.ts'
import { type Loop, startLoop } from './loop.ts'
import type { OperationEvents } from './operations.ts'
import { OverdueRuns } from './overdue-runs.ts'
import { performRun, type RunOptions } from './run.ts'
import { type QuotaLimits, RunQuota } from './run-quota.ts'
import { StopRequests } from './stop-requests.ts'

export interface Runs {
  /** There may be slots to claim. */
  wake(): void
  /** Stops claiming, asks the runs to end after `graceMs`, and resolves when all have ended. */
  stop(graceMs: number): Promise<void>
}

export interface RunsOptions {
  pool: pg.Pool
  heartbeat: InstanceHeartbeat
  /** Most concurrent runs of one environment, so that one that hangs delays no other. */
  ofEnvironment: QuotaLimits
  /** Whether runs end. */
  ending: OperationEvents
  /** Most runs that load their specs at one time, which takes processor time. */
  mostBeginning: number
  compiled(): CompiledConfiguration
  env: NodeJS.ProcessEnv
  record(outcome: ReplayResult): Promise<void>
  onCertificates: RunOptions['onCertificates']
  onDocument: RunOptions['onDocument']
  /** A slot has been started. @param lagMs How long after its due time. */
  onStart(lagMs: number): void
  /** A run has ended, and its outcomes are recorded. */
  onEnd(): void
  onError(error: Error): void
  onDone(): void
  /** A report was written, or could not be. */
  onReport(failure?: Error): void
  complain(text: string): void
}

/** Slots that are due and not claimed are the share of other instances; wait this long for them. */
const othersShareMs = 250

/** A run that takes longer to load, such as one with an endless loop, no longer delays others. */
const longestBeginMs = 10_000

/** A run that has reached its time limit still has its processes ended, its report written, and its ledger swept. */
const overdueAfterMs = 300_000

export function startRuns(options: RunsOptions): Runs {
  const { pool, heartbeat, ofEnvironment, mostBeginning } = options
  const quota = new RunQuota(ofEnvironment)
  const overdue = new OverdueRuns(overdueAfterMs, options.ending)
  const underWay = new Map<Promise<void>, Claim>()
  const beginning = new Set<Claim>()
  const stopRequests = new StopRequests()
  let isStopping = false

  const perform = (claim: Claim) => {
    const admitted = quota.admit(claim.environment)
    const ended = overdue.begin(nameOf(claim), limitMs(claim))
    const stopRequest = stopRequests.begin()
    beginning.add(claim)
    const letOthersBegin = () => {
      clearTimeout(patience)
      if (beginning.delete(claim)) loop.wake()
    }
    const patience = setTimeout(letOthersBegin, longestBeginMs)
    const run = performRun({
      ...options,
      claim,
      compiled: options.compiled(),
      openLedger: databaseLedger(pool),
      asked: stopRequest.asked,
      onBegin: () => {
        admitted.goesOn()
        letOthersBegin()
      },
      onTestEnd: admitted.goesOn,
      start: async (about, replays) => {
        const started = await untilWritten(async () =>
          isStopping ? [] : startRun(pool, heartbeat.instance(), about, replays),
        )
        for (const { due } of started) options.onStart(Date.now() - due.getTime())
        return started
      },
      // A stop must not wait for a database that is away: then no failure is presumed.
      unknownOf: checks => untilWritten(async () => (isStopping ? new Set(checks) : readUnknown(pool, checks))),
    })
    const tracked = run.then(options.onEnd, options.onError).then(() => {
      underWay.delete(tracked)
      admitted.end()
      ended()
      stopRequest.end()
      letOthersBegin()
      loop.wake()
    })
    underWay.set(tracked, claim)
  }

  /**
   * Retries while the database is unreachable. The write has to be idempotent, because one that seems to have failed
   * may have been committed.
   */
  const untilWritten = async <T>(write: () => Promise<T>): Promise<T> => {
    for (;;) {
      try {
        return await write()
      } catch (error) {
        options.onError(error as Error)
        await pause(1000)
      }
    }
  }

  const free = () =>
    heartbeat.instance().capacity - [...underWay.values()].reduce((total, { slots }) => total + slots.length, 0)

  // Only one run of an environment at a time loads its specs: if they never load, they delay no other environment.
  const busy = () => [...new Set([...quota.full(), ...[...beginning].map(({ environment }) => environment)])]

  const limitMs = ({ environment }: Claim) =>
    parseDuration(options.compiled().environment(environment)?.runTimeout ?? defaultRunTimeout) ?? 0

  const known = () => options.compiled().configuration.checks.map(({ name }) => name)

  const loop: Loop = startLoop({
    onError: options.onError,
    onDone: options.onDone,
    work: async () => {
      while (!isStopping && beginning.size < mostBeginning) {
        const claim = await claimDueSlots(pool, heartbeat.instance(), free(), known(), busy())
        if (!claim) break
        perform(claim)
      }
      // The loop is woken when a run has loaded or ended.
      if (beginning.size >= mostBeginning || free() <= 0) return undefined
      const wait = await nextSlotInMs(pool, heartbeat.instance().location, known(), busy())
      return earliest(wait === 0 ? othersShareMs : wait, quota.nextRoomInMs())
    },
  })

  return {
    wake: loop.wake,
    async stop(graceMs) {
      isStopping = true
      await loop.stop()
      const timer = setTimeout(() => stopRequests.askAll(), graceMs)
      await Promise.all(underWay.keys())
      clearTimeout(timer)
    },
  }
}

function nameOf({ environment, slots }: Claim): string {
  return `The run of ${slots.length} ${slots.length === 1 ? 'check' : 'checks'} of ${environment}`
}

function earliest(...waits: (number | undefined)[]): number | undefined {
  const known = waits.filter(wait => wait !== undefined)
  return known.length > 0 ? Math.min(...known) : undefined
}
