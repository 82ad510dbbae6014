/**
 * Recovers after the database's clock was set back: rows written before have times in the future, although they are the
 * oldest.
 */
import type pg from 'pg'
import { needsConfirmation } from '../verdict/verdict.ts'
import type { IsInMaintenance } from './check-rules.ts'
import { isAheadOfClock } from './clock-skew.ts'
import { planConfirmation } from './confirmation.ts'
import { judgeClosed, lockCheck } from './judgement.ts'
import { shortenHolds } from './ledgers.ts'
import { restartReminders } from './reminders.ts'
import type { SlotKind } from './slot.ts'
import { inTransaction } from './transaction.ts'

/**
 * Continues the schedule from `now` at check locations whose last slot lies in the future. Future slots in the queue
 * become missed; confirmations are planned anew; holds of ledgers are shortened to their usual length, and reminders are counted from now. Returns up to
 * when slots had been planned; undefined if none lies in the future, or another instance was first.
 */
export async function replanAfterSetBack(
  pool: pg.Pool,
  now: Date,
  isInMaintenance: IsInMaintenance,
): Promise<Date | undefined> {
  const { latest, closed } = await inTransaction(pool, client => closeFutureSlots(client, now))
  if (latest) await inTransaction(pool, restartReminders)
  await judgeClosed(pool, [...new Set(closed.map(({ check }) => check))], isInMaintenance)
  const confirming = closed.filter(({ kind }) => kind === 'confirm').map(({ check }) => check)
  for (const name of new Set(confirming)) {
    await inTransaction(pool, async client => {
      const check = await lockCheck(client, name)
      if (check && needsConfirmation(check.policy, check.verdict)) await planConfirmation(client, check, now.getTime())
    })
  }
  return latest
}

async function closeFutureSlots(client: pg.PoolClient, now: Date) {
  const { rows: ahead } = await client.query<{ lastDue: Date }>(
    `select last_due as "lastDue" from reprise.seats where ${isAheadOfClock('last_due', '$1')}
      order by check_name, location for no key update`,
    [now],
  )
  const dues = ahead.map(({ lastDue }) => lastDue.getTime())
  if (dues.length === 0) return { latest: undefined, closed: [] }
  await client.query('insert into reprise.set_backs (set_to) values ($1)', [now])
  await client.query(`update reprise.seats set last_due = $1 where ${isAheadOfClock('last_due', '$1')}`, [now])
  // Slots that confirm may be due this much later.
  const { rows: closed } = await client.query<{ check: string; kind: SlotKind }>(
    `update reprise.slots slot 
        set judged = true, counted = true, state = 'missed', reason = 'the clock of the database was set back'
       from reprise.checks
      where slot.state = 'due' and checks.name = slot.check_name and ${isAheadOfClock('slot.due', '$1')}
        and (slot.kind <> 'confirm' or ${isAheadOfClock('slot.due', `($1 + 2 * (rules ->> 'confirmEveryMs')::float * interval '1 ms')`)})
     returning slot.check_name as check, slot.kind`,
    [now],
  )
  await shortenHolds(client)
  return { latest: new Date(Math.max(...dues)), closed }
}
