/** The end of a result that waits: recorded, or set aside when the database will never take it. */
import type pg from 'pg'
import type { IsInMaintenance } from '../store/check-rules.ts'
import { isRefusal } from '../store/refusal.ts'
import type { ReplayResult } from '../store/replay-result.ts'
import { presumeResult, recordResult } from '../store/replays.ts'
import type { Spool } from '../store/spool.ts'
import { utcText } from '../utc-text.ts'
import { ownFault } from './run.ts'

export interface SettleOptions {
  pool: pg.Pool
  spool: Spool
  isInMaintenance: IsInMaintenance
  /** A result was set aside. */
  complain(text: string): void
}

/**
 * A result that the database refuses ends its replay as an error. Throws what else the database says. Answers why the
 * result waits on, if neither can be done; undefined once it is settled.
 */
export async function settleResult(outcome: ReplayResult, options: SettleOptions): Promise<Error | undefined> {
  const { pool, isInMaintenance } = options
  try {
    await recordResult(pool, outcome, isInMaintenance)
    return undefined
  } catch (error) {
    if (!isRefusal(error)) throw error
    return setAside(outcome, error.message, options)
  }
}

async function setAside(
  outcome: ReplayResult,
  cause: string,
  { pool, spool, isInMaintenance, complain }: SettleOptions,
): Promise<Error | undefined> {
  const { check, due, location, kind, replay, endedAt } = outcome
  const refused = `The database refuses the result of check ${check}, due at ${utcText(due)}: ${cause}`
  const fault = ownFault(`the monitor's database refuses the result: ${cause}`)
  try {
    // Presumed, so that it gives way to the result, should that be moved back.
    await presumeResult(pool, { check, due, location, kind, replay, endedAt, ...fault }, isInMaintenance)
  } catch (error) {
    if (!isRefusal(error)) throw error
    return new Error(`${refused}. Nor can its replay end as an error: ${error.message}`, { cause: error })
  }
  try {
    const file = await spool.setAside(outcome)
    complain(
      `${refused}. Its replay has ended as an error, and it is set aside in ${file}: move it one folder up when the cause is gone.`,
    )
    return undefined
  } catch (error) {
    return new Error(`${refused}. ${(error as Error).message}`, { cause: error })
  }
}
