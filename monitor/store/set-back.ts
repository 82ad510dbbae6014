/** A clock of the database that was set back: what was written before lies ahead, and is yet the oldest. */
import type pg from 'pg'
import { needsConfirmation } from '../verdict/verdict.ts'
import type { IsInMaintenance } from './check-rules.ts'
import { isAheadOfClock } from './clock-skew.ts'
import { confirmSoon } from './confirmation.ts'
import { judgeClosed, lockCheck } from './judgement.ts'
import { shortenHolds } from './ledgers.ts'
import type { SlotKind } from './slot.ts'
import { inTransaction } from './transaction.ts'

/**
 * Has slots of the schedule come from `now` on where the last ones lie ahead of it. Slots that nobody has claimed by then
 * are missed; what has to be confirmed is confirmed anew; ledgers are held for as long as ever from then on. Answers up to
 * when slots had been put in; undefined where none lies ahead, or another instance has seen to it.
 */
export async function replanAfterSetBack(
  pool: pg.Pool,
  now: Date,
  isInMaintenance: IsInMaintenance,
): Promise<Date | undefined> {
  const { latest, closed } = await inTransaction(pool, client => takeBack(client, now))
  await judgeClosed(pool, [...new Set(closed.map(({ check }) => check))], isInMaintenance)
  const confirming = closed.filter(({ kind }) => kind === 'confirm').map(({ check }) => check)
  for (const name of new Set(confirming)) {
    await inTransaction(pool, async client => {
      const check = await lockCheck(client, name)
      if (check && needsConfirmation(check.policy, check.verdict)) await confirmSoon(client, check, now.getTime())
    })
  }
  return latest
}

async function takeBack(client: pg.PoolClient, now: Date) {
  const { rows: ahead } = await client.query<{ lastDue: Date }>(
    `select last_due as "lastDue" from reprise.seats where ${isAheadOfClock('last_due', '$1')}
      order by check_name, location for no key update`,
    [now],
  )
  const dues = ahead.map(({ lastDue }) => lastDue.getTime())
  if (dues.length === 0) return { latest: undefined, closed: [] }
  await client.query('insert into reprise.set_backs (set_to) values ($1)', [now])
  await client.query(`update reprise.seats set last_due = $1 where ${isAheadOfClock('last_due', '$1')}`, [now])
  // Those to confirm may be due so much later.
  const { rows: closed } = await client.query<{ check: string; kind: SlotKind }>(
    `update reprise.slots slot set judged = true, state = 'missed', reason = 'the clock of the database was set back'
       from reprise.checks
      where slot.state = 'due' and checks.name = slot.check_name and ${isAheadOfClock('slot.due', '$1')}
        and (slot.kind <> 'confirm' or ${isAheadOfClock('slot.due', `($1 + 2 * (rules ->> 'confirmEveryMs')::float * interval '1 ms')`)})
     returning slot.check_name as check, slot.kind`,
    [now],
  )
  await shortenHolds(client)
  return { latest: new Date(Math.max(...dues)), closed }
}
