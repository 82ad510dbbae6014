/** Reads the ended replays of a check, page by page, newest first. */
import type pg from 'pg'
import type { Outcome } from '../verdict/finding.ts'
import type { SlotKind } from './slot.ts'

export interface PagedReplay {
  id: string
  run: string
  due: Date
  location: string
  kind: SlotKind
  startedAt: Date
  endedAt: Date | null
  outcome: Outcome
  /** Nothing was heard of it, so its outcome was presumed. */
  presumed: boolean
  /** Null if not measured. */
  durationMs: number | null
  /** Why it did not pass; for operators only. */
  reason: string | null
  /** What was stored with the result; null unless it was asked for. */
  detail: unknown
}

/** The place of a replay in the order: the next page begins after it. */
export interface ReplayPlace {
  /** ISO 8601, in microseconds as the database has it. */
  due: string
  location: string
  kind: string
}

export interface ReplayPage<Replay = PagedReplay> {
  replays: Replay[]
  /** The last one of the page; undefined if it is the last page. */
  last: ReplayPlace | undefined
}

/** @param before Only those that come after this place; undefined: from the newest on. */
export async function readReplayPage(
  pool: pg.Pool,
  check: string,
  before: ReplayPlace | undefined,
  { limit, withDetail }: { limit: number; withDetail: boolean },
): Promise<ReplayPage> {
  const { due, location, kind } = before ?? { due: 'infinity', location: '', kind: '' }
  return readColumns(pool, check, { due, location, kind }, limit, [
    'id, run, due, location, kind, started_at as "startedAt", ended_at as "endedAt", outcome, presumed',
    'duration_ms as "durationMs", reason',
    withDetail ? 'detail' : 'null as detail',
  ])
}

/**
 * Reads a page with these columns, which are computed for its replays only.
 * @param before Only those that come after this place.
 */
export async function readColumns<Replay extends { location: string; kind: string }>(
  pool: pg.Pool,
  check: string,
  before: ReplayPlace,
  limit: number,
  columns: readonly string[],
): Promise<ReplayPage<Replay>> {
  // The first condition on `due` alone lets the planner leave out the days after it.
  const query = `
    select ${columns.join(', ')}, to_char(due at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as place
      from (select * from reprise.replays
             where check_name = $1 and due <= $2::timestamptz and (due, location, kind) < ($2::timestamptz, $3, $4)
               and due > $6 and outcome is not null
             order by due desc, location desc, kind desc limit $5) replay
     order by due desc, location desc, kind desc`
  const rowsAfter = async (after: Date | '-infinity') => {
    const values = [check, before.due, before.location, before.kind, limit + 1, after]
    return (await pool.query<Replay & { place: string }>(query, values)).rows
  }
  // Most pages span a few days; a bound spares planning all days that there are. A full page is right whatever the bound is.
  const due = Date.parse(before.due)
  const recent = await rowsAfter(new Date((Number.isNaN(due) ? Date.now() : due) - 2 * dayMs))
  const rows = recent.length > limit ? recent : await rowsAfter('-infinity')
  const last = rows.length > limit ? rows[limit - 1] : undefined
  return {
    replays: rows.slice(0, limit),
    last: last && { due: last.place, location: last.location, kind: last.kind },
  }
}

const dayMs = 86_400_000
