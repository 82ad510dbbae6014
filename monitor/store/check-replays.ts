/** Reads the replays of one check with their specs and attempts, for its page. */
import type pg from 'pg'
import type { Outcome } from '../verdict/finding.ts'
import { readColumns } from './replay-pages.ts'
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
  /** Of the job that reported it; for operators only. Null: none. */
  output: string | null
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

export interface RecordedReplays {
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

/**
 * Reads the replays that ended, from a cursor on.
 * @param newest Later ones are left out: they were written before the database's clock was set back.
 */
export async function readRecordedReplays(
  pool: pg.Pool,
  check: string,
  newest: Date,
  cursor: string | undefined,
  size: number,
): Promise<RecordedReplays> {
  const [, due = newest.toISOString(), kind = '\u{10ffff}', location = '\u{10ffff}'] =
    cursorPattern.exec(cursor ?? '') ?? []
  const { replays, last } = await readColumns<Row>(pool, check, { due, location, kind }, size, columns)
  return {
    replays: replays.map(replay => ({ ...replay, specs: replay.specs ?? [] })),
    older: last && `${last.due}_${last.kind}_${last.location}`,
  }
}

type Row = Omit<RecordedReplay, 'specs'> & { specs: RecordedSpec[] | null }

// Paths in lax mode find nothing in a value of another shape. The requests stay where they are: they are most of it.
const columns = [
  'due, location, kind, id, version, outcome, presumed, duration_ms as "durationMs", left(reason, 1000) as reason',
  `left(detail ->> 'output', 10000) as output`,
  `case when detail ->> 'report' is not null then left(detail ->> 'run', 200) end as report`,
  `(select jsonb_agg(jsonb_build_object(
             'title', left(coalesce(spec ->> 'title', ''), 500), 'file', left(coalesce(spec ->> 'file', ''), 500),
             'outcome', coalesce(spec ->> 'outcome', ''),
             'attempts', (select coalesce(jsonb_agg(jsonb_build_object(
                                   'outcome', coalesce(attempt ->> 'outcome', ''),
                                   'durationMs', jsonb_path_query_first(attempt, '$.durationMs ? (@ >= 0)'),
                                   'error', left(attempt -> 'error' ->> 'message', 1000))), '[]')
                            from jsonb_path_query(spec, '$.attempts[0 to 9]') attempt)))
      from jsonb_path_query(detail, '$.specs[0 to 99]') spec) as specs`,
]
