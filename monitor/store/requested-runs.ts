/** Requests replays of a check from the monitors that run. */
import type pg from 'pg'
import { refuseUnknownChecks } from './action-subjects.ts'
import { writeAction } from './actions.ts'
import { databaseTime } from './check-locations.ts'
import { requestReplay } from './slots.ts'
import { inTransaction } from './transaction.ts'
import { reportChange } from './wake.ts'

/**
 * Adds a slot at each location of the check. Returns false if an earlier request still waits to be started. Throws an
 * `ActionRefusal` for a check that is not monitored.
 */
export async function requestRun(pool: pg.Pool, check: string, operator: string): Promise<boolean> {
  const isWaiting = await inTransaction(pool, async client => {
    await refuseUnknownChecks(client, [check])
    const waiting = await client.query(
      `select from reprise.slots where check_name = $1 and kind = 'manual' and state = 'due' limit 1`,
      [check],
    )
    return waiting.rowCount === 1
  })
  if (isWaiting) return false
  await requestReplay(pool, check, await databaseTime(pool))
  await inTransaction(pool, async client => {
    await writeAction(client, { operator, kind: 'run', subjectKind: 'check', subject: check })
    await reportChange(client)
  })
  return true
}
