/** Judges a check: continues its verdict with its new slots, in the order of their due times. */
import type pg from 'pg'
import { findingOf } from '../verdict/finding.ts'
import { type JudgedSlot, judge, needsConfirmation, noVerdict, type Verdict } from '../verdict/verdict.ts'
import { writeAlerts } from './alerts.ts'
import { type Batch, countedBatch, release } from './batch.ts'
import { reportChange } from './changes.ts'
import type { CheckRules, IsInMaintenance } from './check-rules.ts'
import { isAheadOfClock } from './clock-skew.ts'
import { planConfirmation } from './confirmation.ts'
import { dueSpan } from './days.ts'
import { writeDegradation } from './degradation.ts'
import { completeIncident } from './held-falls.ts'
import { applyToIncident, openIncidentOf } from './incidents.ts'
import { withOperatorQuiet } from './quiet.ts'
import { readOpenSlotGroups, type SlotGroup } from './slot-groups.ts'
import { inTransaction } from './transaction.ts'
import { writeTransition } from './transitions.ts'
import { countUnwatched, uncountedSince } from './unwatched.ts'

export interface LockedCheck extends CheckRules {
  verdict: Verdict
  judgedUntil: Date | null
  /** The database's time. */
  now: Date
}

/** Judges checks whose slots were closed without a replay. */
export async function judgeClosed(
  pool: pg.Pool,
  checks: readonly string[],
  isInMaintenance: IsInMaintenance,
): Promise<void> {
  const batch = countedBatch(checks.length)
  for (const name of checks) {
    await inTransaction(pool, async client => {
      batch.left--
      const check = await lockCheck(client, name)
      const isQuiet = check && (await withOperatorQuiet(client, name, isInMaintenance, uncountedSince(check)))
      const incidents = isQuiet ? await judgeCheck(client, check, isQuiet, batch) : []
      await release(client, batch)
      await reportChange(client, { checks: [name], incidents })
    })
  }
}

/**
 * Notifies channels that do not know yet that a check is down, degraded or unknown, where no slot may follow soon: of
 * heartbeats, and of checks without a schedule. They are new, or were muted. What was found in maintenance is left to the next
 * slot.
 */
export async function notifyOthers(pool: pg.Pool, isInMaintenance: IsInMaintenance): Promise<void> {
  const { rows } = await pool.query<{ name: string }>(
    `select name from reprise.checks
      where active and (rules ? 'heartbeat' or not rules ? 'schedule')
        and (verdict -> 'incident' is not null or state = 'degraded' or (state = 'unknown' and since is not null)) order by name`,
  )
  const batch = countedBatch(rows.length)
  for (const { name } of rows) {
    await inTransaction(pool, async client => {
      batch.left--
      const check = await lockCheck(client, name)
      const times = check ? timesOf(check) : []
      const since = new Date(Math.min(...times.map(time => time.getTime())))
      const isQuiet = check && (await withOperatorQuiet(client, name, isInMaintenance, since))
      const wasQuiet = isQuiet && times.some(time => isQuiet(name, time)) && !(await isAlerted(client, name))
      if (isQuiet && !wasQuiet) {
        const incident = check.verdict.incident && (await openIncidentOf(client, name))
        const change = { transitions: [], incident, at: check.now }
        await writeAlerts(client, check, change, isQuiet, batch)
        await writeDegradation(client, check, change, isQuiet, batch)
      }
      await release(client, batch)
    })
  }
}

/** When what was judged last may have been due, or may have begun. */
function timesOf({ now, judgedUntil, heartbeat }: LockedCheck): Date[] {
  const judged = judgedUntil?.getTime() ?? now.getTime()
  return [0, heartbeat?.graceMs ?? 0, heartbeat?.maxRunMs ?? 0].map(ms => new Date(judged - ms))
}

async function isAlerted(client: pg.PoolClient, name: string): Promise<boolean> {
  const { rowCount } = await client.query('select from reprise.open_alerts where check_name = $1 limit 1', [name])
  return rowCount === 1
}

