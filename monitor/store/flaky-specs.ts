/** Ranks the specs of a check that passed only on a retry. */
import type pg from 'pg'

interface FlakySpec {
  title: string
  file: string
  /** In how many replays it was flaky. */
  flaky: number
  /** In how many of the replays that were read it failed. */
  failed: number
  lastFlaky: Date
}

export interface FlakySpecs {
  /** The flakiest first, at most 20. */
  specs: FlakySpec[]
  /** How many replays that were flaky or failed were read: the newest, at most 50. */
  read: number
}

/** From replays that were due after a time. */
export async function readFlakySpecs(pool: pg.Pool, check: string, after: Date, until: Date): Promise<FlakySpecs> {
  const { rows } = await pool.query<FlakySpec & { read: number }>(
    `with recent as materialized (
       select due, detail from reprise.replays
        where check_name = $1 and due > $2 and due <= $3 and outcome in ('flaky', 'failed')
        order by due desc limit 50
     )
     select left(coalesce(spec ->> 'title', ''), 500) as title, left(coalesce(spec ->> 'file', ''), 500) as file,
            count(*) filter (where spec ->> 'outcome' = 'flaky')::int as flaky,
            count(*) filter (where spec ->> 'outcome' = 'failed')::int as failed,
            max(due) filter (where spec ->> 'outcome' = 'flaky') as "lastFlaky",
            (select count(*)::int from recent) as read
       from recent, jsonb_path_query(detail, '$.specs[*]') spec
      group by 1, 2 having count(*) filter (where spec ->> 'outcome' = 'flaky') > 0
      order by flaky desc, "lastFlaky" desc, file, title limit 20`,
    [check, after, until],
  )
  return { specs: rows.map(({ read: _, ...spec }) => spec), read: rows[0]?.read ?? 0 }
}
