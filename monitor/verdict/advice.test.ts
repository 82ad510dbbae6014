import { expect, test } from '../../testing/test.ts'
import { advise, type CheckPast, type PastOutcomes } from './advice.ts'
import type { Outcome } from './finding.ts'
import { defaultPolicy } from './policy.ts'

const minuteMs = 60_000
const realAfterMs = 5 * minuteMs

/** A slot a minute, by cron, and 20 s after a failure to confirm it: as a monitor with `down: 2` has them. */
function pastOf(outages: readonly { at: number; failures: number }[], minutes = 5000): PastOutcomes[] {
  const slots: PastOutcomes[] = []
  for (let minute = 0; minute < minutes; minute++) {
    const due = minute * minuteMs
    const outage = outages.find(({ at, failures }) => minute >= at && minute < at + Math.max(1, failures - 1))
    slots.push(slot(due, outage ? 'failed' : 'passed'))
    if (outage?.at === minute)
      slots.push({ ...slot(due + 20_000, outage.failures > 1 ? 'failed' : 'passed'), confirms: true })
  }
  return slots
}

function slot(due: number, outcome: Outcome): PastOutcomes {
  return { due, outcomes: [{ location: 'home', outcome }], confirms: false, inMaintenance: false }
}

const past = (slots: readonly PastOutcomes[], more: Partial<CheckPast> = {}): CheckPast => ({
  slots,
  policy: defaultPolicy,
  confirmEveryMs: 20_000,
  realIncidents: [],
  realAfterMs,
  ...more,
})

const short = [500, 1000, 1500, 2000].map(at => ({ at, failures: 2 }))

test('a third failure would have spared the short outages, and alerted the real one 20 s later', () => {
  const { suggestions, ...known } = advise(past(pastOf([...short, { at: 3000, failures: 30 }])))
  expect(known).toEqual({ slots: 5005, spanMs: 4999 * minuteMs, alerts: 5, shortAlerts: 4, realOutages: 1 })
  expect(suggestions[0]).toEqual({ change: { down: 3 }, alerts: 1, spared: 4, laterMs: 20_000, endsLaterMs: 0 })
})

test('an outage that a policy would not have alerted is not lost if it is real', () => {
  const slots = pastOf(short)
  expect(advise(past(slots)).suggestions[0]).toMatchObject({ change: { down: 3 }, spared: 4 })
  // Shared by other checks, or acknowledged.
  const real = [1000 * minuteMs + 20_000]
  const known = advise(past(slots, { realIncidents: real }))
  expect(known).toMatchObject({ alerts: 4, shortAlerts: 3, realOutages: 1 })
  expect(known.suggestions.filter(({ spared }) => spared > 0)).toEqual([])
})

test('where no alert is too many, a policy that alerts sooner is suggested', () => {
  const { nothing, suggestions } = advise(past(pastOf([{ at: 3000, failures: 30 }])))
  expect(nothing).toBeUndefined()
  expect(suggestions).toEqual([{ change: { down: 1 }, alerts: 1, spared: 0, laterMs: -20_000, endsLaterMs: 0 }])
})

test('an outage with passes in between is one incident if more passes must follow', () => {
  const again = [0, 3].map(more => ({ at: 3000 + more, failures: 2 }))
  const { alerts, suggestions } = advise(past(pastOf([...again, { at: 4000, failures: 30 }])))
  expect(alerts).toBe(3)
  expect(suggestions.map(({ change }) => change)).toContainEqual({ up: 5 })
})

test('with several locations, more of them to agree are tried', () => {
  const policy = { ...defaultPolicy, locations: { count: 3, agree: 1 } }
  const slots = pastOf([...short, { at: 3000, failures: 30 }]).map(({ outcomes, ...rest }) => {
    const isReal = rest.due >= 3000 * minuteMs
    const [{ outcome = 'passed' } = {}] = outcomes
    const others = ['north', 'south'].map(location => ({ location, outcome: isReal ? outcome : ('passed' as const) }))
    return { ...rest, outcomes: [...outcomes, ...others] }
  })
  const { suggestions } = advise(past(slots, { policy }))
  expect(suggestions[0]).toEqual({ change: { agree: 2 }, alerts: 1, spared: 4, laterMs: 0, endsLaterMs: 0 })
})

test('a short history gives no advice, and neither does one without alerts', () => {
  expect(advise(past(pastOf(short).slice(0, 2500)))).toMatchObject({ nothing: 'too short', suggestions: [] })
  expect(advise(past([]))).toMatchObject({ slots: 0, spanMs: 0, nothing: 'too short' })
  expect(advise(past(pastOf([{ at: 1000, failures: 1 }])))).toMatchObject({ alerts: 0, nothing: 'no alert' })
})

test('failures during maintenance are no alerts', () => {
  const slots = pastOf(short).map(slot => ({ ...slot, inMaintenance: slot.due < 1200 * minuteMs }))
  expect(advise(past(slots))).toMatchObject({ alerts: 2, shortAlerts: 2 })
})
