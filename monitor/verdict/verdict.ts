/** The state of a check, as the findings of its slots turn it: a pure function of policy and history. */
import type { Finding } from './finding.ts'
import { countTurn, type Flapping, steady } from './flapping.ts'
import type { Policy } from './policy.ts'
import { failuresOf, type Recent, remember } from './recent.ts'
import { extend, noStreak, type Streak } from './streak.ts'

export type State = 'unknown' | 'up' | 'degraded' | 'down'

/** All that has to be kept of a history to go on with it. */
export interface Verdict {
  readonly state: State
  /** The slot, in milliseconds of its due time, whose finding brought the state about. */
  readonly since: number | undefined
  readonly streak: Streak
  readonly recent: Recent
  readonly flapping: Flapping
  /** The slot that opened the incident, while one is open. */
  readonly incident: number | undefined
}

export interface JudgedSlot {
  /** When it was due, in milliseconds since the epoch. */
  readonly due: number
  readonly finding: Finding
}

/** `quiet`: it is part of the flapping that people know of, so that nobody is told. */
export type Transition =
  | { kind: 'state'; at: number; from: State; to: State; quiet: boolean }
  | { kind: 'flapping' | 'steady'; at: number; state: State }
  | { kind: 'opened' | 'closed'; at: number; incident: number }

/** Of a check that was never replayed. */
export const noVerdict: Verdict = {
  state: 'unknown',
  since: undefined,
  streak: noStreak,
  recent: [],
  flapping: steady,
  incident: undefined,
}

/** Judges slots in the order in which they were due, going on from a verdict. */
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

/** Whether a slot should follow soon to confirm what the last one has found, which the state does not say yet. */
export function needsConfirmation(policy: Policy, { state, streak, recent }: Verdict): boolean {
  if (streak.blind > 0) return false
  const { down, of, up } = policy.confirm
  // Of more slots than fail in a row, the next one counts as well, whatever it finds.
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
    streak,
    // What it is down for does not count against it afterwards.
    recent: state === 'down' ? [] : recent,
    flapping,
    incident,
  }
  return { verdict: next, transitions }
}

function stateAfter({ confirm, often, blindAfter }: Policy, state: State, streak: Streak, recent: Recent): State {
  if (streak.blind >= blindAfter) return 'unknown'
  // Without evidence nothing is confirmed.
  if (streak.blind > 0) return state
  const isDown =
    confirm.of === undefined
      ? streak.failed >= confirm.down
      : streak.failed > 0 && failuresOf(recent, confirm.of) >= confirm.down
  if (isDown) return 'down'
  const failsOften = often !== undefined && failuresOf(recent, often.of) >= often.failures
  if (state !== 'down' && failsOften) return 'degraded'
  if (streak.good >= confirm.up) return 'up'
  // Not failed often enough, but not good often enough either.
  if (state === 'down') return streak.notFailed >= confirm.up ? 'degraded' : state
  return streak.notGood >= confirm.down ? 'degraded' : state
}

/** From the first confirmed down to the confirmed up, and while a check flaps it is neither. */
function incidentAfter(incident: number | undefined, state: State, flaps: boolean, due: number): number | undefined {
  if (state === 'down') return incident ?? due
  return state === 'up' && !flaps ? undefined : incident
}
