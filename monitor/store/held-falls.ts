/**
 * Collects the checks that fall in one batch. Their incident's message, which waits for the other results, is not written anew for
 * each of them: it notes their names, and is completed before it is sent.
 */
import type pg from 'pg'
import { isClosedUnsent } from './closed-messages.ts'
import { lockIncidents } from './incidents.ts'
import { type AlertedCheck, type IncidentMessage, noIncident, streamOf } from './messages.ts'
import { readShownIncident } from './shown-incident.ts'

export interface Fall {
  incident: number
  check: string
  environment: string
  /** Due time of the slot. */
  at: Date
}

/**
 * Notes a fall in those messages that wait for the batch and would do nothing but get one more check: no other news of the check
 * or of the incident has to be written with it. It then counts as alerted. Returns the channels that have such a message. The
 * caller holds the lock of incidents.
 * @param batch Its id.
 */
export async function noteFall(
  client: pg.PoolClient,
  batch: string,
  { incident, check, environment, at }: Fall,
  channels: readonly string[],
): Promise<string[]> {
  const { rows } = await client.query<{ channel: string }>(
    `with last as (
       select distinct on (channel) id from reprise.outbox
        where stream = 'incident ' || $1::integer and channel = any($2) and not ${isClosedUnsent}
        order by channel, position desc
     ), noted as (
       -- A delivery that has begun meanwhile has changed the row, so that all conditions on it are checked again.
       update reprise.outbox held set fallen = fallen || $3::text
         from last
        where held.id = last.id and held_for = $4 and attempts = 0 and delivered_at is null and not_before is null
          and message ->> 'kind' in ('down', 'update') and (message ->> 'at')::timestamptz = $5
          and $3 <> all(fallen)
          and not exists (select from jsonb_array_elements(message -> 'checks') shown
                           where shown ->> 'name' = $3 and shown ? 'news')
          -- Checks of which the channel is not notified yet, after maintenance or a mute.
          and not exists (select from reprise.incident_checks member
                           where member.incident = $1 and closed_at is null and check_name <> $3
                             and not exists (select from reprise.open_alerts alerted
                                              where (alerted.incident, alerted.check_name, alerted.channel)
                                                  = (member.incident, member.check_name, held.channel)))
          and not exists (select from reprise.open_alerts alerted
                           where (alerted.incident, alerted.check_name, alerted.channel) = (${noIncident}, $3, held.channel))
          and not exists (select from reprise.outbox other
                           where other.channel = held.channel and other.stream = 'unknown ' || $6::text
                             and other.delivered_at is null)
          and not exists (select from reprise.open_notices known
                           where known.channel = held.channel and known.subject = $3 and starts_with(stream, 'degraded '))
       returning held.channel
     ), alerted as (
       insert into reprise.open_alerts (incident, check_name, channel) select $1, $3, channel from noted
       on conflict do nothing
     )
     select channel from noted`,
    [incident, channels, check, batch, at, environment],
  )
  return rows.map(({ channel }) => channel)
}

/** SQL of the message of a row of the outbox, with the checks whose fall is only noted. */
export const notedMessage = `case when fallen = '{}' then message else jsonb_set(message, '{checks}', (
    select coalesce(jsonb_agg(shown), '[]') from jsonb_array_elements(message -> 'checks') shown
     where shown ->> 'name' <> all(fallen)) || (
    select jsonb_agg(jsonb_build_object('name', name, 'state', 'down', 'since', message -> 'at', 'news', 'fell'))
      from unnest(fallen) name)) end`

interface IncompleteMessage {
  id: string
  message: IncidentMessage
  fallen: string[]
}

/**
 * Writes the noted falls into the messages, with the present states of all checks of their incidents. Returns the ids of these
 * messages. The caller holds the lock of incidents.
 * @param condition SQL on a row `message` of the outbox.
 */
export async function completeMessages(
  client: pg.PoolClient,
  condition: string,
  parameters: readonly unknown[],
): Promise<string[]> {
  const { rows } = await client.query<IncompleteMessage>(
    `select id, message, fallen from reprise.outbox message
      where fallen <> '{}' and delivered_at is null and ${condition} order by id for no key update`,
    [...parameters],
  )
  const shown = new Map<string, readonly AlertedCheck[]>()
  for (const { id, message, fallen } of rows) {
    const key = `${streamOf(message)} ${message.at}`
    const members = shown.get(key) ?? (await readMembers(client, message))
    shown.set(key, members)
    await client.query(`update reprise.outbox set message = $2, fallen = '{}' where id = $1`, [
      id,
      JSON.stringify({ ...message, checks: withFalls(members, message, fallen) }),
    ])
  }
  return rows.map(({ id }) => id)
}

/**
 * Completes the messages of an incident before the state of one of its checks changes: they show the check as it fell, with the
 * evidence. They go on waiting for their batch.
 */
export async function completeIncident(client: pg.PoolClient, incident: number): Promise<void> {
  await lockIncidents(client)
  await completeMessages(client, 'incident = $1', [incident])
}

/** As `completeIncident`, for the open incidents of these checks. The caller has locked the checks. */
export async function completeIncidentsOf(client: pg.PoolClient, checks: readonly string[]): Promise<void> {
  const { rows } = await client.query<{ incident: number }>(
    `select distinct incident from reprise.incident_checks
      where check_name = any($1) and closed_at is null order by incident`,
    [checks],
  )
  for (const { incident } of rows) await completeIncident(client, incident)
}

async function readMembers(client: pg.PoolClient, { incident, at }: IncidentMessage): Promise<AlertedCheck[]> {
  const { members } = await readShownIncident(client, incident, new Date(at))
  return members.map(({ isDown: _isDown, ...member }) => member)
}

function withFalls(
  members: readonly AlertedCheck[],
  { checks }: IncidentMessage,
  fallen: readonly string[],
): AlertedCheck[] {
  const written = new Map(checks.map(({ name, news, wasDegraded }) => [name, { ...(news && { news }), wasDegraded }]))
  return members.map(member => {
    if (fallen.includes(member.name)) return { ...member, news: 'fell' }
    const { news, wasDegraded } = written.get(member.name) ?? {}
    return { ...member, ...(news && { news }), ...(wasDegraded && { wasDegraded }) }
  })
}
