/** How many slots of each check nobody has replayed. */
import type pg from 'pg'

export interface LostSlots {
  /** Nobody was there for so many. */
  missed: number
  /** So many came while an earlier replay still ran. */
  skipped: number
  /** Of the last one that was missed or skipped; null: none was. */
  reason: string | null
}

export const noneLost: LostSlots = { missed: 0, skipped: 0, reason: null }

/** What does not count, from its begin to before its end. */
interface Span {
  begin: Date
  end: Date
  /** Absent: all checks. */
  checks?: readonly string[]
}

/**
 * Of the slots that were due in a span, by the names of the checks that are monitored, if any was lost. Those that were
 * closed because their check was not configured, or because their time comes again, are not lost.
 */
export async function readLostSlots(
  pool: pg.Pool,
  after: Date,
  until: Date,
  except: readonly Span[],
): Promise<ReadonlyMap<string, LostSlots>> {
  const { rows } = await pool.query<LostSlots & { name: string }>(
    `with span as (
       select * from jsonb_to_recordset($3) as span (begin timestamptz, "end" timestamptz, checks jsonb)
     ), lost as (
       -- Most have one of a few reasons, so that there is little to sort.
       select check_name as name, slots.state, reason, count(*) as count, max(due) as last
         from reprise.slots join reprise.checks on name = check_name
        where slots.state in ('missed', 'skipped') and due > $1 and due <= $2 and active
          and reason not in ('the check is not configured any more', 'the clock of the database was set back')
          and not exists (select from span
                           where due >= span.begin and due < span."end"
                             and (span.checks is null or span.checks ? check_name))
        group by check_name, slots.state, reason
     )
     select name, (array_agg(reason order by last desc))[1] as reason,
            coalesce(sum(count) filter (where state = 'missed'), 0)::integer as missed,
            coalesce(sum(count) filter (where state = 'skipped'), 0)::integer as skipped
       from lost group by name`,
    [after, until, JSON.stringify(except)],
  )
  return new Map(rows.map(({ name, ...lost }) => [name, lost]))
}
