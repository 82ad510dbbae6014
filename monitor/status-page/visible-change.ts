/** The data of a `change` event: the names and numbers of what has changed, without what the viewer may not see. */
import type { Change, ChangedSubjects } from '../store/changes.ts'
import type { Visibility } from './visibility.ts'

/**
 * Empty: anything may have changed. Undefined: nothing that the viewer may see. An incident may be seen if a check that has
 * changed in it may.
 */
export function visibleChange(
  changes: readonly Change[],
  { sees }: Pick<Visibility, 'sees'>,
): Partial<ChangedSubjects> | undefined {
  const seen: ChangedSubjects[] = []
  for (const change of changes) {
    if (change === 'anything') return {}
    const checks = change.checks.filter(sees)
    if (checks.length > 0) seen.push({ checks, incidents: change.incidents })
  }
  if (seen.length === 0) return undefined
  return {
    checks: [...new Set(seen.flatMap(({ checks }) => checks))],
    incidents: [...new Set(seen.flatMap(({ incidents }) => incidents))],
  }
}
