/** Opens and closes incidents, and records the checks in them. */
import type pg from 'pg'
import type { Transition } from '../verdict/verdict.ts'
import type { CheckRules } from './check-rules.ts'
import { readFailureOrigin } from './failure-origin.ts'

/** Checks of one environment that fall within this time belong to one incident. */
const togetherMs = 5 * 60_000

/** Returns whether a falling check joins an open incident; the same rule as `incidentToJoin` in SQL. */
export function joins(
  { name, environment, dependsOn }: CheckRules,
  at: Date,
  open: { environment: string; openedAt: Date; down: readonly CheckRules[] },
): boolean {
  const apartMs = Math.abs(open.openedAt.getTime() - at.getTime())
  const isTogether = open.environment === environment && apartMs < togetherMs
  return isTogether || open.down.some(other => dependsOn.includes(other.name) || other.dependsOn.includes(name))
}

/** Applies a transition: opens, joins or leaves an incident. Returns the number of the check's incident. */
export async function applyToIncident(
  client: pg.PoolClient,
  check: CheckRules,
  { kind, at }: Transition,
): Promise<number | undefined> {
  if (kind === 'opened') return enterIncident(client, check, new Date(at))
  if (kind === 'closed') return leaveIncident(client, check, new Date(at))
  return openIncidentOf(client, check.name)
}

export async function openIncidentOf(client: pg.PoolClient, check: string): Promise<number | undefined> {
  const { rows } = await client.query<{ incident: number }>(
    'select incident from reprise.incident_checks where check_name = $1 and closed_at is null',
    [check],
  )
  return rows[0]?.incident
}

async function enterIncident(client: pg.PoolClient, check: CheckRules, at: Date): Promise<number> {
  await lockIncidents(client)
  const incident = (await incidentToJoin(client, check, at)) ?? (await openIncident(client, check, at))
  const { failingSince, failingVersion, passedAt, passedVersion } = await readFailureOrigin(client, check, at)
  await client.query(
    `insert into reprise.incident_checks
       (incident, check_name, opened_at, failing_since, failing_version, passed_at, passed_version)
     values ($1, $2, $3, $4, $5, $6, $7)
     on conflict (incident, check_name) do update set closed_at = null`,
    [incident, check.name, at, failingSince, failingVersion, passedAt, passedVersion],
  )
  return incident
}

async function leaveIncident(client: pg.PoolClient, check: CheckRules, at: Date): Promise<number | undefined> {
  await lockIncidents(client)
  const incident = await openIncidentOf(client, check.name)
  if (incident === undefined) return undefined
  await client.query('update reprise.incident_checks set closed_at = $3 where incident = $1 and check_name = $2', [
    incident,
    check.name,
    at,
  ])
  await client.query(
    `update reprise.incidents set closed_at = $2
      where id = $1 and not exists (select from reprise.incident_checks where incident = $1 and closed_at is null)`,
    [incident, at],
  )
  return incident
}

/** Serializes changes of incidents and messages. Always locked after the check, never before. */
export async function lockIncidents(client: pg.PoolClient) {
  await client.query(`select pg_advisory_xact_lock(hashtextextended('reprise.incidents', 0))`)
}

/**
 * Finds the oldest open incident with a check that this one depends on or that depends on it, or that began at nearly
 * the same time in the environment.
 */
async function incidentToJoin(client: pg.PoolClient, check: CheckRules, at: Date): Promise<number | undefined> {
  const { rows } = await client.query<{ id: number }>(
    `select incident.id
       from reprise.incidents incident
      where incident.closed_at is null
        and ((incident.environment = $2 and incident.opened_at > $3 and incident.opened_at < $5)
          or exists (select from reprise.incident_checks member join reprise.checks on checks.name = member.check_name
                      where member.incident = incident.id and member.closed_at is null
                        and (member.check_name = any($4) or checks.rules -> 'dependsOn' ? $1)))
      order by incident.id limit 1`,
    [
      ...[check.name, check.environment, new Date(at.getTime() - togetherMs), check.dependsOn],
      new Date(at.getTime() + togetherMs),
    ],
  )
  return rows[0]?.id
}

async function openIncident(client: pg.PoolClient, { environment }: CheckRules, at: Date): Promise<number> {
  const { rows } = await client.query<{ id: number }>(
    'insert into reprise.incidents (environment, opened_at) values ($1, $2) returning id',
    [environment, at],
  )
  return rows[0]?.id ?? 0
}
