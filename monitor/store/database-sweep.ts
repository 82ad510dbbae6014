/** Finishes what runs that died have left in the ledger of the monitor's database. Any number of instances may do so at the same time. */
import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type pg from 'pg'
import type { LedgerEntry } from '../../environment/ledger/entry.ts'
import {
  addTo,
  countInto,
  emptyResult,
  type Finished,
  type FinishOptions,
  finishAll,
  isAnyDue,
  type SweepResult,
} from '../../environment/ledger/finish-all.ts'
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
  /** Only what this environment holds. */
  only?: string
  /** Whether to wait until it shows which runs have died: at most for as long as a ledger is held. */
  waits: boolean
}

/** Takes every ledger whose run does not hold it any more. */
export async function sweepDatabase(pool: pg.Pool, options: DatabaseSweepOptions): Promise<SweepResult> {
  const result = emptyResult()
  const since = Date.now()
  for (const ledger of await readLedgers(pool)) {
    if (options.only !== undefined && options.only !== ledger.environment) continue
    if (options.isDue && !isAnyDue(await readIntents(pool, ledger.run), options)) continue
    const holder = randomUUID()
    if (options.waits) await delay(Math.max(0, since + ledger.heldForMs - Date.now()))
    if (!(await takeLedger(pool, ledger.run, holder))) continue
    addTo(result, await finishKeptLedger(pool, ledger, holder, options))
  }
  return result
}

/** For its holder. Throws what the database says; what was not written down is done again by the next. */
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
    if (finished.length > 0) await writeEntries(pool, run, holder, finished.map(entryOf))
    countInto(result, finished, { run })
  } finally {
    stopHolding()
  }
  await releaseLedger(pool, run, holder)
  return result
}

/** Says again and again that a ledger is held, until the returned function is called. */
export function holdOn(pool: pg.Pool, run: string, holder: string): () => void {
  // While the database is away nobody else can take it.
  const timer = setInterval(() => holdLedger(pool, run, holder).catch(() => undefined), heldForMs / 4)
  timer.unref()
  return () => clearInterval(timer)
}

function entryOf({ open: { intent }, ending }: Finished): LedgerEntry {
  const { id } = intent
  return ending.as === 'unresolved'
    ? { entry: 'unresolved', id, reason: ending.reason }
    : { entry: 'ended', id, as: ending.as }
}
