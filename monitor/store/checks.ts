/** The active checks and their states, one row each. */
import type pg from 'pg'
import type { Outcome } from '../verdict/finding.ts'
import { noVerdict, type State } from '../verdict/verdict.ts'
import { type ConfiguredAlerts, plainAlertRules, writeAlertRules } from './alert-rules.ts'
import { reportChange } from './changes.ts'
import type { CheckRules } from './check-rules.ts'
import { isChosen } from './chosen-checks.ts'
import { completeIncidentsOf } from './held-falls.ts'
import { lockIncidents } from './incidents.ts'
import { holdAnew } from './quiet-messages.ts'
import { resetRemovedChecks } from './removed-checks.ts'
import { inTransaction } from './transaction.ts'
import { wakeForMessages } from './wake.ts'

export interface CheckState {
  name: string
  environment: string
  state: State
  /** Due time of the slot that changed the state last; null before the first change. */
  since: Date | null
  lastReplay: LastReplay | null
}

/** Times are ISO strings. */
interface LastReplay {
  id: string
  due: string
  location: string
  outcome: Outcome
  durationMs: number | null
}

/**
 * Makes these the active checks, and returns the names of those that were not active before. Removed checks keep their
 * history; their open slots become missed, and they leave their incidents, of which their channels are notified. A
 * check that comes back starts with no verdict, and so does one whose environment has changed: it is removed from the old
 * one, and counts as not active before. A check that is new at a location, or whose schedule has changed, gets its first
 * slot after `now`.
 * @param alerts By default the channels of the checks, and no rules.
 */
export async function setChecks(
  pool: pg.Pool,
  checks: readonly CheckRules[],
  now: Date,
  alerts: ConfiguredAlerts = {
    rules: plainAlertRules,
    channels: [...new Set(checks.flatMap(({ channels }) => channels))],
  },
): Promise<string[]> {
  const sorted = [...checks].sort((a, b) => (a.name < b.name ? -1 : 1))
  const names = sorted.map(({ name }) => name)
  return inTransaction(pool, async client => {
    await client.query(`select pg_advisory_xact_lock(hashtextextended('reprise.checks', 0))`)
    const isNew = await writeAlertRules(client, alerts)
    const { rows: known } = await client.query<{ name: string; environment: string; schedule: string | null }>(
      `select name, environment, rules ->> 'schedule' as schedule from reprise.checks where active and name = any($1)`,
      [names],
    )
    const before = new Map(known.map(check => [check.name, check]))
    const moved = sorted.filter(
      ({ name, environment }) => (before.get(name)?.environment ?? environment) !== environment,
    )
    const staying = sorted.filter(check => !moved.includes(check))
    await activate(client, staying)
    const removed = await deactivate(client, staying, moved)
    await client.query(
      `update reprise.slots set state = 'missed', reason = 'the environment of the check has changed',
              judged = true, counted = true
        where state = 'due' and check_name = any($1)`,
      [moved.map(({ name }) => name)],
    )
    const seats = sorted.flatMap(({ name, locations }) => [...locations].sort().map(location => [name, location]))
    const columns = [seats.map(([name]) => name), seats.map(([, location]) => location)]
    await client.query(
      `update reprise.seats set active = false
        where active and (check_name, location) not in (select * from unnest($1::text[], $2::text[]))`,
      columns,
    )
    await client.query(
      `insert into reprise.seats as known (check_name, location, last_due)
       select *, $3 from unnest($1::text[], $2::text[])
       on conflict (check_name, location) do update
          set active = true, last_due = greatest(known.last_due, excluded.last_due) where not known.active`,
      [...columns, now],
    )
    const changed = sorted.filter(check => {
      const { schedule } = before.get(check.name) ?? check
      return moved.includes(check) || (schedule ?? null) !== (check.schedule ?? null)
    })
    await client.query('update reprise.seats set last_due = greatest(last_due, $2) where check_name = any($1)', [
      changed.map(({ name }) => name),
      now,
    ])
    await client.query(
      `update reprise.slots slot set state = 'missed', reason = 'the check is not configured any more',
              judged = true, counted = true
         from reprise.seats seat
        where slot.state = 'due' and not seat.active
          and (slot.check_name, slot.location) = (seat.check_name, seat.location)`,
    )
    await resetRemovedChecks(client, removed, now)
    await activate(client, moved)
    await lockIncidents(client)
    const isHeldAnew = await holdAnew(client, alerts.rules)
    if (isNew || isHeldAnew) await wakeForMessages(client)
    await reportChange(client, 'anything')
    return sorted.filter(check => !before.has(check.name) || moved.includes(check)).map(({ name }) => name)
  })
}

async function activate(client: pg.PoolClient, checks: readonly CheckRules[]): Promise<void> {
  await client.query(
    `insert into reprise.checks as known (name, environment, rules, verdict)
     select rules ->> 'name', rules ->> 'environment', rules, $2 from jsonb_array_elements($1::jsonb) rules
     on conflict (name) do update
        set environment = excluded.environment, rules = excluded.rules, active = true,
            since = case when known.active then known.since end
      where (known.environment, known.rules, known.active) is distinct from (excluded.environment, excluded.rules, true)`,
    [JSON.stringify(checks), noVerdict],
  )
}

/**
 * Deactivates the checks that are not configured any more, and those that have moved to another environment, whose column
 * `environment` then has the new one, and `rules` the old one. Returns their names.
 */
async function deactivate(
  client: pg.PoolClient,
  staying: readonly CheckRules[],
  moved: readonly CheckRules[],
): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    'select name from reprise.checks where active and name <> all($1) order by name for no key update',
    [staying.map(({ name }) => name)],
  )
  const names = rows.map(({ name }) => name)
  await completeIncidentsOf(client, names)
  await client.query(
    `update reprise.checks set active = false, environment = coalesce(to_environment, environment)
       from unnest($1::text[]) leaving
       left join unnest($2::text[], $3::text[]) as move (moved_name, to_environment) on moved_name = leaving
      where name = leaving`,
    [names, moved.map(({ name }) => name), moved.map(({ environment }) => environment)],
  )
  return names
}

/**
 * Reads the states of the active checks, by name; without the reasons of failures, which are not public.
 * @param names Absent: of all.
 */
export async function readStates(pool: pg.Pool, names?: readonly string[]): Promise<CheckState[]> {
  const { rows } = await pool.query<CheckState>(
    `select name, environment, state, since, last_replay - 'reason' as "lastReplay"
       from reprise.checks where active and ${isChosen('name', '$1')} order by name`,
    [names],
  )
  return rows
}

/** Reads which of the checks have an unknown state. */
export async function readUnknown(pool: pg.Pool, names: readonly string[]): Promise<Set<string>> {
  const { rows } = await pool.query<{ name: string }>(
    `select name from reprise.checks where name = any($1) and state = 'unknown'`,
    [names],
  )
  return new Set(rows.map(({ name }) => name))
}
