/** Performs the effects of a COMMIT besides keeping the work, when a session commits within the shared transaction. */

import { identifier, literal } from '../sql/quote.ts'
import type { Run } from '../sql/run-sql.ts'
import { type Notification, readNotifications, takeNotifications } from '../state/listen/notifications.ts'
import type { SessionState } from '../state/session-state.ts'
import type { SharedTransaction } from '../transaction/shared-transaction.ts'

/** The results of a commit: the values that set_config() has set, and the notifications for listening sessions. */
export type Committed = { values: ReadonlyMap<string, string | null>; notifications: Notification[] }

const nothing: Committed = { values: new Map(), notifications: [] }

const openCursors = "SELECT 'cursor', name FROM pg_catalog.pg_cursors WHERE NOT is_holdable"

/**
 * Runs what has to happen before the guard is released; sends nothing if there is nothing to do. Rejects if the COMMIT
 * fails.
 */
export async function commit(
  { state, transaction, heard }: { state: SessionState; transaction: SharedTransaction; heard: boolean },
  run: Run,
): Promise<Committed> {
  const checks = await transaction.constraints.check(run, state)
  const statements = [
    ...checks,
    ...(state.mayHaveCursors || transaction.mayOpenCursors ? [openCursors] : []),
    ...state.pendingSettings.parametersToRead.map(
      name => `SELECT 'setting', ${literal(name)}, pg_catalog.current_setting(${literal(name)}, true)`,
    ),
    ...(heard ? [takeNotifications] : []),
  ]
  if (statements.length === 0) return nothing
  const rows = await run(statements.join('; '))
  const cursors = rows.filter(([kind]) => kind === 'cursor').map(([, name]) => `CLOSE ${identifier(name)}`)
  if (cursors.length > 0) await run(cursors.join('; '))
  return {
    values: new Map(rows.filter(([kind]) => kind === 'setting').map(([, name, value]) => [name ?? '', value ?? null])),
    notifications: rows.flatMap(([kind, text]) => (kind === 'notifications' ? readNotifications(text ?? '') : [])),
  }
}
