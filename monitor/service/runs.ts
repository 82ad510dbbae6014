/** The runs of this process: it claims what is due as far as it has room, and starts it. */
import { setTimeout as pause } from 'node:timers/promises'
import type pg from 'pg'
import { type Claim, claimDueSlots, nextSlotInMs, startRun } from '../store/claims.ts'
import { databaseLedger } from '../store/database-ledger.ts'
import type { ReplayResult } from '../store/replay-result.ts'
import type { CompiledConfiguration } from './compiled-configuration.ts'
import type { InstanceHeartbeat } from './instance-heartbeat.ts'
import { type Loop, startLoop } from './loop.ts'
import { performRun } from './run.ts'

export interface Runs {
  /** There may be slots to claim. */
  wake(): void
  /** Claims no more; resolves when all runs have ended, which are asked to after so many milliseconds. */
  stop(graceMs: number): Promise<void>
}

export interface RunsOptions {
  pool: pg.Pool
  heartbeat: InstanceHeartbeat
  /** How many of one environment there may be at one time, so that one that hangs delays no other. */
  mostOfEnvironment: number
  /** How many may be about to begin at one time, which takes processor time. */
  mostBeginning: number
  compiled(): CompiledConfiguration
  env: NodeJS.ProcessEnv
  record(outcome: ReplayResult): Promise<void>
  /** A run has ended, and its outcomes are recorded. */
  onEnd(): void
  onError(error: Error): void
  onDone(): void
  /** A report was made, or could not be. */
  onReport(failure?: Error): void
  complain(text: string): void
}

/** What is due and was not claimed is another's share for a moment. */
const othersShareMs = 250

/** What takes longer to begin, such as specs with an endless loop, does not keep others from it. */
const longestBeginMs = 10_000

export function startRuns(options: RunsOptions): Runs {
  const { pool, heartbeat, mostOfEnvironment, mostBeginning } = options
  const underWay = new Map<Promise<void>, Claim>()
  const beginning = new Set<Claim>()
  const asking = new AbortController()
  const asked = new Promise<void>(resolve => {
    asking.signal.addEventListener('abort', () => resolve(), { once: true })
  })
  let isStopping = false

  const perform = (claim: Claim) => {
    beginning.add(claim)
    const begun = () => {
      clearTimeout(patience)
      if (beginning.delete(claim)) loop.wake()
    }
    const patience = setTimeout(begun, longestBeginMs)
    const run = performRun({
      ...options,
      claim,
      compiled: options.compiled(),
      openLedger: databaseLedger(pool),
      asked,
      onBegin: begun,
      start: (about, replays) =>
        untilWritten(async () => (isStopping ? [] : startRun(pool, heartbeat.instance(), about, replays))),
    })
    const tracked = run.then(options.onEnd, options.onError).then(() => {
      underWay.delete(tracked)
      begun()
      loop.wake()
    })
    underWay.set(tracked, claim)
  }

  /** While the database is away nobody knows whether it has taken note; it may be told again. */
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

  const busy = () => {
    const environments = [...underWay.values()].map(({ environment }) => environment)
    const full = environments.filter(name => environments.filter(other => other === name).length >= mostOfEnvironment)
    // One that cannot begin would keep others from it.
    return [...new Set([...full, ...[...beginning].map(({ environment }) => environment)])]
  }

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
      // Then the begin or the end of a run wakes.
      if (beginning.size >= mostBeginning || free() <= 0) return undefined
      const wait = await nextSlotInMs(pool, heartbeat.instance().location, known(), busy())
      return wait === 0 ? othersShareMs : wait
    },
  })

  return {
    wake: loop.wake,
    async stop(graceMs) {
      isStopping = true
      await loop.stop()
      const timer = setTimeout(() => asking.abort(), graceMs)
      await Promise.all(underWay.keys())
      clearTimeout(timer)
    },
  }
}
