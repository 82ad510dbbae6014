/** Reads what the overview shows: the states of all checks, and the history of those on one of its pages. */
import { type Acknowledgement, readAcknowledgements } from '../store/acknowledgements.ts'
import { type CheckDays, readDayCounts } from '../store/day-counts.ts'
import { type HourOfDurations, readHoursOfDurations } from '../store/response-times.ts'
import { readUptimes, type Uptime, type UptimeSpan } from '../store/uptime.ts'
import { type ErrorBudget, errorBudgetReader } from './error-budget.ts'
import { groupOf, matches, type OverviewFilter, shownStates, tagsOf } from './overview-filter.ts'
import type { PageContext } from './page-context.ts'
import { remarksOf } from './remarks.ts'
import { type CheckStatus, type Status, statusReader } from './status.ts'
import { type Visibility, visibleStatus } from './visibility.ts'

export interface ShownCheck extends CheckStatus {
  tags: readonly string[]
  /** A job reports it; it is not replayed. */
  isHeartbeat: boolean
  /** The heading under which it stands; empty: none. */
  group: string
  uptimes: Record<UptimeSpan, Uptime> | undefined
  /** Undefined if it never had a slot. */
  days: CheckDays | undefined
  hours: readonly HourOfDurations[]
  /** Undefined without an `slo`. */
  budget: ErrorBudget | undefined
}

export interface Overview extends Status {
  filter: OverviewFilter
  /** Of open incidents, by number. */
  acknowledgements: ReadonlyMap<number, Acknowledgement>
  /** How many checks match the filter. */
  found: number
  pages: number
  /** Those on this page, in the order in which they stand. */
  shown: ShownCheck[]
  /** What checks can be filtered by. */
  tags: string[]
  environments: string[]
}

export const shownDays = 90
export const shownHours = 24
const checksOnPage = 50

export function overviewReader({ pool, current }: Pick<PageContext, 'pool' | 'current'>) {
  const { readStatus } = statusReader(pool, current)
  const readBudgets = errorBudgetReader({ pool, current })
  return async (asked: OverviewFilter, visibility: Visibility): Promise<Overview> => {
    const status = visibleStatus(await readStatus(), visibility)
    const { at, checks, incidents } = status
    const { configuration } = current()
    const tags = tagsOf([...configuration.checks, ...configuration.heartbeats])
    const heartbeats = new Set(configuration.heartbeats.map(({ name }) => name))
    const found = inOrder(checks.filter(matches(asked, tags)), groupOf(asked, tags))
    const pages = Math.max(1, Math.ceil(found.length / checksOnPage))
    const filter = { ...asked, page: Math.min(asked.page, pages) }
    const shown = found.slice((filter.page - 1) * checksOnPage, filter.page * checksOnPage)
    const names = shown.map(({ name }) => name)
    const before = (ms: number) => new Date(at.getTime() - ms)
    const [acknowledgements, uptimes, days, hours, budgets] = await Promise.all([
      readAcknowledgements(
        pool,
        incidents.map(({ id }) => id),
      ),
      readUptimes(pool, at, names),
      readDayCounts(pool, before((shownDays - 1) * 86_400_000), at, names),
      readHoursOfDurations(pool, before((shownHours - 1) * 3_600_000), at, names),
      readBudgets(names, at),
    ])
    return {
      ...status,
      acknowledgements,
      filter,
      found: found.length,
      pages,
      shown: shown.map(check => ({
        ...check,
        tags: tags(check.name),
        isHeartbeat: heartbeats.has(check.name),
        group: groupOf(filter, tags)(check),
        uptimes: uptimes.get(check.name),
        days: days.get(check.name),
        hours: hours.get(check.name) ?? [],
        budget: budgets.get(check.name),
      })),
      tags: sorted(checks.flatMap(({ name }) => tags(name))),
      environments: sorted(checks.map(({ environment }) => environment)),
    }
  }
}

/** By their groups, and in each those first that need attention. */
function inOrder(checks: readonly CheckStatus[], group: (check: CheckStatus) => string): CheckStatus[] {
  const stateRank = (state: string) => (shownStates as readonly string[]).indexOf(state)
  const rank = (check: CheckStatus) => 2 * stateRank(check.state) + (remarksOf(check).length > 0 ? 0 : 1)
  const keyed = checks.map(check => ({ check, group: group(check), rank: rank(check) }))
  keyed.sort(
    (a, b) =>
      stateRank(a.group) - stateRank(b.group) ||
      // Those without a tag come last.
      Number(a.group === '') - Number(b.group === '') ||
      (a.group === b.group ? a.rank - b.rank : a.group < b.group ? -1 : 1),
  )
  return keyed.map(({ check }) => check)
}

const sorted = (names: readonly string[]) => [...new Set(names)].sort()
