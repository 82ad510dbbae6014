/** The slots that nobody has replayed. */
import type pg from 'pg'

export interface LostSlots {
  check: string
  state: 'missed' | 'skipped'
  reason: string
  dues: Date[]
}

/**
 * Those of the checks that are monitored that were due in a span, by state and reason. Those that were closed because
 * their check was not configured, or because their time comes again, are not lost.
 */
export async function readLostSlots(pool: pg.Pool, after: Date, until: Date): Promise<LostSlots[]> {
  const { rows } = await pool.query<LostSlots>(
    `select check_name as check, slots.state, reason, array_agg(due order by due) as dues
       from reprise.slots join reprise.checks on name = check_name
      where slots.state in ('missed', 'skipped') and due > $1 and due <= $2 and active
        and reason not in ('the check is not configured any more', 'the clock of the database was set back')
      group by check_name, slots.state, reason`,
    [after, until],
  )
  return rows
}
