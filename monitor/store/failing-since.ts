/** Finds the slot with which the current failures of a check began. */
import type pg from 'pg'
import { findingOf, type LocatedOutcome } from '../verdict/finding.ts'
import type { Policy } from '../verdict/policy.ts'

/** Of these checks, by name; checks whose last slot with evidence has not failed are left out. Looks back 50 slots. */
export async function readFailingSince(
  pool: pg.Pool,
  policies: ReadonlyMap<string, Policy>,
): Promise<ReadonlyMap<string, Date>> {
  if (policies.size === 0) return new Map()
  const { rows } = await pool.query<{ name: string; due: Date; outcomes: LocatedOutcome[] }>(
    `select name, slot.due, slot.outcomes
       from reprise.checks
       cross join lateral (
         select due, kind, jsonb_agg(jsonb_build_object('location', location, 'outcome', outcome)) as outcomes
           from reprise.slots
          where check_name = name and judged and slots.state = 'done' and due <= judged_until
          group by due, kind order by due desc, kind desc limit 50
       ) slot
      where name = any($1)
      order by name, due desc, kind desc`,
    [[...policies.keys()]],
  )
  const found = new Map<string, Date>()
  const ended = new Set<string>()
  for (const { name, due, outcomes } of rows) {
    const policy = policies.get(name)
    if (policy === undefined || ended.has(name)) continue
    const finding = findingOf(outcomes, policy, true)
    if (finding === 'failed') found.set(name, due)
    else if (finding !== 'nothing') ended.add(name)
  }
  return found
}
