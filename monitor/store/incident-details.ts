/** Reads one incident: its checks, what happened to them, and the messages about it. */
import type pg from 'pg'
import type { Outcome } from '../verdict/finding.ts'
import type { State } from '../verdict/verdict.ts'
import type { FailureOrigin } from './failure-origin.ts'
import type { IncidentMessage } from './messages.ts'

export interface IncidentDetails {
  id: number
  environment: string
  openedAt: Date
  /** Null while it is open. */
  closedAt: Date | null
  /** By the time when they joined. */
  checks: IncidentCheck[]
  transitions: IncidentTransition[]
  firstReplays: FirstReplay[]
  messages: IncidentAlert[]
}

export interface IncidentCheck extends FailureOrigin {
  name: string
  /** Due time of the slot for which it joined. */
  openedAt: Date
  /** Null while it is in the incident. */
  closedAt: Date | null
  /** Now. */
  state: State
  /** Whether it is still configured. */
  active: boolean
}

/** Of a check of the incident, while it was failing or in the incident. */
interface IncidentTransition {
  check: string
  at: Date
  kind: 'state' | 'flapping' | 'steady' | 'opened' | 'closed'
  from: State | null
  to: State | null
}

/** A replay between the first failure of a check and the one that was decisive. */
interface FirstReplay {
  check: string
  due: Date
  location: string
  kind: 'cron' | 'confirm' | 'manual'
  outcome: Outcome
  version: string | null
}

/** A message to a channel, and its delivery. */
export interface IncidentAlert {
  channel: string
  kind: IncidentMessage['kind']
  createdAt: Date
  attempts: number
  /** When it was accepted, or closed without being sent. */
  deliveredAt: Date | null
  /** When it was given up; null if it was not, or was sent later. */
  deadAt: Date | null
  /** The last error in detail, for operators; without secrets. */
  lastError: string | null
  /** Public summary of the last attempt, such as `answered 503`. */
  failure: string | null
}

/** The numbers of an incident's entries that are read at most. */
const most = { checks: 200, transitionsOfCheck: 40, replaysOfCheck: 20, messages: 300 }

/** Undefined if there is no such incident. */
export async function readIncidentDetails(pool: pg.Pool, id: number): Promise<IncidentDetails | undefined> {
  const { rows } = await pool.query<Pick<IncidentDetails, 'id' | 'environment' | 'openedAt' | 'closedAt'>>(
    `select id, environment, opened_at as "openedAt", closed_at as "closedAt" from reprise.incidents where id = $1`,
    [id],
  )
  const [incident] = rows
  if (!incident) return undefined
  const checks = readChecks(pool, id)
  const [, transitions, firstReplays, messages] = await Promise.all([
    checks,
    readTransitions(pool, id),
    checks.then(members => readFirstReplays(pool, id, members)),
    readMessages(pool, id),
  ])
  return { ...incident, checks: await checks, transitions, firstReplays, messages }
}

async function readChecks(pool: pg.Pool, id: number): Promise<IncidentCheck[]> {
  const { rows } = await pool.query<IncidentCheck>(
    `select name, opened_at as "openedAt", closed_at as "closedAt", state, active, failing_since as "failingSince",
            failing_version as "failingVersion", passed_at as "passedAt", passed_version as "passedVersion"
       from reprise.incident_checks join reprise.checks on name = check_name
      where incident = $1 order by opened_at, name limit $2`,
    [id, most.checks],
  )
  return rows
}

const members = (parameter: string) =>
  `(select * from reprise.incident_checks where incident = $1 order by opened_at, check_name limit ${parameter}) member`

async function readTransitions(pool: pg.Pool, id: number): Promise<IncidentTransition[]> {
  const { rows } = await pool.query<IncidentTransition>(
    `select change.*
       from ${members('$2')}
       cross join lateral (
         (select check_name as check, at, kind, from_state as from, to_state as to, id from reprise.transitions
           where check_name = member.check_name
             and at >= coalesce(member.failing_since, member.opened_at) and at < coalesce(member.closed_at, 'infinity')
           order by at, id limit $3)
         union all
         -- Those of its end are needed, however many there were before.
         (select check_name, at, kind, from_state, to_state, id from reprise.transitions
           where check_name = member.check_name and at = member.closed_at order by id limit $3)
       ) change
      order by at, id`,
    [id, most.checks, most.transitionsOfCheck],
  )
  return rows
}

async function readFirstReplays(pool: pg.Pool, id: number, checks: readonly IncidentCheck[]): Promise<FirstReplay[]> {
  const times = checks.flatMap(({ failingSince, openedAt }) => [failingSince ?? openedAt, openedAt].map(Number))
  if (times.length === 0) return []
  // Constants spare planning the query for the partitions of all days. Times are read in milliseconds.
  const [first, last] = [new Date(Math.min(...times)), new Date(Math.max(...times) + 1)]
  const { rows } = await pool.query<FirstReplay>(
    `select replay.*
       from ${members('$2')}
       cross join lateral (
         select check_name as check, due, location, kind, outcome, version from reprise.replays
          where check_name = member.check_name and outcome is not null
            and due >= coalesce(member.failing_since, member.opened_at) and due <= member.opened_at
            and due between $4 and $5
          order by due, kind, location limit $3
       ) replay`,
    [id, most.checks, most.replaysOfCheck, first, last],
  )
  return rows
}

async function readMessages(pool: pg.Pool, id: number): Promise<IncidentAlert[]> {
  const { rows } = await pool.query<IncidentAlert>(
    `select channel, message ->> 'kind' as kind, created_at as "createdAt", attempts, delivered_at as "deliveredAt",
            last_error as "lastError", last_failure as failure, dead_at as "deadAt"
       from reprise.outbox where incident = $1 order by id limit $2`,
    [id, most.messages],
  )
  return rows
}
