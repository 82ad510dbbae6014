/** Services that break, seen by monitors that die and whose network fails: what is told of them is held against what was so. */
import { expect, test } from '@playwright/test'
import { randomNumbers, whole } from '../../testing/random.ts'
import { findingOf, type LocatedOutcome, type Outcome } from './finding.ts'
import { defaultPolicy, type Policy } from './policy.ts'
import { judge, needsConfirmation, noVerdict, type Verdict } from './verdict.ts'

/** In seconds, as all times here. */
const [cronEvery, confirmEvery] = [60, 20]

interface Span {
  from: number
  to: number
}

/** What is so; nobody judges by it. */
interface World {
  outages: Span[]
  /** By location: nobody replays there. What was under way ends as an error. */
  deaths: Span[][]
  /** By location: what is replayed there does not reach the service. One location at a time. */
  cuts: Span[][]
}

interface Told {
  at: number
  state: string
}

test('10,000 outages, deaths and cuts of the network: every outage that can be confirmed is told in time, and no other', () => {
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
    const { told, opened } = monitored(world, policy, random)
    outages += world.outages.length
    alerts += opened
    for (const { at } of told.filter(({ state }) => state === 'down')) {
      const isSo = world.outages.some(({ from, to }) => from <= at && at < to)
      if (!isSo) faults.push(`seed ${seed}: down at ${at}, when there was no outage`)
    }
    for (const outage of world.outages) {
      const deadline = outage.from + cronEvery + (policy.confirm.down - 1) * confirmEvery
      if (outage.to <= deadline || isBlind(world, { from: outage.from - cronEvery, to: deadline })) continue
      confirmed++
      const state = stateAt(told, deadline)
      if (state !== 'down') faults.push(`seed ${seed}: ${state} at ${deadline} in the outage from ${outage.from}`)
    }
    world.outages.forEach(({ to }, index) => {
      const deadline = to + cronEvery + (policy.confirm.up - 1) * confirmEvery
      const next = world.outages[index + 1]?.from ?? Number.POSITIVE_INFINITY
      if (next <= deadline || isBlind(world, { from: to - cronEvery, to: deadline })) return
      if (stateAt(told, deadline) === 'down')
        faults.push(`seed ${seed}: down at ${deadline}, the outage ended at ${to}`)
    })
  }
  expect(faults).toEqual([])
  expect(confirmed).toBeGreaterThan(outages / 4)
  expect(alerts).toBeGreaterThan(outages / 8)
})

/** Replays by the clock and to confirm, at each location, as the monitor does. */
function monitored(world: World, policy: Policy, random: () => number): { told: Told[]; opened: number } {
  const end = (world.outages.at(-1)?.to ?? 0) + 600
  const told: Told[] = []
  let [verdict, opened, confirm]: [Verdict, number, number | undefined] = [noVerdict, 0, undefined]
  for (let cron = cronEvery; cron < end; ) {
    const due = Math.min(cron, confirm ?? cron)
    if (due === confirm) confirm = undefined
    if (due === cron) cron += cronEvery
    const judged = judge(policy, [{ due, finding: found(world, policy, due, random) }], verdict)
    // Another process goes on from what is stored.
    verdict = { ...noVerdict, ...JSON.parse(JSON.stringify(judged.verdict)) }
    for (const transition of judged.transitions) {
      if (transition.kind === 'state') told.push({ at: due, state: transition.to })
      if (transition.kind === 'opened') opened++
    }
    if (needsConfirmation(policy, verdict)) confirm ??= due + confirmEvery
  }
  return { told, opened }
}

/** The outcomes arrive in any order, some of them never. */
function found({ outages, deaths, cuts }: World, policy: Policy, due: number, random: () => number) {
  const within = (spans: readonly Span[] = []) => spans.find(({ from, to }) => from <= due && due < to)
  const outcomeAt = (location: number): Outcome | undefined => {
    const death = within(deaths[location])
    if (death) return due - death.from < cronEvery && random() < 0.5 ? 'error' : undefined
    // Who is alone asks whether anything answers; several outvote one.
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

/** Whether, at some time within, too few locations see the service as it is. */
function isBlind({ deaths, cuts }: World, { from, to }: Span): boolean {
  return [...deaths, ...cuts].flat().some(span => span.from < to && from < span.to)
}

function stateAt(told: readonly Told[], time: number): string | undefined {
  return told.findLast(({ at }) => at <= time)?.state
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
