/**
 * Searches policies that would have sent fewer alerts for a past of a check, without losing one of a real outage. Pure.
 */
import { findingOf, type LocatedOutcome } from './finding.ts'
import type { Policy } from './policy.ts'
import { type JudgedSlot, judge, needsConfirmation, noVerdict, type Verdict } from './verdict.ts'

export interface PastOutcomes {
  /** In milliseconds since the epoch; ascending. */
  due: number
  outcomes: readonly LocatedOutcome[]
  /** It was added to confirm a finding. */
  confirms: boolean
  /** Its failures cause no alerts. */
  inMaintenance: boolean
}

export interface CheckPast {
  slots: readonly PastOutcomes[]
  policy: Policy
  confirmEveryMs: number
  /** Opening times of incidents that count as real: several checks shared them, or an operator acknowledged them. */
  realIncidents: readonly number[]
  /** From this length on an outage is real. */
  realAfterMs: number
}

export interface Advice {
  /** Slots with evidence, outside of maintenance. */
  slots: number
  /** From the first to the last of them. */
  spanMs: number
  /** By the policy in force. */
  alerts: number
  /** How many of them were not of a real outage. */
  shortAlerts: number
  /** The real outages that were alerted. */
  realOutages: number
  /** Why there are no suggestions, if that is so. */
  nothing?: 'too short' | 'no alert' | 'none is better'
  /** The best first. */
  suggestions: Suggestion[]
}

export interface Suggestion {
  /** What differs from the policy in force. */
  change: PolicyChange
  alerts: number
  /** How many alerts fewer. */
  spared: number
  /** How much later the real outages would have been alerted, at most; negative: earlier, all of them at least so much. */
  laterMs: number
  /** How much later their ends would have been, at most. */
  endsLaterMs: number
}

export interface PolicyChange {
  down?: number
  /** With `down`: failures among so many replays, instead of in a row. */
  of?: number
  up?: number
  agree?: number
}

/** Below these nothing is suggested. */
export const leastHistory = { slots: 100, spanMs: 3 * 86_400_000 }

export function advise(past: CheckPast): Advice {
  const evidence = past.slots.filter(({ inMaintenance }) => !inMaintenance)
  const judged = evidence.filter(slot => findingOf(slot.outcomes, past.policy, true) !== 'nothing')
  const spanMs = (judged.at(-1)?.due ?? 0) - (judged[0]?.due ?? 0)
  const reach = relevant(past)
  const stepMs = confirmStepMs(past)
  const actual = incidentsBy(past.policy, reach, stepMs)
  const outages = outagesIn(past, reach).filter(
    outage => outage.isReal && actual.some(incident => covers(incident, outage)),
  )
  const shortAlerts = actual.filter(incident => !outages.some(outage => covers(incident, outage))).length
  const known = { slots: judged.length, spanMs, alerts: actual.length, shortAlerts, realOutages: outages.length }
  const isShort = judged.length < leastHistory.slots || spanMs < leastHistory.spanMs
  if (isShort || actual.length === 0) return { ...known, nothing: isShort ? 'too short' : 'no alert', suggestions: [] }
  const suggest = (change: PolicyChange): Suggestion | undefined => {
    const incidents = incidentsBy(changed(past.policy, change), reach, stepMs)
    const delays = outages.map(outage => delaysOf(outage, actual, incidents))
    // It would have lost a real outage.
    if (delays.some(delay => delay === undefined)) return undefined
    const found = delays.filter(delay => delay !== undefined)
    return {
      change,
      alerts: incidents.length,
      spared: actual.length - incidents.length,
      laterMs: found.length === 0 ? 0 : Math.max(...found.map(({ laterMs }) => laterMs)),
      endsLaterMs: Math.max(0, ...found.map(({ endsLaterMs }) => endsLaterMs)),
    }
  }
  const single = changes(past.policy).flatMap(change => suggest(change) ?? [])
  const [best] = useful(single)
  const [other] = useful(single).filter(({ change }) => best && !sharesSetting(change, best.change))
  const both = best && other && suggest({ ...best.change, ...other.change })
  const suggestions = useful([...single, ...(both && both.spared > best.spared ? [both] : [])]).slice(0, 3)
  return { ...known, ...(suggestions.length === 0 && { nothing: 'none is better' as const }), suggestions }
}

