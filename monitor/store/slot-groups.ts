/** Groups the slots of one check and due time, over all its locations. */
import type pg from 'pg'
import type { LocatedOutcome } from '../verdict/finding.ts'
import { isAheadOfClock } from './clock-skew.ts'
import type { SlotKind } from './slot.ts'

export interface SlotGroup {
  due: Date
  kind: SlotKind
  /** Of the slots that are done. */
  outcomes: LocatedOutcome[]
  /** All slots are done, skipped or missed: no further outcome will come. */
  isClosed: boolean
  /** Skipped at every location. Such a group has no finding; the replay that was under way has one. */
  wasSkipped: boolean
  /** How often the database's clock had been set back when the slots were added. */
  setBacks: number
}

/**
 * Reads the groups after a time that have not been judged, in the order in which they happened: replays that started
 * before the database's clock was set back come first.
 */
export async function readOpenSlotGroups(client: pg.ClientBase, check: string, after: Date): Promise<SlotGroup[]> {
  const { rows } = await client.query<SlotGroup>(
    `${select} and (due, kind) in (select due, kind from reprise.slots where check_name = $1 and not judged and due > $2)
     ${grouped} order by ${isAheadOfClock('due')} and bool_or(state <> 'due') desc, due, kind`,
    [check, after],
  )
  return rows
}

/** Reads the groups after a time, by due time: the last ones, if there are more than `most`. */
export async function readSlotGroups(
  pool: pg.Pool,
  check: string,
  after: Date,
  most = Number.MAX_SAFE_INTEGER,
): Promise<SlotGroup[]> {
  const { rows } = await pool.query<SlotGroup>(
    `select * from (${select} ${grouped} order by due desc, kind desc limit $3) groups order by due, kind`,
    [check, after, most],
  )
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
