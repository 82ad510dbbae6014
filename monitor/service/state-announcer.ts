/** Tells the states of checks as they turn. */
import type pg from 'pg'
import { type CheckState, readStates } from '../store/checks.ts'
import { readLastReason } from '../store/history.ts'

/** @param reason Why its last replay did not pass; not for a check that is up. */
export type AnnounceState = (check: CheckState, reason?: string) => void

/** Gives what looks whether a state has turned. What was so before is told as well, once. */
export function createStateAnnouncer(pool: pg.Pool, announce: AnnounceState): () => Promise<void> {
  const known = new Map<string, string>()
  return async () => {
    for (const check of await readStates(pool)) {
      if (check.state === (known.get(check.name) ?? 'unknown')) continue
      announce(check, check.state === 'up' ? undefined : await readLastReason(pool, check.name))
      known.set(check.name, check.state)
    }
  }
}
