/** The slot that follows soon on what has to be confirmed. */
import type pg from 'pg'
import type { CheckRules } from './check-rules.ts'
import { isAheadOfClock } from './clock-skew.ts'
import { openDays } from './days.ts'
import { wakeForSlots } from './wake.ts'

/**
 * Puts it in, at each location, within `confirmEveryMs` from now, and later than after three quarters of that. Its time is
 * reckoned from the slot that is to be confirmed, in quarters of it, so that checks which fell together are confirmed
 * together, in one run. So are those that end one after the other: where another check of the environment waits to be
 * confirmed no sooner than after half of the time, this one is as well.
 */
export async function confirmSoon(client: pg.PoolClient, check: CheckRules, due: number): Promise<void> {
  const { rows } = await client.query<{ confirmDue: Date }>(
    `select coalesce(
              (select max(slot.due) from reprise.slots slot
                where slot.state = 'due' and slot.kind = 'confirm' and slot.environment = $3
                  and slot.due between clock_timestamp() + $2 * interval '0.5 ms' and clock_timestamp() + $2 * interval '1 ms'),
              start + quarter * (4 + floor(extract(epoch from clock_timestamp() - start) / extract(epoch from quarter)))
            ) as "confirmDue"
       from (select case when ${isAheadOfClock('$1')} then date_trunc('second', clock_timestamp()) else $1 end,
                    $2 * interval '0.25 ms') confirmed (start, quarter)`,
    [new Date(due), check.confirmEveryMs, check.environment],
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
