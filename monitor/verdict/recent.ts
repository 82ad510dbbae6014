/** Which of the last slots with evidence have failed, since a check was last down. */
import type { Finding } from './finding.ts'
import type { Policy } from './policy.ts'

/** Oldest first. */
export type Recent = readonly boolean[]

/** With one finding more; no longer than the policy looks back. */
export function remember({ confirm, often }: Policy, recent: Recent, finding: Finding): Recent {
  if (finding === 'nothing') return recent
  const reach = Math.max(confirm.of ?? 0, often?.of ?? 0)
  return reach === 0 ? [] : [...recent, finding === 'failed'].slice(-reach)
}

export function failuresOf(recent: Recent, last: number): number {
  return recent.slice(-last).filter(Boolean).length
}
