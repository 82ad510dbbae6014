/** The slot that follows soon on what has to be confirmed. */
import type pg from 'pg'
import type { CheckRules } from './check-rules.ts'
import { openDays } from './days.ts'
import { isFromBefore } from './from-before.ts'
import { wakeForSlots } from './wake.ts'

/**
 * Puts it in, at each location. Its time is reckoned from the slot that is to be confirmed, in steps of `confirmEveryMs`,
 * so that checks which fell together are confirmed together, in one run.
 */
export async function confirmSoon(client: pg.PoolClient, check: CheckRules, due: number): Promise<void> {
  const { rows } = await client.query<{ confirmDue: Date }>(
    `select start + $2 * interval '1 ms' *
              greatest(1, ceil(extract(epoch from clock_timestamp() - start) * 1000 / $2 + 0.5)) as "confirmDue"
       from (select case when ${isFromBefore('$1')} then date_trunc('second', clock_timestamp()) else $1 end) confirmed (start)`,
    [new Date(due), check.confirmEveryMs],
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