/** Locks a check until the transaction ends. Undefined if it does not exist. */
export async function lockCheck(client: pg.PoolClient, name: string): Promise<LockedCheck | undefined> {
  const { rows } = await client.query<Omit<LockedCheck, keyof CheckRules> & { rules: CheckRules }>(
    `select rules, verdict, clock_timestamp() as now,
            case when not ${isAheadOfClock('judged_until')} then judged_until end as "judgedUntil"
       from reprise.checks where name = $1 for no key update`,
    [name],
  )
  const [row] = rows
  if (!row) return undefined
  const { rules, verdict, ...times } = row
  return { ...rules, ...times, verdict: { ...noVerdict, ...verdict } }
}

/**
 * Judges all slots whose finding is final, and writes what follows from them in the same transaction.
 * @param isInMaintenance With what operators have arranged.
 * Returns the numbers of the incidents that have changed.
 * @param batch The results that are judged together with this one.
 * @param foundAt When the replay ended whose result was recorded; absent: slots were closed without one.
 */
export async function judgeCheck(
  client: pg.PoolClient,
  check: LockedCheck,
  isInMaintenance: IsInMaintenance,
  batch: Batch,
  foundAt?: Date,
): Promise<number[]> {
  await countUnwatched(client, check, isInMaintenance)
  const { passed, slots, open } = decide(
    await readOpenSlotGroups(client, check.name, new Date(check.now.getTime() - forgottenAfterMs)),
    check,
  )
  if (passed.length > 0) await markJudged(client, check.name, passed)
  const changed = new Set<number>()
  let incident: number | undefined = check.verdict.incident && (await openIncidentOf(client, check.name))
  let written: JudgedSlot | undefined
  for (const slot of slots) {
    const { verdict, transitions } = judge(check.policy, [slot], check.verdict)
    check.verdict = verdict
    if (incident !== undefined && transitions.length > 0) await completeIncident(client, incident)
    for (const transition of transitions) {
      incident = (await applyToIncident(client, check, transition)) ?? incident
      await writeTransition(client, check.name, transition, incident)
      if (incident !== undefined) changed.add(incident)
    }
    // Messages show the states of all checks of their incident.
    if (transitions.length > 0) {
      await writeVerdict(client, check.name, verdict, slot.due)
      written = slot
    }
    const at = new Date(slot.due)
    await writeAlerts(client, check, { transitions, incident, at }, isInMaintenance, batch)
    await writeDegradation(client, check, { transitions, at }, isInMaintenance, batch)
  }
  const last = slots.at(-1)
  if (last && last !== written) await writeVerdict(client, check.name, check.verdict, last.due)
  if (last && !open && needsConfirmation(check.policy, check.verdict))
    await planConfirmation(client, check, last.due, foundAt)
  return [...changed]
}

// Older slots can no longer be judged in order. The limit also keeps the query from scanning the partitions of all
// days.
const forgottenAfterMs = 2 * 86_400_000

/** Collects findings up to the first group that has none yet. */
function decide(groups: readonly SlotGroup[], { policy, judgedUntil }: LockedCheck) {
  const passed: SlotGroup[] = []
  const slots: JudgedSlot[] = []
  for (const group of groups) {
    const isLate = judgedUntil !== null && group.due < judgedUntil
    const finding = findingOf(group.outcomes, policy, group.isClosed)
    if (finding === undefined && !isLate) return { passed, slots, open: true }
    passed.push(group)
    if (finding !== undefined && !group.wasSkipped && !isLate) slots.push({ due: group.due.getTime(), finding })
  }
  return { passed, slots, open: false }
}

async function markJudged(client: pg.PoolClient, name: string, groups: readonly SlotGroup[]) {
  const dues = groups.map(({ due }) => due)
  await client.query(
    `update reprise.slots set judged = true
      where check_name = $1 and not judged and (due, kind) in (select * from unnest($2::timestamptz[], $3::text[]))
        and due between $4 and $5`,
    [name, dues, groups.map(({ kind }) => kind), ...dueSpan(dues)],
  )
}

async function writeVerdict(client: pg.PoolClient, name: string, verdict: Verdict, judgedUntil: number) {
  await client.query(
    `update reprise.checks set verdict = $2, state = $3, since = $4, judged_until = $5 where name = $1`,
    [name, verdict, verdict.state, verdict.since === undefined ? null : new Date(verdict.since), new Date(judgedUntil)],
  )
}