/** Those that no other exceeds in alerts and in time, the most sparing first. */
function useful(suggestions: readonly Suggestion[]): Suggestion[] {
  const isGain = ({ spared, laterMs }: Suggestion) => spared > 0 || (spared === 0 && laterMs < 0)
  const exceeds = (a: Suggestion, b: Suggestion) =>
    a.spared >= b.spared &&
    a.laterMs <= b.laterMs &&
    a.endsLaterMs <= b.endsLaterMs &&
    (a.spared > b.spared || a.laterMs < b.laterMs || a.endsLaterMs < b.endsLaterMs)
  const unlike = suggestions.filter((suggestion, index) => {
    // Of equal ones the first, which is the smallest change.
    return !suggestions.slice(0, index).some(other => isEqual(other, suggestion))
  })
  return unlike
    .filter(suggestion => isGain(suggestion) && !unlike.some(other => exceeds(other, suggestion)))
    .sort((a, b) => b.spared - a.spared || a.laterMs - b.laterMs)
}

function isEqual(a: Suggestion, b: Suggestion): boolean {
  return a.spared === b.spared && a.laterMs === b.laterMs && a.endsLaterMs === b.endsLaterMs
}

const sharesSetting = (a: PolicyChange, b: PolicyChange) => Object.keys(a).some(key => key in b)

/** Nearest to the policy in force first. */
function changes({ confirm, locations }: Policy): PolicyChange[] {
  const near = (from: number) => (a: number, b: number) => Math.abs(a - from) - Math.abs(b - from)
  const inRow = [1, 2, 3, 4, 5]
    .filter(down => confirm.of !== undefined || down !== confirm.down)
    .sort(near(confirm.down))
  const among = [
    { down: 2, of: 3 },
    { down: 3, of: 5 },
    { down: 4, of: 8 },
  ].filter(({ down, of }) => down !== confirm.down || of !== confirm.of)
  const ups = [1, 2, 3, 5].filter(up => up !== confirm.up).sort(near(confirm.up))
  const agrees = Array.from({ length: locations.count }, (_, index) => index + 1)
  return [
    ...inRow.map(down => ({ down })),
    ...among,
    ...ups.map(up => ({ up })),
    ...agrees.filter(agree => agree !== locations.agree).map(agree => ({ agree })),
  ]
}

function changed(policy: Policy, { down, of, up = policy.confirm.up, agree = policy.locations.agree }: PolicyChange) {
  const confirm = down === undefined ? { ...policy.confirm, up } : { down, up, ...(of !== undefined && { of }) }
  return { ...policy, confirm, locations: { ...policy.locations, agree } }
}

interface Outage {
  from: number
  /** Due time of its last failure. */
  lastFailure: number
  /** Due time of the first slot that has not failed; infinite if there is none. */
  until: number
  isReal: boolean
}

function outagesIn({ policy, realAfterMs, realIncidents }: CheckPast, slots: readonly PastOutcomes[]): Outage[] {
  const outages: Outage[] = []
  for (const { due, outcomes } of slots) {
    const finding = findingOf(outcomes, policy, true)
    const last = outages.at(-1)
    const open = last?.until === Number.POSITIVE_INFINITY ? last : undefined
    if (finding === 'failed' && open) open.lastFailure = due
    else if (finding === 'failed') {
      outages.push({ from: due, lastFailure: due, until: Number.POSITIVE_INFINITY, isReal: false })
    } else if (finding !== 'nothing' && open) open.until = due
  }
  return outages.map(outage => {
    const { from, lastFailure, until } = outage
    const isKnown = realIncidents.some(openedAt => openedAt >= from && openedAt <= until)
    return { ...outage, isReal: isKnown || lastFailure - from >= realAfterMs }
  })
}

