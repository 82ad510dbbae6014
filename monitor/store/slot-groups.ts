/** What the slots of one check at one time, at all its locations, have come to. */
import type pg from 'pg'
import type { LocatedOutcome } from '../verdict/finding.ts'
import { isAheadOfClock } from './clock-skew.ts'
import type { SlotKind } from './slot.ts'

export interface SlotGroup {
  due: Date
  kind: SlotKind
  /** Of those that are done. */
  outcomes: LocatedOutcome[]
  /** No further outcome will come. */
  isClosed: boolean
  /** At every location: it says nothing, since the replay that was under way says what it would have said. */
  wasSkipped: boolean
  /** How often the database's clock had been set back by then. */
  setBacks: number
}

/**
 * Those after a time that have not been judged, in the order in which they came: what was begun before the database's clock
 * was set back was the first.
 */
export async function readOpenSlotGroups(client: pg.ClientBase, check: string, after: Date): Promise<SlotGroup[]> {
  const { rows } = await client.query<SlotGroup>(
    `${select} and (due, kind) in (select due, kind from reprise.slots where check_name = $1 and not judged and due > $2)
     ${grouped} order by ${isAheadOfClock('due')} and bool_or(state <> 'due') desc, due, kind`,
    [check, after],
  )
  return rows
}

/** All after a time, in the order in which they were due. */
export async function readSlotGroups(pool: pg.Pool, check: string, after: Date): Promise<SlotGroup[]> {
  const { rows } = await pool.query<SlotGroup>(`${select} ${grouped} order by due, kind`, [check, after])
  return rows
}

const select = `
  select due, kind,
         coalesce(jsonb_agg(jsonb_build_object('location', location, 'outcome', outcome))
                    filter (where state = 'done'), '[]') as outcomes,
         bool_and(state in ('done', 'skipped', 'missed')) as "isClosed",
         bool_and(state = 'skipped') as "wasSkipped",
         min(set_backs) as "setBacks"
    from reprise.slots where check_name = $1 and due > $2`
const grouped = 'group by due, kind'
