/** Reads the last transitions of a check. */
import type pg from 'pg'
import type { State, Transition } from '../verdict/verdict.ts'

export interface PastTransition {
  at: Date
  kind: Transition['kind']
  from: State | null
  to: State | null
  incident: number | null
}

/** Newest first. */
export async function readTransitions(pool: pg.Pool, check: string, most: number): Promise<PastTransition[]> {
  const { rows } = await pool.query<PastTransition>(
    `select at, kind, from_state as from, to_state as to, incident from reprise.transitions
      where check_name = $1 order by at desc, id desc limit $2`,
    [check, most],
  )
  return rows
}
