/** Advises on the rules of a check by its stored history, and words the advice for the page and the terminal. */
import type pg from 'pg'
import type { CheckRules, IsInMaintenance } from '../store/check-rules.ts'
import { readPastOutcomes, readRealIncidents } from '../store/past-outcomes.ts'
import { type Advice, advise, leastHistory, type PolicyChange, type Suggestion } from '../verdict/advice.ts'
import { adviseSlow, type SlowAdvice } from '../verdict/slow-advice.ts'
import { counted, durationText } from './parts.ts'

export interface CheckAdvice extends Advice {
  name: string
  /** Undefined if too few of its replays were measured. */
  slow: SlowAdvice | undefined
}

export interface AdviceRequest {
  check: CheckRules
  slowAboveMs?: number
  isInMaintenance: IsInMaintenance
  /** The history after this, and of it the last `most` slots. */
  after: Date
  most: number
  realAfterMs: number
}

/** An outage that is known to have lasted so long is real. */
export const usualRealAfterMs = 5 * 60_000

/** Read-only. */
export async function readAdvice(
  pool: pg.Pool,
  { check, slowAboveMs, isInMaintenance, after, most, realAfterMs }: AdviceRequest,
): Promise<CheckAdvice> {
  const { name, policy, confirmEveryMs } = check
  const [slots, realIncidents] = await Promise.all([
    readPastOutcomes(pool, name, { after, most }, isInMaintenance),
    readRealIncidents(pool, name, after),
  ])
  const slow = adviseSlow({ slots, policy, ...(slowAboveMs !== undefined && { slowAboveMs }) })
  return { name, ...advise({ slots, policy, confirmEveryMs, realIncidents, realAfterMs }), slow }
}

export interface AdviceText {
  /** What the advice is from. */
  past: string
  /** Why there is none, if that is so. */
  nothing: string | undefined
  lines: { settings: string; text: string }[]
}

export function adviceText(advice: CheckAdvice): AdviceText {
  const { slow } = advice
  return {
    past: pastText(advice),
    nothing: nothingText(advice),
    lines: [
      ...advice.suggestions.map(suggestion => ({
        settings: settingsText(suggestion.change),
        text: suggestionText(suggestion, advice),
      })),
      ...(slow?.suggestions ?? []).map(({ slowAboveMs, slow: marked, degraded }) => ({
        settings: `slowAbove: '${slowAboveMs}ms'`,
        text: `would have marked ${marked} of ${slow?.measured ?? 0} replays slow and made the check degraded ${times(degraded)}${slow && slow.degraded > 0 ? ` instead of ${times(slow.degraded)}` : ''}; in 99 % the slowest request took at most ${durationText(slow?.p99Ms ?? 0)}`,
      })),
    ],
  }
}

function pastText({ slots, spanMs, alerts, shortAlerts, realOutages }: Advice): string {
  if (slots === 0) return 'No slot had a result.'
  const kinds = `${shortAlerts} not of a real outage; ${counted(realOutages, 'real outage')}`
  const span = spanMs > 0 ? ` in ${durationText(spanMs)}` : ''
  return `${counted(slots, 'slot')}${span}; by the rules in force ${alerts === 0 ? 'no alert' : `${counted(alerts, 'alert')}: ${kinds}`}.`
}

function nothingText({ nothing }: Advice): string | undefined {
  if (nothing === undefined) return undefined
  if (nothing === 'no alert') return 'No alert of a failure, so that there is none to spare.'
  if (nothing === 'none is better') {
    return 'No other confirm or agree would have spared an alert without losing a real outage, or alerted it sooner.'
  }
  const { slots, spanMs } = leastHistory
  return `The history is too short for advice on confirm and agree: it needs ${slots} slots and ${spanMs / 86_400_000} days.`
}

/** As in the configuration: `down: { failures: 3, of: 5 }, up: 2`. */
function settingsText({ down, of, up, agree }: PolicyChange): string {
  return [
    ...(down === undefined ? [] : [of === undefined ? `down: ${down}` : `down: { failures: ${down}, of: ${of} }`]),
    ...(up === undefined ? [] : [`up: ${up}`]),
    ...(agree === undefined ? [] : [`agree: ${agree}`]),
  ].join(', ')
}

function suggestionText(suggestion: Suggestion, { alerts, realOutages }: Advice): string {
  const { spared, laterMs, endsLaterMs } = suggestion
  const outages = realOutages === 1 ? 'the real outage' : `the ${realOutages} real outages`
  const most = realOutages > 1 ? 'at most ' : ''
  const delay =
    laterMs === 0
      ? `alerted ${outages} at the same time`
      : laterMs > 0
        ? `alerted ${outages} ${most}${durationText(laterMs)} later`
        : `alerted ${outages} ${realOutages > 1 ? 'at least ' : ''}${durationText(-laterMs)} sooner`
  return [
    `would have ${[
      ...(spared > 0 ? [`spared ${spared} of ${counted(alerts, 'alert')}`] : []),
      ...(realOutages > 0 ? [delay] : []),
    ].join(' and ')}`,
    ...(endsLaterMs > 0
      ? [`and ${realOutages === 1 ? 'its end' : 'their ends'} ${most}${durationText(endsLaterMs)} later`]
      : []),
  ].join(', ')
}

const times = (count: number) => (count === 1 ? 'once' : count === 0 ? 'never' : `${count} times`)

/** What counts as real. */
export function realText(realAfterMs: number): string {
  return `An outage is real if it is known to have lasted for ${durationText(realAfterMs)}, from its first failed slot to its last one, if several checks shared its incident, or if an operator acknowledged that. Slots that would have confirmed a failure, and were not replayed, are taken to have failed if those before and after them did.`
}
