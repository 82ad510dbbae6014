/** Reads an incident and its checks as messages show them. */
import type pg from 'pg'
import type { AlertedCheck, IncidentMessage } from './messages.ts'

export interface ShownIncident extends Pick<IncidentMessage, 'environment' | 'openedAt' | 'at'> {
  isOpen: boolean
  /** `isDown`: the check has not left the incident. */
  members: (AlertedCheck & { isDown: boolean })[]
  /** Open alerts of the incident's checks. */
  alerted: { channel: string; check: string }[]
}

/** @param at The time of the message. */
export async function readShownIncident(client: pg.ClientBase, incident: number, at: Date): Promise<ShownIncident> {
  const { rows } = await client.query<ShownIncident>(
    `select environment, to_jsonb(opened_at) as "openedAt", to_jsonb($2::timestamptz) as at, closed_at is null as "isOpen",
            (select jsonb_agg(${alertedCheck} || jsonb_build_object('isDown', member.closed_at is null) order by name)
               from reprise.incident_checks member join reprise.checks on checks.name = member.check_name
              where member.incident = $1) as members,
            (select coalesce(jsonb_agg(jsonb_build_object('channel', channel, 'check', check_name)), '[]')
               from reprise.open_alerts where incident = $1) as alerted
       from reprise.incidents where id = $1`,
    [incident, at],
  )
  const [shown] = rows
  if (!shown) throw new Error(`There is no incident ${incident}.`)
  return shown
}

const isInIncident = `exists (select from reprise.incident_checks where check_name = name and closed_at is null)`

/** In an incident, the versions with which the failures began, and the last ones that worked. */
const versions = `(select jsonb_strip_nulls(jsonb_build_object(
    'failingVersion', failing_version, 'passedVersion', passed_version))
  from reprise.incident_checks where check_name = name and closed_at is null)`

/** Of a replay: null if there is none. */
const evidenceOf = (which: string) => `(select jsonb_strip_nulls(jsonb_build_object(
    'reason', replay.reason, 'traceId', replay.trace_id, 'run', replay.detail ->> 'run'))
  from reprise.replays replay where replay.check_name = name and ${which})`

/**
 * One at another location may have passed since. Longer ago, it says little: an immutable expression spares planning the query for
 * the partitions of all days.
 */
const lastFailure = `(outcome = 'failed' or (outcome = 'slow' and state = 'degraded')) and due <= $2
  and due > ($2::timestamptz at time zone 'UTC' - interval '48 hours') at time zone 'UTC'
  order by due desc, kind desc limit 1`

const lastReplay = `due = (last_replay ->> 'due')::timestamptz and id = (last_replay ->> 'id')::uuid limit 1`

const missedSlot = `(select jsonb_build_object('reason', max(reason)) from reprise.slots
  where check_name = name and due = judged_until having max(reason) is not null)`

/** Why a check is not active. While it moves to another environment, the column has that one, and the rules the old one. */
export const whyRemoved = `coalesce('it is monitored in ' || nullif(environment, rules ->> 'environment') || ' now',
  'it is not monitored any more')`

/** SQL of an `AlertedCheck` from a row of `checks`; $2 is the time of the message. */
export const alertedCheck = `(jsonb_strip_nulls(jsonb_build_object(
  'name', name, 'state', state, 'since', coalesce(since, $2::timestamptz), 'source', rules -> 'source',
  'severity', rules -> 'severity', 'tags', rules -> 'tags', 'runbook', rules -> 'runbook',
  'reason', case when not active then ${whyRemoved} when state <> 'up' then last_replay ->> 'reason' end))
  || coalesce(case when not active then null
       -- The reason may be that of a missed slot.
       when state = 'unknown' then coalesce(${evidenceOf(lastReplay)}, '{}') || coalesce(${missedSlot}, '{}') || coalesce(${versions}, '{}')
       when state <> 'up' then coalesce(${evidenceOf(lastFailure)}, ${evidenceOf(lastReplay)}, '{}') || coalesce(${versions}, '{}')
       -- It is flapping.
       when ${isInIncident} then coalesce(${evidenceOf(lastFailure)}, '{}') || coalesce(${versions}, '{}') end, '{}'))`
