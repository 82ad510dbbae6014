/** Finds creations that lack a cleanup rule, and rules that fitted no request, in the ledgers of a run. */
import type { LedgerSummary } from '../../environment/contract/attempt-log.ts'
import type { CleanupRule } from '../../environment/environment.ts'
import { ruleName } from '../../environment/ledger/cleanup-rule.ts'
import { nearest } from '../config/nearest.ts'

/** A sentence each. @param name Of the environment. */
export function ledgerRemarks(
  name: string,
  cleanup: readonly CleanupRule[],
  summaries: readonly LedgerSummary[],
): string[] {
  const suspected = new Map(summaries.flatMap(({ suspected }) => suspected.map(({ route, reason }) => [route, reason])))
  const fitted = new Set(summaries.flatMap(({ fitted }) => fitted))
  const unfitted = [...new Set(summaries.flatMap(({ unfitted }) => unfitted))]
  return [
    ...[...suspected].map(([route, reason]) => `Possible leak in ${name}: ${route} was ${reason}.`),
    ...cleanup.flatMap(rule => {
      const about = ruleName(rule)
      const near = fitted.has(about) ? [] : unfitted.filter(route => isNear(rule.create, route))
      if (near.length === 0) return []
      return [
        `The cleanup rule for ${about} of ${name} fitted no request of this run; ${near.slice(0, 3).join(' and ')} came near.`,
      ]
    }),
  ]
}

/** Of the same method, and in its path as a whole or at its end much the same. */
function isNear(create: string, route: string): boolean {
  const [method = '', path = ''] = create.split(' ')
  const [otherMethod = '', otherPath = ''] = route.split(' ')
  if (method !== otherMethod) return false
  const [own, other] = [segmentsOf(path), segmentsOf(otherPath)]
  const last = own.at(-1)
  const otherLast = other.at(-1)
  if (last === undefined || otherLast === undefined) return own.length === other.length
  return nearest(last, [otherLast]) !== undefined || nearest(own.join('/'), [other.join('/')]) !== undefined
}

/** Without those that stand for values. */
function segmentsOf(path: string): string[] {
  return path.split('/').filter(segment => segment !== '' && !segment.startsWith('{'))
}
