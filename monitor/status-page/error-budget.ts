/** ErrorBudget: how many failures a service level objective (`slo`) still allows, and how fast they come. */
import type { Slo } from '../config/configuration.ts'
import { roundedDown } from '../rounded-down.ts'
import { type BudgetCounts, readBudgetCounts } from '../store/budget-counts.ts'
import type { Uptime } from '../store/uptime.ts'
import { withOperatorWindows } from './operator-windows.ts'
import type { PageContext } from './page-context.ts'
import { durationText } from './parts.ts'

export interface ErrorBudget extends Slo {
  /** `isEstimate`: the check is younger than the window, so that `allowed` is projected from its slots so far. */
  spent:
    | { failed: number; allowed: number; isEstimate: boolean; minutesLeft: number; minutes: number }
    /** Less than half of the slots were watched. */
    | undefined
  /**
   * How fast the budget is spent: at 1 it lasts for exactly the window. Undefined where less than half of the slots were
   * watched.
   */
  burnRate: { lastHour: number | undefined; lastDay: number | undefined }
}

/** Reads the budgets of those of the checks that have an `slo`, by name. */
export function errorBudgetReader({ pool, current }: Pick<PageContext, 'pool' | 'current'>) {
  return async (names: readonly string[], now: Date): Promise<ReadonlyMap<string, ErrorBudget>> => {
    const { configuration, ...configured } = current()
    const asked = new Set(names)
    const slos = new Map(
      [...configuration.checks, ...configuration.heartbeats].flatMap(({ name, slo }) =>
        slo && asked.has(name) ? [[name, slo] as const] : [],
      ),
    )
    if (slos.size === 0) return new Map()
    const windows = [...slos].map(([name, { windowDays }]) => ({ name, windowDays }))
    const dayAgo = new Date(now.getTime() - 86_400_000)
    const { maintenanceSpans } = await withOperatorWindows(pool, configured, dayAgo)
    const counts = await readBudgetCounts(pool, windows, now, maintenanceSpans(dayAgo, now))
    return new Map(
      [...counts].flatMap(([name, count]) => {
        const slo = slos.get(name)
        return slo ? [[name, errorBudget(slo, count)] as const] : []
      }),
    )
  }
}

export function errorBudget(slo: Slo, { window, covered, lastDay, lastHour }: BudgetCounts): ErrorBudget {
  const share = allowedShare(slo)
  const minutes = slo.windowDays * 1440 * share
  const replays = (window.up + window.down) / covered
  const [failed, allowed] = [window.down, replays * share]
  const minutesLeft = minutes * (1 - failed / allowed)
  return {
    ...slo,
    spent: isWatched(window) ? { failed, allowed, isEstimate: covered < 1, minutesLeft, minutes } : undefined,
    burnRate: { lastHour: burnRate(slo, lastHour), lastDay: burnRate(slo, lastDay) },
  }
}

/** Without the rounding error of 100 - 99.9. */
const allowedShare = ({ target }: Slo) => Number((100 - target).toPrecision(10)) / 100

function burnRate(slo: Slo, recent: Uptime): number | undefined {
  if (!isWatched(recent)) return undefined
  return recent.down / (recent.up + recent.down) / allowedShare(slo)
}

const isWatched = ({ up, down, unwatched }: Uptime) => up + down > 0 && up + down >= unwatched

/** Such as `72 % of the error budget is left: 31 min of 43 min (2 replays failed, and 8.6 may).` */
export function budgetText({ spent, windowDays }: ErrorBudget): string {
  if (!spent) return `The error budget is unknown, because too little of the last ${windowDays} d was watched.`
  const { failed, allowed, isEstimate, minutesLeft, minutes } = spent
  const replays = `${failed} ${failed === 1 ? 'replay' : 'replays'} failed, and ${isEstimate ? 'about ' : ''}${figure(allowed)} may`
  if (minutesLeft <= 0 && failed > 0) return `The error budget is spent: ${replays}.`
  const left = minutesLeft / minutes
  const percent = left === 1 ? 'All' : left < 0.01 ? 'Less than 1 %' : `${roundedDown(left * 100, 0)} %`
  return `${percent} of the error budget is left: ${durationText(minutesLeft * 60_000)} of ${durationText(minutes * 60_000)} (${replays}).`
}

/** Such as `Burn rate: 0.4 in the last hour, 1.2 in the last day.` */
export function burnText({ burnRate: { lastHour, lastDay } }: ErrorBudget): string {
  const rate = (value: number | undefined) => (value === undefined ? 'unknown' : figure(value))
  return `Burn rate: ${rate(lastHour)} in the last hour, ${rate(lastDay)} in the last day.`
}

/** Two digits are enough, but something is not shown as nothing. */
function figure(value: number): string {
  if (value === 0 || value >= 10) return String(roundedDown(value, 0))
  return value < 0.1 ? 'less than 0.1' : String(roundedDown(value, 1))
}
