/** A failure that the state does not tell yet. */
import type { Policy } from './policy.ts'
import { needsConfirmation, type Verdict } from './verdict.ts'

/** Whether the last slot with evidence has failed, and further ones have to confirm that before the check is down. */
export function isFailureUnconfirmed(policy: Policy, verdict: Verdict): boolean {
  const { state, streak } = verdict
  if (state === 'down' || streak.failed === 0 || streak.blind >= policy.blindAfter) return false
  // Slots that say nothing confirm nothing, and refute nothing.
  return needsConfirmation(policy, { ...verdict, streak: { ...streak, blind: 0 } })
}
