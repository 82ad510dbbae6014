/** Lists which of the last slots with evidence have failed; starts again after the check was down. */
import type { Finding } from './finding.ts'
import type { Policy } from './policy.ts'

/** Oldest first. */
export type Recent = readonly boolean[]

/** Appends a finding; drops what is older than the policy needs. */
export function remember({ confirm, often }: Policy, recent: Recent, finding: Finding): Recent {
  if (finding === 'nothing') return recent
  const reach = Math.max(confirm.of ?? 0, often?.of ?? 0)
  return reach === 0 ? [] : [...recent, finding === 'failed'].slice(-reach)
}

export function failuresOf(recent: Recent, last: number): number {
  return recent.slice(-last).filter(Boolean).length
}
