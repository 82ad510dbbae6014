/** Detects a failure that the state does not show yet. */
import type { Policy } from './policy.ts'
import { needsConfirmation, type Verdict } from './verdict.ts'

/** Returns whether the last slot with evidence failed and more failures are needed before the check is down. */
export function isFailureUnconfirmed(policy: Policy, verdict: Verdict): boolean {
  const { state, streak } = verdict
  if (state === 'down' || streak.failed === 0 || streak.blind >= policy.blindAfter) return false
  // Slots without evidence neither confirm nor refute.
  return needsConfirmation(policy, { ...verdict, streak: { ...streak, blind: 0 } })
}
