/** How many slots of each check say nothing since nobody has replayed them, or nobody had the processor time for it. */
import type pg from 'pg'

export interface LostSlots {
  /** Nobody was there for so many. */
  missed: number
  /** So many came while an earlier replay still ran. */
  skipped: number
  /** Of the last one that was missed or skipped; null: none was. */
  reason: string | null
  /** The replays of so many ended in an error since the monitor's machine was overloaded. */
  overloaded: number
}

export const noneLost: LostSlots = { missed: 0, skipped: 0, reason: null, overloaded: 0 }

/** What does not count, from its begin to before its end. */
interface ExcludedSpan {
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
  except: readonly ExcludedSpan[],
): Promise<ReadonlyMap<string, LostSlots>> {
  const { rows } = await pool.query<LostSlots & { name: string }>(
    `with span as (
       select * from jsonb_to_recordset($3) as span (begin timestamptz, "end" timestamptz, checks jsonb)
     ), slot as (
       select check_name as name, due, state, reason from reprise.slots
        where state in ('missed', 'skipped') and due > $1 and due <= $2
          and reason not in ('the check is not configured any more', 'the clock of the database was set back')
       union all
       select check_name, due, 'overloaded', null from reprise.slots
        where outcome = 'error' and due > $1 and due <= $2 and reason like 'monitor overloaded%'
     ), lost as (
       -- Most have one of a few reasons, so that there is little to sort.
       select name, slot.state, reason, count(*) as count, max(due) as last
         from slot join reprise.checks using (name)
        where active
          and not exists (select from span
                           where due >= span.begin and due < span."end"
                             and (span.checks is null or span.checks ? name))
        group by name, slot.state, reason
     )
     select name, (array_agg(reason order by last desc) filter (where reason is not null))[1] as reason,
            coalesce(sum(count) filter (where state = 'missed'), 0)::integer as missed,
            coalesce(sum(count) filter (where state = 'skipped'), 0)::integer as skipped,
            coalesce(sum(count) filter (where state = 'overloaded'), 0)::integer as overloaded
       from lost group by name`,
    [after, until, JSON.stringify(except)],
  )
  return new Map(rows.map(({ name, ...lost }) => [name, lost]))
}
