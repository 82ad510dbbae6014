/** The messages that an incident owes its channels: written with what they tell, delivered later from the outbox. */
import type pg from 'pg'
import type { State, Transition, Verdict } from '../verdict/verdict.ts'
import type { CheckRules, IsInMaintenance } from './check-rules.ts'
import { openIncidentOf } from './incidents.ts'
import { wakeForMessages } from './wake.ts'

/** Plain JSON; times are ISO texts. */
export interface AlertMessage {
  kind: 'down' | 'flapping' | 'up'
  incident: number
  environment: string
  openedAt: string
  /** When the slot was due that made it so. */
  at: string
  /** Those of the incident. */
  checks: AlertedCheck[]
}

export interface AlertedCheck {
  name: string
  state: State
  /** When it fell, or when it was up again. */
  since: string
  /** Of one that is not up: the spec that failed last and its error, in one line. */
  reason?: string
}

/**
 * A channel is told once that an incident is open, by the first of its checks that is not in maintenance; later that it
 * flaps, and once that all is up. What a channel was not told, it is not told the end of.
 */
export async function owe(
  client: pg.PoolClient,
  check: CheckRules & { verdict: Verdict },
  transitions: readonly Transition[],
  at: Date,
  isInMaintenance: IsInMaintenance,
): Promise<void> {
  if (check.verdict.incident === undefined && transitions.length === 0) return
  const open = await openIncidentOf(client, check.name)
  if (open !== undefined && !isInMaintenance(check.name, at)) {
    await tell(client, open, 'down', at, { untold: check.channels })
    if (transitions.some(({ kind }) => kind === 'flapping')) await tell(client, open, 'flapping', at)
  }
  if (open === undefined && transitions.some(({ kind }) => kind === 'closed')) {
    const closed = await closedIncidentOf(client, check.name, at)
    if (closed !== undefined) await tell(client, closed, 'up', at)
  }
}

/** The incident that has ended with the check's recovery. */
async function closedIncidentOf(client: pg.PoolClient, check: string, at: Date): Promise<number | undefined> {
  const { rows } = await client.query<{ id: number }>(
    `select incident.id from reprise.incidents incident join reprise.incident_checks member on member.incident = id
      where check_name = $1 and member.closed_at = $2 and incident.closed_at = $2
      order by id desc limit 1`,
    [check, at],
  )
  return rows[0]?.id
}

async function tell(
  client: pg.PoolClient,
  incident: number,
  kind: AlertMessage['kind'],
  at: Date,
  { untold }: { untold?: readonly string[] } = {},
) {
  const { rowCount } = await client.query(
    `with told as (
       select channel, max(position) as position from reprise.outbox where incident = $1 group by channel
     ), recipients as (
       select channel, 1 as position from unnest($4::text[]) channel where channel not in (select channel from told)
       union all
       select channel, position + 1 from told where $4::text[] is null
     )
     insert into reprise.outbox (channel, incident, position, message)
     select recipients.channel, $1, recipients.position, jsonb_build_object(
              'kind', $2::text, 'incident', $1, 'environment', incident.environment,
              'openedAt', incident.opened_at, 'at', $3::timestamptz, 'checks', (
                select jsonb_agg(
                         jsonb_build_object('name', name, 'state', state, 'since', since) ||
                         case when state <> 'up' and last_replay ->> 'reason' is not null
                              then jsonb_build_object('reason', last_replay -> 'reason') else '{}' end
                         order by name)
                  from reprise.incident_checks member join reprise.checks on checks.name = member.check_name
                 where member.incident = $1))
       from recipients join reprise.incidents incident on incident.id = $1`,
    [incident, kind, at, untold ?? null],
  )
  if (rowCount) await wakeForMessages(client)
}
