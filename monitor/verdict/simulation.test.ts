/**
 * Simulates services that break, and monitors that die or lose their network; compares the reported states with the
 * truth.
 */

import { randomNumbers, whole } from '../../testing/random.ts'
import { expect, test } from '../../testing/test.ts'
import { findingOf, type LocatedOutcome, type Outcome } from './finding.ts'
import { defaultPolicy, type Policy } from './policy.ts'
import { judge, needsConfirmation, noVerdict, type Verdict } from './verdict.ts'

/** In seconds, like all times here. */
const [cronEvery, confirmEvery] = [60, 20]

interface Span {
  from: number
  to: number
}

/** The truth, unknown to the monitor. */
interface World {
  outages: Span[]
  /** By location: times without a monitor. Replays under way end as an error. */
  deaths: Span[][]
  /** By location: times without a network from there to the service. At one location at a time. */
  cuts: Span[][]
}

interface ReportedState {
  at: number
  state: string
}

test('in 10,000 outages with dead monitors and network cuts, every outage that can be confirmed is reported in time, and no other', () => {
  let [outages, confirmed, alerts] = [0, 0, 0]
  const faults: string[] = []
  for (let seed = 1; outages < 10_000; seed++) {
    const random = randomNumbers(seed)
    const count = seed % 2 === 0 ? 1 : 3
    const policy: Policy = {
      ...defaultPolicy,
      confirm: { down: 1 + whole(random, 3), up: 1 + whole(random, 2) },
      locations: { count, agree: count === 1 ? 1 : 2 },
    }
    const world = worldOf(random, count)
    const { reported, opened } = simulateMonitor(world, policy, random)
    outages += world.outages.length
    alerts += opened
    for (const { at } of reported.filter(({ state }) => state === 'down')) {
      const isSo = world.outages.some(({ from, to }) => from <= at && at < to)
      if (!isSo) faults.push(`seed ${seed}: down at ${at}, when there was no outage`)
    }
    for (const outage of world.outages) {
      const deadline = outage.from + cronEvery + (policy.confirm.down - 1) * confirmEvery
      if (outage.to <= deadline || isBlind(world, { from: outage.from - cronEvery, to: deadline })) continue
      confirmed++
      const state = stateAt(reported, deadline)
      if (state !== 'down') faults.push(`seed ${seed}: ${state} at ${deadline} in the outage from ${outage.from}`)
    }
    world.outages.forEach(({ to }, index) => {
      const deadline = to + cronEvery + (policy.confirm.up - 1) * confirmEvery
      const next = world.outages[index + 1]?.from ?? Number.POSITIVE_INFINITY
      if (next <= deadline || isBlind(world, { from: to - cronEvery, to: deadline })) return
      if (stateAt(reported, deadline) === 'down')
        faults.push(`seed ${seed}: down at ${deadline}, the outage ended at ${to}`)
    })
  }
  expect(faults).toEqual([])
  expect(confirmed).toBeGreaterThan(outages / 4)
  expect(alerts).toBeGreaterThan(outages / 8)
})

/** Simulates the monitor: slots by cron and to confirm, at each location. */
function simulateMonitor(
  world: World,
  policy: Policy,
  random: () => number,
): { reported: ReportedState[]; opened: number } {
  const end = (world.outages.at(-1)?.to ?? 0) + 600
  const reported: ReportedState[] = []
  let [verdict, opened, confirm]: [Verdict, number, number | undefined] = [noVerdict, 0, undefined]
  for (let cron = cronEvery; cron < end; ) {
    const due = Math.min(cron, confirm ?? cron)
    if (due === confirm) confirm = undefined
    if (due === cron) cron += cronEvery
    const judged = judge(policy, [{ due, finding: found(world, policy, due, random) }], verdict)
    // As read back by another process.
    verdict = { ...noVerdict, ...JSON.parse(JSON.stringify(judged.verdict)) }
    for (const transition of judged.transitions) {
      if (transition.kind === 'state') reported.push({ at: due, state: transition.to })
      if (transition.kind === 'opened') opened++
    }
    if (needsConfirmation(policy, verdict)) confirm ??= due + confirmEvery
  }
  return { reported, opened }
}

/** Outcomes arrive in any order; some never do. */
function found({ outages, deaths, cuts }: World, policy: Policy, due: number, random: () => number) {
  const within = (spans: readonly Span[] = []) => spans.find(({ from, to }) => from <= due && due < to)
  const outcomeAt = (location: number): Outcome | undefined => {
    const death = within(deaths[location])
    if (death) return due - death.from < cronEvery && random() < 0.5 ? 'error' : undefined
    // A single location notices that it has no network; of several, one is outvoted.
    if (within(cuts[location])) return policy.locations.count > 1 && random() < 0.5 ? 'failed' : 'error'
    if (within(outages)) return 'failed'
    return random() < 0.9 ? 'passed' : random() < 0.5 ? 'flaky' : 'slow'
  }
  const arrived: LocatedOutcome[] = []
  for (let location = 0; location < policy.locations.count; location++) {
    const outcome = outcomeAt(location)
    if (outcome) arrived.splice(whole(random, arrived.length + 1), 0, { location: `place ${location}`, outcome })
  }
  for (let seen = 1; seen <= arrived.length; seen++) {
    const early = findingOf(arrived.slice(0, seen), policy)
    if (early !== undefined) return early
  }
  return findingOf(arrived, policy, true) ?? 'nothing'
}

/** Returns whether too few locations can see the service at some time in the span. */
function isBlind({ deaths, cuts }: World, { from, to }: Span): boolean {
  return [...deaths, ...cuts].flat().some(span => span.from < to && from < span.to)
}

function stateAt(reported: readonly ReportedState[], time: number): string | undefined {
  return reported.findLast(({ at }) => at <= time)?.state
}

function worldOf(random: () => number, locations: number): World {
  const everyLocation = (): Span[][] => Array.from({ length: locations }, () => [])
  const world: World = { outages: [], deaths: everyLocation(), cuts: everyLocation() }
  for (let time = 600; world.outages.length < 100; ) {
    const from = time + whole(random, 900)
    const to = from + 1 + whole(random, random() < 0.5 ? 60 : 1200)
    world.outages.push({ from, to })
    time = to
  }
  const end = world.outages.at(-1)?.to ?? 0
  for (let time = 0; time < end; ) {
    const from = time + whole(random, 9000)
    const to = from + 1 + whole(random, 600)
    world.cuts[whole(random, locations)]?.push({ from, to })
    time = to
  }
  for (const deaths of world.deaths) {
    for (let time = 0; time < end; ) {
      const from = time + whole(random, 18_000)
      const to = from + 1 + whole(random, 400)
      deaths.push({ from, to })
      time = to
    }
  }
  return world
}
