/** Steps of an instance that works, without Playwright: also for processes that tests kill. */
import { randomUUID } from 'node:crypto'
import type pg from 'pg'
import { claimDueSlots, type StartingReplay, startRun } from '../store/claims.ts'
import { enter, type Instance } from '../store/instances.ts'
import type { ReplayResult } from '../store/replay-result.ts'
import type { Outcome } from '../verdict/finding.ts'

export const enterHome = (pool: pg.Pool, capacity = 100) => enter(pool, { location: 'home', capacity })

/** Claims and starts the due slots, as one run. */
export async function startDue(pool: pg.Pool, instance: Instance): Promise<StartingReplay[]> {
  const claim = await claimDueSlots(pool, instance, instance.capacity)
  if (!claim) return []
  const replays = claim.slots.map(slot => ({ ...slot, replay: randomUUID() }))
  return startRun(pool, instance, { id: randomUUID(), environment: claim.environment }, replays)
}

export function outcomeOf(replay: StartingReplay, outcome: Outcome = 'passed'): ReplayResult {
  const reason = outcome === 'failed' ? { reason: 'a user is added: expected 201' } : {}
  return { ...replay, outcome, durationMs: 12, endedAt: new Date(), ...reason }
}
