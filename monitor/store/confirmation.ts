/** Plans the slot that confirms a finding. */
import type pg from 'pg'
import type { CheckRules } from './check-rules.ts'
import { isAheadOfClock } from './clock-skew.ts'
import { openDays } from './days.ts'
import { wakeForSlots } from './wake.ts'

/**
 * Adds a slot at each location, between 3/4 and 4/4 of `confirmEveryMs` after `foundAt`. Its due time is a multiple of a quarter of
 * that after the slot to be confirmed, so that checks that failed together are confirmed in one run. If another check of the
 * environment has a confirming slot in the second half of that time, this one joins it, so that checks that end one after the other
 * are confirmed together as well.
 * @param due Of the slot to be confirmed.
 * @param foundAt When its replay ended, since many results that end together take some time to be recorded; default: now.
 */
export async function planConfirmation(
  client: pg.PoolClient,
  check: CheckRules,
  due: number,
  foundAt?: Date,
): Promise<void> {
  const { rows } = await client.query<{ confirmDue: Date }>(
    `select coalesce(
              (select max(slot.due) from reprise.slots slot
                where slot.state = 'due' and slot.kind = 'confirm' and slot.environment = $3
                  and slot.due between found + $2 * interval '0.5 ms' and found + $2 * interval '1 ms'),
              start + quarter * (4 + floor(extract(epoch from found - start) / extract(epoch from quarter)))
            ) as "confirmDue"
       from (select case when ${isAheadOfClock('$1')} then date_trunc('second', clock_timestamp()) else $1 end,
                    $2 * interval '0.25 ms',
                    -- A replay that has ended before its slot was due, or will, has another clock.
                    case when $4 between $1 and clock_timestamp()
                         -- The confirmation must not be due in the past.
                         then greatest($4, clock_timestamp() - $2 * interval '0.5 ms') else clock_timestamp() end
            ) confirmed (start, quarter, found)`,
    [new Date(due), check.confirmEveryMs, check.environment, foundAt ?? null],
  )
  const confirmDue = rows[0]?.confirmDue ?? new Date(due)
  await openDays(client, confirmDue, confirmDue)
  await client.query(
    `insert into reprise.slots (check_name, due, location, kind, environment, state)
     select seat.check_name, $2, seat.location, 'confirm', $3, 'due'
       from reprise.seats seat join reprise.checks on checks.name = seat.check_name
      where seat.active and checks.active and seat.check_name = $1
     on conflict do nothing`,
    [check.name, confirmDue, check.environment],
  )
  await wakeForSlots(client)
}
