/** Slot: one due time of a check at a location. */

/** By the schedule, to confirm a finding, or on request. */
export type SlotKind = 'cron' | 'confirm' | 'manual'

export interface Slot {
  check: string
  due: Date
  location: string
  kind: SlotKind
}

/** due -> claimed -> running -> done; or skipped or missed, with a reason. */
export type SlotState = 'due' | 'claimed' | 'running' | 'done' | 'skipped' | 'missed'

/** Returns parameters of a query: four arrays of the same length, with names, due times, locations and kinds. */
export function slotColumns(slots: readonly Slot[]): unknown[] {
  return [
    slots.map(({ check }) => check),
    slots.map(({ due }) => due),
    slots.map(({ location }) => location),
    slots.map(({ kind }) => kind),
  ]
}
