/** Finds the slot with which the current failures of a check began. */
import type pg from 'pg'
import { findingOf, type LocatedOutcome } from '../verdict/finding.ts'
import type { Policy } from '../verdict/policy.ts'

/** Failures are seldom confirmed later. */
const usualMs = 2 * 86_400_000

/** Of these checks, by name; checks whose last slot with evidence has not failed are left out. Looks back 50 slots. */
export async function readFailingSince(
  pool: pg.Pool,
  now: Date,
  policies: ReadonlyMap<string, Policy>,
): Promise<ReadonlyMap<string, Date>> {
  const recent = await readFailures(pool, new Date(now.getTime() - usualMs), policies)
  const unended = [...policies].filter(([name]) => !recent.ended.has(name))
  const all = await readFailures(pool, '-infinity', new Map(unended))
  return new Map([...recent.failing, ...all.failing])
}

const mostSlots = 50

/** @param after Later slots are read: a constant spares planning the query for the partitions of all days. */
async function readFailures(pool: pg.Pool, after: Date | '-infinity', policies: ReadonlyMap<string, Policy>) {
  const failing = new Map<string, Date>()
  /** Names of the checks of which no older slot needs to be read. */
  const ended = new Set<string>()
  if (policies.size === 0) return { failing, ended }
  const { rows } = await pool.query<{ name: string; due: Date; outcomes: LocatedOutcome[] }>(
    `select name, slot.due, slot.outcomes
       from reprise.checks
       cross join lateral (
         select due, kind, jsonb_agg(jsonb_build_object('location', location, 'outcome', outcome)) as outcomes
           from reprise.slots
          where check_name = name and judged and slots.state = 'done' and due <= judged_until and due > $2
          group by due, kind order by due desc, kind desc limit $3
       ) slot
      where name = any($1)
      order by name, due desc, kind desc`,
    [[...policies.keys()], after, mostSlots],
  )
  const read = new Map<string, number>()
  for (const { name, due, outcomes } of rows) {
    const policy = policies.get(name)
    if (policy === undefined || ended.has(name)) continue
    const finding = findingOf(outcomes, policy, true)
    if (finding === 'failed') failing.set(name, due)
    const count = (read.get(name) ?? 0) + 1
    read.set(name, count)
    if ((finding !== 'failed' && finding !== 'nothing') || count === mostSlots) ended.add(name)
  }
  return { failing, ended }
}
