/** Announces changes of the checks' states. */
import type pg from 'pg'
import { type CheckState, readStates } from '../store/checks.ts'
import { readLastReason } from '../store/history.ts'

/** @param reason Why the last replay did not pass; absent for a check that is up. */
export type AnnounceState = (check: CheckState, reason?: string) => void

/**
 * Returns a function that announces the states that have changed since its last call; on the first call, all known
 * ones.
 */
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
