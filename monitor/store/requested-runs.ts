/** Requests replays of a check from the monitors that run. */
import type pg from 'pg'
import { ActionRefusal } from './action-refusal.ts'
import { refuseUnknownChecks } from './action-subjects.ts'
import { writeAction } from './actions.ts'
import { reportChange } from './changes.ts'
import { databaseTime } from './check-locations.ts'
import { requestReplay } from './slots.ts'
import { inTransaction } from './transaction.ts'

/**
 * Adds a slot at each location of the check. Returns false if an earlier request still waits to be started. One that was not
 * started within two days is missed. Throws an `ActionRefusal` for a check that is not monitored.
 */
export async function requestRun(pool: pg.Pool, check: string, operator: string): Promise<boolean> {
  const now = await databaseTime(pool)
  return inTransaction(pool, async client => {
    await refuseUnknownChecks(client, [check])
    // Of several operators who ask at the same time, the others wait, and find the request of the first.
    await client.query('select from reprise.checks where name = $1 for no key update', [check])
    await client.query(
      `update reprise.slots set state = 'missed', reason = 'it was not started within two days', counted = true
        where check_name = $1 and kind = 'manual' and state = 'due' and due <= now() - interval '48 hours'`,
      [check],
    )
    const heartbeat = await client.query(
      `select from reprise.checks where name = $1 and rules ->> 'source' = 'heartbeat'`,
      [check],
    )
    if (heartbeat.rowCount === 1)
      throw new ActionRefusal('invalid', 'A heartbeat cannot be replayed: its job reports by itself.')
    const waiting = await client.query(
      `select from reprise.slots where check_name = $1 and kind = 'manual' and state = 'due' limit 1`,
      [check],
    )
    if (waiting.rowCount === 1) return false
    await requestReplay(client, check, now)
    await writeAction(client, { operator, kind: 'run', subjectKind: 'check', subject: check })
    await reportChange(client, { checks: [check], incidents: [] })
    return true
  })
}
