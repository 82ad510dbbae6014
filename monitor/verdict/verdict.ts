/** Verdict: the state of a check, computed from its policy and the findings of its slots. Pure. */
import type { Finding } from './finding.ts'
import { countTurn, type Flapping, steady } from './flapping.ts'
import type { Policy } from './policy.ts'
import { failuresOf, type Recent, remember } from './recent.ts'
import { extend, noStreak, type Streak } from './streak.ts'

export type State = 'unknown' | 'up' | 'degraded' | 'down'

/** Everything that is stored of a history to continue it. */
export interface Verdict {
  readonly state: State
  /** Due time, in milliseconds, of the slot whose finding changed the state last. */
  readonly since: number | undefined
  readonly streak: Streak
  readonly recent: Recent
  readonly flapping: Flapping
  /** Due time of the slot that opened the open incident. */
  readonly incident: number | undefined
}

export interface JudgedSlot {
  /** Due time in milliseconds since the epoch. */
  readonly due: number
  readonly finding: Finding
}

/** `quiet`: the change belongs to flapping that was already reported, so it needs no message. */
export type Transition =
  | { kind: 'state'; at: number; from: State; to: State; quiet: boolean }
  | { kind: 'flapping' | 'steady'; at: number; state: State }
  | { kind: 'opened' | 'closed'; at: number; incident: number }

/** The verdict of a check that was never replayed. */
export const noVerdict: Verdict = {
  state: 'unknown',
  since: undefined,
  streak: noStreak,
  recent: [],
  flapping: steady,
  incident: undefined,
}

/** Judges slots, in the order of their due times, starting from a verdict. */
export function judge(
  policy: Policy,
  history: Iterable<JudgedSlot>,
  from: Verdict = noVerdict,
): { verdict: Verdict; transitions: Transition[] } {
  const transitions: Transition[] = []
  let verdict = from
  for (const slot of history) {
    const next = advance(policy, verdict, slot)
    verdict = next.verdict
    transitions.push(...next.transitions)
  }
  return { verdict, transitions }
}

/** Returns whether a slot should follow soon to confirm the last finding, which the state does not show yet. */
export function needsConfirmation(policy: Policy, { state, streak, recent }: Verdict): boolean {
  if (streak.blind > 0) return false
  const { down, of, up } = policy.confirm
  // With `of`, the next slot counts whatever its finding, so more than the missing failures may be needed.
  if (of !== undefined && state !== 'down' && streak.failed > 0) return failuresOf(recent, of) < down
  const isConfirmed = (length: number, wanted: number) => length === 0 || length >= wanted
  if (state !== 'down' && !isConfirmed(streak.failed, down)) return true
  if (state !== 'down' && state !== 'degraded' && !isConfirmed(streak.notGood, down)) return true
  if (state === 'down' && !isConfirmed(streak.notFailed, up)) return true
  return state !== 'up' && !isConfirmed(streak.good, up)
}

function advance(policy: Policy, verdict: Verdict, { due, finding }: JudgedSlot) {
  const streak = extend(verdict.streak, finding)
  const recent = remember(policy, verdict.recent, finding)
  const state = stateAfter(policy, verdict.state, streak, recent)
  const turned = state !== verdict.state
  const flapping = countTurn(policy.flapping, verdict.flapping, {
    hasEvidence: finding !== 'nothing',
    turned: turned && state !== 'unknown' && verdict.state !== 'unknown',
  })
  const incident = incidentAfter(verdict.incident, state, flapping.active, due)
  const transitions: Transition[] = []
  if (flapping.active && !verdict.flapping.active) transitions.push({ kind: 'flapping', at: due, state })
  if (turned) transitions.push({ kind: 'state', at: due, from: verdict.state, to: state, quiet: flapping.active })
  if (!flapping.active && verdict.flapping.active) transitions.push({ kind: 'steady', at: due, state })
  if (incident !== undefined && verdict.incident === undefined) transitions.push({ kind: 'opened', at: due, incident })
  if (incident === undefined && verdict.incident !== undefined) {
    transitions.push({ kind: 'closed', at: due, incident: verdict.incident })
  }
  const next: Verdict = {
    state,
    since: turned ? due : verdict.since,
    // Failures that led to down do not make the check degraded later.
    streak: state === 'down' ? { ...streak, troubled: 0 } : streak,
    recent: state === 'down' ? [] : recent,
    flapping,
    incident,
  }
  return { verdict: next, transitions }
}

function stateAfter({ confirm, often, blindAfter }: Policy, state: State, streak: Streak, recent: Recent): State {
  if (streak.blind >= blindAfter) return 'unknown'
  // Nothing is confirmed without evidence.
  if (streak.blind > 0) return state
  const isDown =
    confirm.of === undefined
      ? streak.failed >= confirm.down
      : streak.failed > 0 && failuresOf(recent, confirm.of) >= confirm.down
  if (isDown) return 'down'
  const failsOften =
    often !== undefined && (failuresOf(recent, often.of) >= often.failures || isAlwaysTroubled(often, streak))
  if (state !== 'down' && failsOften) return 'degraded'
  if (streak.good >= confirm.up) return 'up'
  // Neither bad enough for down nor good enough for up.
  if (state === 'down') return streak.notFailed >= confirm.up ? 'degraded' : state
  return streak.notGood >= confirm.down ? 'degraded' : state
}

/** Whether no slot of so many has passed without a retry: as of a service that fails every other request. */
export function isAlwaysTroubled({ of }: NonNullable<Policy['often']>, { troubled = 0 }: Streak): boolean {
  return troubled >= of
}

/** An incident lasts from the confirmed down to the confirmed up; while the check is flapping it stays open. */
function incidentAfter(incident: number | undefined, state: State, flaps: boolean, due: number): number | undefined {
  if (state === 'down') return incident ?? due
  return state === 'up' && !flaps ? undefined : incident
}
