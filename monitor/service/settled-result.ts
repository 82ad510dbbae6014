/** Settles a waiting result: records it, or sets it aside if the database always rejects it. */
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
 * If the database rejects the result, its replay ends as an error. Returns undefined when the result is settled, or the
 * error for which it keeps waiting. Throws the database's other errors.
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
  const rejected = `The database rejects the result of check ${check}, due at ${utcText(due)}: ${cause}`
  const fault = ownFault(`the monitor's database rejects the result: ${cause}`)
  try {
    // A presumed outcome, which the result replaces if it is moved back.
    await presumeResult(pool, { check, due, location, kind, replay, endedAt, ...fault }, isInMaintenance)
  } catch (error) {
    if (!isRefusal(error)) throw error
    return new Error(`${rejected}. Its replay cannot be ended as an error either: ${error.message}`, { cause: error })
  }
  try {
    const file = await spool.setAside(outcome)
    complain(
      `${rejected}. Its replay has ended as an error, and it is set aside in ${file}: move it one folder up when the cause is gone.`,
    )
    return undefined
  } catch (error) {
    return new Error(`${rejected}. ${(error as Error).message}`, { cause: error })
  }
}
