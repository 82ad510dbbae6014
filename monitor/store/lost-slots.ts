/**
 * Counts the slots of each check that have no result because no instance replayed them, or because the machine was
 * overloaded.
 */
import type pg from 'pg'
import { isChosen } from './chosen-checks.ts'

export interface LostSlots {
  /** How many slots no instance replayed. */
  missed: number
  /** How many slots came due while the previous replay was still running. */
  skipped: number
  /** Reason of the last missed or skipped slot; null if there is none. */
  reason: string | null
  /** How many replays ended in an error because the monitor's machine was overloaded. */
  overloaded: number
}

export const noneLost: LostSlots = { missed: 0, skipped: 0, reason: null, overloaded: 0 }

/**
 * SQL condition on a slot: it was closed without a replay. Slots that were closed because their check was not configured any
 * more, or because the database's clock was set back, do not count.
 */
export const isLost = `state in ('missed', 'skipped')
          and reason not in ('the check is not configured any more', 'the clock of the database was set back')`

/** A span to leave out, from `begin` to before `end`. */
export interface ExcludedSpan {
  begin: Date
  end: Date
  /** Names of checks; absent: all checks. */
  checks?: readonly string[]
}

/**
 * Counts the slots with due times in `(after, until]`, by name; checks that lost none are left out.
 * @param names Absent: of all checks.
 */
export async function readLostSlots(
  pool: pg.Pool,
  after: Date,
  until: Date,
  except: readonly ExcludedSpan[],
  names?: readonly string[],
): Promise<ReadonlyMap<string, LostSlots>> {
  const { rows } = await pool.query<LostSlots & { name: string }>(
    `with span as (
       select * from jsonb_to_recordset($3) as span (begin timestamptz, "end" timestamptz, checks jsonb)
     ), slot as (
       select check_name as name, due, state, reason from reprise.slots
        where ${isLost} and due > $1 and due <= $2 and ${isChosen('check_name', '$4')}
       union all
       select check_name, due, 'overloaded', null from reprise.slots
        where outcome = 'error' and due > $1 and due <= $2 and reason like 'monitor overloaded%'
          and ${isChosen('check_name', '$4')}
     ), lost as (
       -- Grouped by reason as well: there are few reasons, so the aggregate of the next step sorts few rows.
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
    [after, until, JSON.stringify(except), names],
  )
  return new Map(rows.map(({ name, ...lost }) => [name, lost]))
}
