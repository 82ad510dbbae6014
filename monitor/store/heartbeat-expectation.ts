/** Computes for when a heartbeat is expected. Pure. */

export interface HeartbeatRules {
  /** How late it may be. */
  graceMs: number
  /** At the latest so long after the last report; absent: by a cron expression. */
  everyMs?: number
  /** How long a run may take; absent: until the next one is late. */
  maxRunMs?: number
}

/** Returns the first due time of a heartbeat's cron expression after a time; undefined if there is none. */
export type NextDue = (after: Date) => Date | undefined

/** Null: the schedule has no further due time. */
export type Expected = Date | null

const plus = (time: Date, milliseconds: number) => new Date(time.getTime() + milliseconds)

/** What is expected first of a heartbeat that is watched from now on. */
export function firstExpected({ everyMs }: HeartbeatRules, now: Date, nextDue: NextDue): Expected {
  return everyMs === undefined ? (nextDue(now) ?? null) : plus(now, everyMs)
}

/**
 * What is expected after a report.
 * @param beginsOrStandsAlone It is not the end of a run whose begin was reported.
 */
export function expectedAfterReport(
  rules: HeartbeatRules,
  expected: Expected,
  { at, beginsOrStandsAlone }: { at: Date; beginsOrStandsAlone: boolean },
  nextDue: NextDue,
): Expected {
  if (rules.everyMs !== undefined) return plus(at, rules.everyMs)
  if (expected === null || at >= expected) return nextDue(at) ?? null
  const isEarly = beginsOrStandsAlone && at >= earliest(rules, expected, nextDue)
  return isEarly ? (nextDue(expected) ?? null) : expected
}

/** A report from then on counts for the due time: clocks differ a little. */
export function earliest({ graceMs, everyMs }: HeartbeatRules, expected: Date, nextDue: NextDue): Date {
  if (everyMs !== undefined) return plus(expected, -everyMs)
  const following = nextDue(expected)
  const apartMs = following ? following.getTime() - expected.getTime() : Number.POSITIVE_INFINITY
  return plus(expected, -Math.min(graceMs, mostEarlyMs, apartMs / 4))
}

const mostEarlyMs = 60_000

/**
 * What is expected after a due time without a report: the first one that is not late yet.
 * @param blindUntil Up to then its report may have been lost; null: it was not.
 */
export function expectedAfterMissed(
  { graceMs, everyMs }: HeartbeatRules,
  expected: Date,
  { now, blindUntil }: { now: Date; blindUntil: Date | null },
  nextDue: NextDue,
): Expected {
  const lateBefore = now.getTime() - graceMs
  if (everyMs === undefined) return nextDue(new Date(Math.max(expected.getTime(), lateBefore))) ?? null
  const last = Math.max(expected.getTime(), blindUntil?.getTime() ?? 0)
  const periods = Math.floor(Math.max(0, lateBefore - last) / everyMs) + 1
  return new Date(last + periods * everyMs)
}

/** By when a run has to end that begins now. Null: at any time. */
export function endsBy({ graceMs, maxRunMs }: HeartbeatRules, began: Date, following: Expected): Expected {
  if (maxRunMs !== undefined) return plus(began, maxRunMs)
  return following && plus(following, graceMs)
}
