/** Models in memory, without the store, the slots of checks at their locations, and in which order they are judged. */
import type { CheckRules } from '../store/check-rules.ts'
import type { Slot, SlotKind } from '../store/slot.ts'
import { type Finding, findingOf, type Outcome } from '../verdict/finding.ts'

/** Of a slot at one location. */
type Part = 'due' | 'running' | 'missed' | 'skipped' | { outcome: Outcome }

/** The slots of a check with one due time and kind. */
interface Group {
  due: number
  kind: SlotKind
  parts: Map<string, Part>
}

interface FoundSlots {
  slots: { due: number; finding: Finding }[]
  /** A later slot still has no finding. */
  isOpen: boolean
}

export interface SlotModel {
  /** Plans slots of the schedule at all locations. Older ones that were not started become missed. Returns whether any was closed. */
  plan(check: CheckRules, due: number, now: number, isMissed: boolean): boolean
  confirm(check: CheckRules, due: number): void
  /** Returns false for a slot that was not planned, or whose check was removed since. */
  start(slot: Slot): boolean
  end(slot: Slot, outcome: Outcome): void
  /** The check is not configured any more: its slots are not judged. */
  forget(check: string): void
  /** Takes the slots of a check whose finding is final. */
  take(check: CheckRules): FoundSlots
  /** How many slots were closed without a replay. */
  readonly closed: { missed: number; overtaken: number; skipped: number }
}

export function createSlotModel(): SlotModel {
  const groups = new Map<string, Group[]>()
  /** A check and a location at which it is being replayed; also of checks that were removed meanwhile. */
  const taken = new Set<string>()
  /** Slots whose finding is final, although not all of their replays may have started. */
  const decided = new Set<string>()
  const closed = { missed: 0, overtaken: 0, skipped: 0 }
  const groupsOf = (check: string): Group[] => {
    const own = groups.get(check) ?? []
    groups.set(check, own)
    return own
  }
  const partsOf = ({ check, due, kind }: Slot) =>
    groupsOf(check).find(group => group.due === due.getTime() && group.kind === kind)?.parts
  const add = (check: string, group: Group) => {
    const own = groupsOf(check)
    own.push(group)
    own.sort((a, b) => a.due - b.due || (a.kind < b.kind ? -1 : 1))
  }

  return {
    closed,
    plan({ name, locations }, due, now, isMissed) {
      let isClosed = false
      const parts = new Map<string, Part>()
      for (const location of locations) {
        const part = isMissed ? 'missed' : taken.has(`${name} ${location}`) ? 'skipped' : 'due'
        parts.set(location, part)
        if (part !== 'due') {
          closed[part]++
          isClosed = true
        }
        if (isMissed) continue
        for (const older of groupsOf(name)) {
          if (older.parts.get(location) !== 'due' || older.due >= due || older.due > now) continue
          older.parts.set(location, 'missed')
          closed.overtaken++
          isClosed = true
        }
      }
      add(name, { due, kind: 'cron', parts })
      return isClosed
    },
    confirm({ name, locations }, due) {
      add(name, { due, kind: 'confirm', parts: new Map(locations.map(location => [location, 'due'])) })
    },
    start(slot) {
      taken.add(`${slot.check} ${slot.location}`)
      const parts = partsOf(slot)
      if (!parts) return decided.has(`${slot.check} ${slot.due.getTime()} ${slot.kind}`)
      const wasDue = parts.get(slot.location) === 'due'
      parts.set(slot.location, 'running')
      return wasDue
    },
    end(slot, outcome) {
      taken.delete(`${slot.check} ${slot.location}`)
      const parts = partsOf(slot)
      if (parts?.get(slot.location) === 'running') parts.set(slot.location, { outcome })
    },
    forget: check => void groups.delete(check),
    take({ name, policy }) {
      const slots: FoundSlots['slots'] = []
      const own = groupsOf(name)
      for (let [group] = own; group; [group] = own) {
        const parts = [...group.parts]
        const outcomes = parts.flatMap(([location, part]) => (typeof part === 'object' ? [{ location, ...part }] : []))
        const isClosed = parts.every(([, part]) => part !== 'due' && part !== 'running')
        const finding = findingOf(outcomes, policy, isClosed)
        if (finding === undefined) return { slots, isOpen: true }
        own.shift()
        decided.add(`${name} ${group.due} ${group.kind}`)
        if (!parts.every(([, part]) => part === 'skipped')) slots.push({ due: group.due, finding })
      }
      return { slots, isOpen: false }
    },
  }
}