interface AlertedIncident {
  alertedAt: number
  /** Infinite while it is open. */
  closedAt: number
}

/**
 * As the service would have. Between two slots with the same evidence the policy may have required others, to confirm it:
 * these are taken to have shown the same.
 */
function incidentsBy(policy: Policy, slots: readonly PastOutcomes[], stepMs: number): AlertedIncident[] {
  const incidents: AlertedIncident[] = []
  let verdict: Verdict = noVerdict
  let alerted: AlertedIncident | undefined
  const advance = (slot: JudgedSlot, inMaintenance: boolean) => {
    verdict = judge(policy, [slot], verdict).verdict
    if (verdict.incident === undefined) {
      if (alerted) alerted.closedAt = slot.due
      alerted = undefined
    } else if (!alerted && !inMaintenance) {
      alerted = { alertedAt: slot.due, closedAt: Number.POSITIVE_INFINITY }
      incidents.push(alerted)
    }
  }
  const findings = slots.map(({ outcomes }) => findingOf(outcomes, policy, true) ?? 'nothing')
  slots.forEach(({ due, inMaintenance }, index) => {
    const [finding, next] = [findings[index] ?? 'nothing', slots[index + 1]]
    advance({ due, finding }, inMaintenance)
    if (!next || findings[index + 1] !== finding) return
    for (let at = due + stepMs; at + stepMs / 2 < next.due && needsConfirmation(policy, verdict); at += stepMs) {
      advance({ due: at, finding }, inMaintenance)
    }
  })
  return incidents
}

function covers({ alertedAt, closedAt }: AlertedIncident, { from, until }: Outage): boolean {
  return alertedAt < until && closedAt > from
}

/** Undefined if the outage is not alerted by the new incidents. */
function delaysOf(outage: Outage, actual: readonly AlertedIncident[], incidents: readonly AlertedIncident[]) {
  const [before, after] = [actual, incidents].map(all => all.filter(incident => covers(incident, outage)))
  const [first, last] = [before?.[0], before?.at(-1)]
  const [newFirst, newLast] = [after?.[0], after?.at(-1)]
  if (!first || !last || !newFirst || !newLast) return undefined
  const alertedAt = (at: number) => Math.max(at, outage.from)
  const endsLaterMs = newLast.closedAt - last.closedAt
  return {
    laterMs: alertedAt(newFirst.alertedAt) - alertedAt(first.alertedAt),
    // Both are open.
    endsLaterMs: Number.isFinite(endsLaterMs) ? endsLaterMs : 0,
  }
}

/** How soon a confirming slot followed in fact: a replay takes its time as well. */
function confirmStepMs({ slots, confirmEveryMs }: CheckPast): number {
  const steps = slots
    .flatMap(({ due, confirms }, index) => (confirms && index > 0 ? [due - (slots[index - 1]?.due ?? due)] : []))
    .sort((a, b) => a - b)
  return Math.max(confirmEveryMs, steps[steps.length >> 1] ?? 0, 1000)
}

/** After so many slots in a row that are good, no policy remembers what was before. */
const memory = 40

/** The slots on which a verdict depends: it is the same without those amid many good ones. */
function relevant({ slots }: CheckPast): PastOutcomes[] {
  const isGood = slots.map(({ outcomes }) => {
    return outcomes.length > 0 && outcomes.every(({ outcome }) => outcome === 'passed' || outcome === 'flaky')
  })
  const kept = slots.map((_, index) => index < memory)
  isGood.forEach((good, index) => {
    if (good) return
    for (let near = Math.max(0, index - memory); near <= Math.min(slots.length - 1, index + memory); near++) {
      kept[near] = true
    }
  })
  return slots.filter((_, index) => kept[index])
}
