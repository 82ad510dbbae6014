/** Detects that a check's state changes so often that single changes are not worth a message. */
import type { Policy } from './policy.ts'

export interface Flapping {
  readonly active: boolean
  /** How many slots with evidence ago the last changes of state were. */
  readonly turns: readonly number[]
}

export const steady: Flapping = { active: false, turns: [] }

export function countTurn(
  limits: Policy['flapping'],
  { active, turns }: Flapping,
  slot: { hasEvidence: boolean; turned: boolean },
): Flapping {
  if (!slot.hasEvidence) return { active, turns }
  const reach = Math.max(limits.within, limits.steady + 1)
  const aged = turns.map(ago => ago + 1).filter(ago => ago < reach)
  const recent = slot.turned ? [...aged, 0] : aged
  const flaps = recent.filter(ago => ago < limits.within).length >= limits.turns
  const lastTurn = recent.at(-1) ?? Number.POSITIVE_INFINITY
  // Ends only after enough slots without a change. Earlier changes are then forgotten, so that flapping does not start
  // again at once.
  if (active) return lastTurn >= limits.steady ? steady : { active, turns: recent }
  return { active: flaps, turns: recent }
}
