/** Reads the replays of one check, page by page. */
import type pg from 'pg'
import type { Outcome } from '../verdict/finding.ts'
import type { SlotKind } from './slot.ts'

export interface RecordedReplay {
  due: Date
  location: string
  kind: SlotKind
  id: string
  /** Of which there is a report; null: there is none. */
  report: string | null
  /** The versions of the service that it saw; null: unknown. */
  version: string | null
  outcome: Outcome
  /** It was not reported: the instance ended before. */
  presumed: boolean
  /** Null if not measured. */
  durationMs: number | null
  /** Why it did not pass; for operators only. */
  reason: string | null
  specs: RecordedSpec[]
}

export interface RecordedSpec {
  /** For operators only, as `file`. */
  title: string
  file: string
  outcome: string
  attempts: RecordedAttempt[]
}

export interface RecordedAttempt {
  outcome: string
  durationMs: number | null
  /** The beginning of its message; for operators only. */
  error: string | null
}

export interface ReplayPage {
  /** Newest first. */
  replays: RecordedReplay[]
  /** Where the next page begins; undefined on the last one. */
  older: string | undefined
}

/** The text of a page's beginning: time, kind and location of the last replay before it. */
const cursorPattern = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z)_(cron|confirm|manual)_(.+)$/s

export function isCursor(text: string): boolean {
  const [, due = ''] = cursorPattern.exec(text) ?? []
  return !Number.isNaN(Date.parse(due)) && !text.includes('\0')
}

const dayMs = 86_400_000

/**
 * Reads the replays that ended, from a cursor on.
 * @param newest Later ones are left out: they were written before the database's clock was set back.
 */
export async function readReplayPage(
  pool: pg.Pool,
  check: string,
  newest: Date,
  cursor: string | undefined,
  size: number,
): Promise<ReplayPage> {
  const [, due = newest.toISOString(), kind = '\u{10ffff}', location = '\u{10ffff}'] =
    cursorPattern.exec(cursor ?? '') ?? []
  // Most pages span a few days; a bound spares planning all days that there are.
  const recent = new Date(Date.parse(due) - 2 * dayMs)
  let rows = await rowsBefore(pool, [check, due, location, kind, size + 1], recent)
  if (rows.length <= size) rows = await rowsBefore(pool, [check, due, location, kind, size + 1], new Date(0))
  const shown = rows.slice(0, size)
  const last = shown.at(-1)
  return {
    replays: shown.map(({ at: _, ...replay }) => ({ ...replay, specs: replay.specs ?? [] })),
    older: last && rows.length > size ? `${last.at}_${last.kind}_${last.location}` : undefined,
  }
}

type Row = Omit<RecordedReplay, 'specs'> & { at: string; specs: RecordedSpec[] | null }

async function rowsBefore(pool: pg.Pool, values: unknown[], after: Date): Promise<Row[]> {
  const { rows } = await pool.query<Row>(query, [...values, after])
  return rows
}

// Paths in lax mode find nothing in a value of another shape. The requests stay where they are: they are most of it.
const query = `
  select to_char(due at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at,
         due, location, kind, id, version, outcome, case when detail ->> 'report' is not null then left(detail ->> 'run', 200) end as report, presumed, duration_ms as "durationMs", left(reason, 1000) as reason,
         (select jsonb_agg(jsonb_build_object(
                   'title', left(coalesce(spec ->> 'title', ''), 500), 'file', left(coalesce(spec ->> 'file', ''), 500),
                   'outcome', coalesce(spec ->> 'outcome', ''),
                   'attempts', (select coalesce(jsonb_agg(jsonb_build_object(
                                         'outcome', coalesce(attempt ->> 'outcome', ''),
                                         'durationMs', jsonb_path_query_first(attempt, '$.durationMs ? (@ >= 0)'),
                                         'error', left(attempt -> 'error' ->> 'message', 1000))), '[]')
                                  from jsonb_path_query(spec, '$.attempts[0 to 9]') attempt)))
            from jsonb_path_query(detail, '$.specs[0 to 99]') spec) as specs
    from (
      select * from reprise.replays
       where check_name = $1 and due <= $2 and due > $6 and (due, location, kind) < ($2, $3, $4) and outcome is not null
       order by due desc, location desc, kind desc limit $5
    ) replay
   order by due desc, location desc, kind desc`
