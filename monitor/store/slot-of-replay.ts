/** Finds the slot of a replay. */
import type pg from 'pg'
import type { NamedResult } from './kept-result.ts'
import type { Slot } from './slot.ts'

/** Undefined if the replay does not exist, or its day was dropped. */
export async function slotOfReplay(pool: pg.Pool, { due, replay }: NamedResult): Promise<Slot | undefined> {
  const { rows } = await pool.query<Slot>(
    'select check_name as check, due, location, kind from reprise.replays where due = $1 and id = $2',
    [due, replay],
  )
  return rows[0]
}
