/** Reads how long the replays of one check took: by hour, by day, and one by one. */
import type pg from 'pg'
import type { Outcome } from '../verdict/finding.ts'
import { addStored, type Histogram, type StoredDurations, storedDurations } from './histogram.ts'
import { type Phases, phasesIn } from './replay-phases.ts'
import type { Period } from './rollups.ts'

export interface LatencySlice {
  /** Of the hour or day, in UTC. */
  start: Date
  /** Passed, flaky or slow, outside of maintenance. */
  up: number
  failed: number
  /** Of replays that passed, were flaky or slow. */
  durations: Histogram
}

/** Reads the hours or days that start in `(after, until]`, oldest first, over all locations. */
export async function readLatency(
  pool: pg.Pool,
  check: string,
  period: Period,
  after: Date,
  until: Date,
): Promise<LatencySlice[]> {
  const { rows } = await pool.query<{ start: Date; up: number; failed: number } & StoredDurations>(
    `select start, passed + flaky + slow as up, failed, ${storedDurations}
       from reprise.rollups
      where check_name = $1 and period = $2 and start > $3 and start <= $4 order by start`,
    [check, period, after, until],
  )
  const slices: (LatencySlice & { durations: Map<number, number> })[] = []
  for (const { start, up, failed, ...stored } of rows) {
    let slice = slices.at(-1)
    if (slice?.start.getTime() !== start.getTime()) {
      slice = { start, up: 0, failed: 0, durations: new Map() }
      slices.push(slice)
    }
    slice.up += up
    slice.failed += failed
    addStored(slice.durations, stored)
  }
  return slices
}

export interface MeasuredReplay {
  due: Date
  location: string
  outcome: Outcome
  durationMs: number
  /** Absent where none of its requests was measured. */
  phases?: Phases
}

/** Reads the newest measured replays that were due in `(after, until]`, at most `most`, oldest first. */
export async function readMeasuredReplays(
  pool: pg.Pool,
  check: string,
  after: Date,
  until: Date,
  most: number,
): Promise<MeasuredReplay[]> {
  const { rows } = await pool.query<Omit<MeasuredReplay, 'phases'> & { phases: number[] | null }>(
    `select due, location, outcome, duration_ms as "durationMs", phases from reprise.replays
      where check_name = $1 and due > $2 and due <= $3 and outcome is not null and duration_ms is not null
      order by due desc limit $4`,
    [check, after, until, most],
  )
  return rows.reverse().map(({ phases: stored, ...replay }) => {
    const phases = phasesIn(stored)
    return phases ? { ...replay, phases } : replay
  })
}
