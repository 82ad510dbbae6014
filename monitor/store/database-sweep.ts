/**
 * Finishes the intents that dead runs have left in the ledger of the monitor's database. Safe to run on several
 * instances at once.
 */
import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type pg from 'pg'
import type { LedgerEntry } from '../../environment/ledger/entry.ts'
import { endingEntry } from '../../environment/ledger/finish.ts'
import {
  addTo,
  countInto,
  emptyResult,
  type FinishOptions,
  finishAll,
  isAnyDue,
  type SweepResult,
} from '../../environment/ledger/finish-all.ts'
import { allEnded } from './all-ended.ts'
import {
  heldForMs,
  holdLedger,
  type KeptLedger,
  readIntents,
  readLedgers,
  releaseLedger,
  takeLedger,
  writeEntries,
} from './ledgers.ts'

export interface DatabaseSweepOptions extends FinishOptions {
  /** The name of an environment; default: all. */
  only?: string
  /** Whether to wait until the holds of dead runs have expired: at most as long as a hold lasts. */
  waits: boolean
}

/**
 * Takes each ledger whose hold has expired, and finishes its intents: those of one environment in turn, so that one that
 * hangs delays no other.
 */
export async function sweepDatabase(pool: pg.Pool, options: DatabaseSweepOptions): Promise<SweepResult> {
  const result = emptyResult()
  const ledgers = await readLedgers(pool)
  // After the response: a wait that began before the server read its clock would end before the hold.
  const since = performance.now()
  const environments = [...new Set(ledgers.map(({ environment }) => environment))]
  const swept = environments.map(async environment => {
    if (options.only !== undefined && options.only !== environment) return
    for (const ledger of ledgers.filter(ledger => ledger.environment === environment)) {
      if (options.stopped?.aborted) return
      if (options.isDue && !isAnyDue(await readIntents(pool, ledger.run), options)) continue
      const holder = randomUUID()
      // A timer drops the fraction of a millisecond.
      if (options.waits) await delay(Math.max(0, Math.ceil(since + ledger.heldForMs - performance.now()) + 1))
      if (!(await takeLedger(pool, ledger.run, holder))) continue
      addTo(result, await finishKeptLedger(pool, ledger, holder, options))
    }
  })
  await allEnded(swept)
  return result
}

/**
 * Finishes the intents of a ledger; the caller holds it. Throws the database's errors; what could not be recorded is
 * done again by the next sweep.
 */
export async function finishKeptLedger(
  pool: pg.Pool,
  ledger: KeptLedger,
  holder: string,
  options: FinishOptions,
): Promise<SweepResult> {
  const result = emptyResult()
  const { run } = ledger
  const stopHolding = holdOn(pool, run, holder)
  const note = (entry: LedgerEntry) => writeEntries(pool, run, holder, [entry])
  try {
    const finished = await finishAll(await readIntents(pool, run), ledger, options, { note })
    if (finished.length > 0)
      await writeEntries(
        pool,
        run,
        holder,
        finished.map(({ open, ending }) => endingEntry(open.intent.id, ending)),
      )
    countInto(result, finished, { run })
  } finally {
    stopHolding()
  }
  await releaseLedger(pool, run, holder)
  return result
}

/** Renews the hold of a ledger until the returned function is called. */
export function holdOn(pool: pg.Pool, run: string, holder: string): () => void {
  // While the database is unreachable, no other process can take the ledger.
  const timer = setInterval(() => holdLedger(pool, run, holder).catch(() => undefined), heldForMs / 4)
  timer.unref()
  return () => clearInterval(timer)
}
