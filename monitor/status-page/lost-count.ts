/** How many slots of a check were not replayed. */
import type { IsInMaintenance } from '../store/check-rules.ts'
import type { LostSlots } from '../store/lost-slots.ts'

export interface LostCount {
  /** Nobody was there for so many. */
  missed: number
  /** So many came while an earlier replay still ran. */
  skipped: number
  /** Of the last one that was missed or skipped; null: none was. */
  reason: string | null
}

export const noneLost: LostCount = { missed: 0, skipped: 0, reason: null }

/** By the names of the checks. Those that were due during maintenance do not count. */
export function countLost(
  lost: readonly LostSlots[],
  isInMaintenance: IsInMaintenance,
): ReadonlyMap<string, LostCount> {
  const found = new Map<string, LostCount & { last: number }>()
  for (const { check, state, reason, dues } of lost) {
    const counted = dues.filter(due => !isInMaintenance(check, due))
    const last = counted.at(-1)?.getTime()
    if (last === undefined) continue
    const known = found.get(check) ?? { ...noneLost, last: 0 }
    found.set(check, {
      ...known,
      [state]: known[state] + counted.length,
      ...(last > known.last && { reason, last }),
    })
  }
  return new Map([...found].map(([check, { last: _, ...count }]) => [check, count]))
}
