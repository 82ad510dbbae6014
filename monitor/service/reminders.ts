/** Loop that writes reminders and escalations when they are due. */
import type pg from 'pg'
import type { IsInMaintenance } from '../store/check-rules.ts'
import { writeDueReminders } from '../store/reminders.ts'
import { type Loop, type LoopOptions, startLoop } from './loop.ts'

/** Has to be woken for other messages, and other rules. */
export function startReminders(
  pool: pg.Pool,
  isInMaintenance: IsInMaintenance,
  events: Pick<LoopOptions, 'onError' | 'onDone'>,
): Loop {
  return startLoop({ ...events, work: () => writeDueReminders(pool, isInMaintenance) })
}
