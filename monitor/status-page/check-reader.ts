/** Reads everything that the page of one check shows. Each query is bounded, however long the history is. */
import type pg from 'pg'
import type { Environment } from '../../environment/environment.ts'
import type { Check } from '../config/configuration.ts'
import { type LatencySlice, type MeasuredReplay, readLatency, readMeasuredReplays } from '../store/check-latency.ts'
import { databaseTime } from '../store/check-locations.ts'
import { type RecordedReplays, readRecordedReplays } from '../store/check-replays.ts'
import { type PastTransition, readTransitions } from '../store/check-transitions.ts'
import { type CheckDays, readDayCounts } from '../store/day-counts.ts'
import { type FirstFailure, readFirstFailure } from '../store/first-failure.ts'
import { type FlakySpecs, readFlakySpecs } from '../store/flaky-specs.ts'
import { readProgress } from '../store/heartbeats.ts'
import { type OneCheck, readCheck } from '../store/one-check.ts'
import type { Period } from '../store/rollups.ts'
import { readUptimes, type Uptime, type UptimeSpan } from '../store/uptime.ts'
import type { ShownHeartbeat } from './heartbeats/heartbeat-section.ts'
import type { PageContext } from './page-context.ts'
import { type CheckStatus, statusReader } from './status.ts'

export const ranges = {
  '24h': { label: '24 hours', period: 'hour', ms: 86_400_000 },
  '7d': { label: '7 days', period: 'hour', ms: 7 * 86_400_000 },
  '30d': { label: '30 days', period: 'day', ms: 30 * 86_400_000 },
  '90d': { label: '90 days', period: 'day', ms: 90 * 86_400_000 },
} as const satisfies Record<string, { label: string; period: Period; ms: number }>

export type Range = keyof typeof ranges

interface CheckRequest {
  name: string
  range: Range
  /** Where the page of replays begins; undefined: with the newest. */
  before: string | undefined
}

export interface CheckPage extends CheckRequest {
  at: Date
  check: OneCheck
  /** Undefined if it is not configured any more. */
  status: CheckStatus | undefined
  uptimes: Record<UptimeSpan, Uptime> | undefined
  days: CheckDays | undefined
  latency: LatencySlice[]
  /** Of the last 24 hours: the newest. */
  measured: MeasuredReplay[]
  replays: RecordedReplays
  firstFailure: FirstFailure | undefined
  /** Of the last 7 days. */
  flaky: FlakySpecs
  transitions: PastTransition[]
  /** Undefined if it is not configured any more. */
  configured: Check | undefined
  environment: Environment | undefined
  /** Undefined if it is none, or is not configured any more. */
  heartbeat: ShownHeartbeat | undefined
}

/** How much is read at most. */
export const shown = { measured: 300, replays: 25, transitions: 20, days: 90 }

const dayMs = 86_400_000
const periodMs = { hour: 3_600_000, day: dayMs }

export interface CheckReader {
  /** Resolves with undefined if there is no such check. */
  read(request: CheckRequest): Promise<CheckPage | undefined>
}

export function checkReader({ pool, current }: Pick<PageContext, 'pool' | 'current'>): CheckReader {
  const { readCheckStatus } = statusReader(pool, current)
  return {
    async read(request) {
      const { name } = request
      const [check, at] = await Promise.all([readCheck(pool, name), databaseTime(pool)])
      if (!check) return undefined
      const { configuration, environment } = current()
      const [history, status, progress] = await Promise.all([
        readHistory(pool, request, at),
        readCheckStatus(name, at),
        check.rules.source === 'heartbeat' ? readProgress(pool, name) : undefined,
      ])
      const heartbeat = configuration.heartbeats.find(configured => configured.name === name)
      return {
        ...request,
        ...history,
        at,
        check,
        status,
        configured: configuration.checks.find(configured => configured.name === name),
        environment: environment(check.environment),
        heartbeat: heartbeat && progress && { name, configured: heartbeat, progress },
      }
    },
  }
}

async function readHistory(pool: pg.Pool, { name, range, before }: CheckRequest, at: Date) {
  const { period, ms } = ranges[range]
  const ago = (span: number) => new Date(at.getTime() - span)
  // With the current hour or day, as many of them as the range says.
  const after = new Date(Math.floor(at.getTime() / periodMs[period]) * periodMs[period] - ms)
  const [latency, measured, replays, firstFailure, flaky, transitions, uptimes, days] = await Promise.all([
    readLatency(pool, name, period, after, at),
    readMeasuredReplays(pool, name, ago(dayMs), at, shown.measured),
    // A little ahead, as the times of other machines may be.
    readRecordedReplays(pool, name, ago(-60_000), before, shown.replays),
    readFirstFailure(pool, name),
    readFlakySpecs(pool, name, ago(7 * dayMs), at),
    readTransitions(pool, name, shown.transitions),
    readUptimes(pool, at, [name]),
    readDayCounts(pool, ago((shown.days - 1) * dayMs), at, [name]),
  ])
  return {
    ...{ latency, measured, replays, firstFailure, flaky, transitions },
    uptimes: uptimes.get(name),
    days: days.get(name),
  }
}
