/** Reads everything that the page of one check shows. Each query is bounded, however long the history is. */
import type pg from 'pg'
import type { Environment } from '../../environment/environment.ts'
import type { Check } from '../config/configuration.ts'
import { type LatencySlice, type MeasuredReplay, readLatency, readMeasuredReplays } from '../store/check-latency.ts'
import { databaseTime } from '../store/check-locations.ts'
import { type ReplayPage, readReplayPage } from '../store/check-replays.ts'
import { type PastTransition, readTransitions } from '../store/check-transitions.ts'
import { readFailingSince } from '../store/failing-since.ts'
import { type FirstFailure, readFirstFailure } from '../store/first-failure.ts'
import { type FlakySpecs, readFlakySpecs } from '../store/flaky-specs.ts'
import { type OneCheck, readCheck } from '../store/one-check.ts'
import type { Period } from '../store/rollups.ts'
import { isFailureUnconfirmed } from '../verdict/unconfirmed.ts'
import type { ActiveConfiguration } from './page-context.ts'

export const ranges = {
  '24h': { label: '24 hours', period: 'hour', ms: 86_400_000 },
  '7d': { label: '7 days', period: 'hour', ms: 7 * 86_400_000 },
  '30d': { label: '30 days', period: 'day', ms: 30 * 86_400_000 },
  '90d': { label: '90 days', period: 'day', ms: 90 * 86_400_000 },
} as const satisfies Record<string, { label: string; period: Period; ms: number }>

export type Range = keyof typeof ranges

export interface CheckRequest {
  name: string
  range: Range
  /** Where the page of replays begins; undefined: with the newest. */
  before: string | undefined
}

export interface CheckPage extends CheckRequest {
  at: Date
  check: OneCheck
  inMaintenance: boolean
  /** Due time of the first failure that is still being confirmed. */
  confirming: Date | undefined
  latency: LatencySlice[]
  /** Of the last 24 hours: the newest. */
  measured: MeasuredReplay[]
  replays: ReplayPage
  firstFailure: FirstFailure | undefined
  /** Of the last 7 days. */
  flaky: FlakySpecs
  transitions: PastTransition[]
  /** Undefined if it is not configured any more. */
  configured: Check | undefined
  environment: Environment | undefined
}

/** How much is read at most. */
export const shown = { measured: 300, replays: 25, transitions: 20 }

const dayMs = 86_400_000
const periodMs = { hour: 3_600_000, day: dayMs }

/** Resolves with undefined if there is no such check. */
export async function readCheckPage(
  pool: pg.Pool,
  current: ActiveConfiguration,
  request: CheckRequest,
): Promise<CheckPage | undefined> {
  const { name, range, before } = request
  const [check, at] = await Promise.all([readCheck(pool, name), databaseTime(pool)])
  if (!check) return undefined
  const { period, ms } = ranges[range]
  const ago = (span: number) => new Date(at.getTime() - span)
  // With the current hour or day, as many of them as the range says.
  const after = new Date(Math.floor(at.getTime() / periodMs[period]) * periodMs[period] - ms)
  const { policy } = check.rules
  const isUnconfirmed = isFailureUnconfirmed(policy, check.verdict)
  const [latency, measured, replays, firstFailure, flaky, transitions, failing] = await Promise.all([
    readLatency(pool, name, period, after, at),
    readMeasuredReplays(pool, name, ago(dayMs), at, shown.measured),
    // A little ahead, as the times of other machines may be.
    readReplayPage(pool, name, ago(-60_000), before, shown.replays),
    readFirstFailure(pool, name),
    readFlakySpecs(pool, name, ago(7 * dayMs), at),
    readTransitions(pool, name, shown.transitions),
    readFailingSince(pool, new Map(isUnconfirmed ? [[name, policy]] : [])),
  ])
  const configured = current.configuration.checks.find(other => other.name === name)
  return {
    ...request,
    at,
    check,
    inMaintenance: current.isInMaintenance(name, at),
    confirming: failing.get(name),
    ...{ latency, measured, replays, firstFailure, flaky, transitions },
    configured,
    environment: current.environment(check.environment),
  }
}
