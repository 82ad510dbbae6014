/** What an acknowledgement does to the messages of its incident. */
import type pg from 'pg'
import { isClosedUnsent } from './closed-messages.ts'
import { readShownIncident } from './shown-incident.ts'
import { writeMessage } from './write-message.ts'

/** SQL on a row `message`: the names of the checks that it reports as down. */
const fallen = `(select coalesce(array_agg(shown ->> 'name'), '{}') from jsonb_array_elements(message.message -> 'checks') shown
                  where shown ->> 'news' <> 'flapping')`

/** SQL on a row `message`: the last other news that its channel has of a check in it is that the state is unknown. */
const endsUnknown = `exists (
  select from jsonb_array_elements(message.message -> 'checks') own
   where own ->> 'news' <> 'flapping'
     and 'unknown' = (select shown ->> 'news'
                        from reprise.outbox other cross join lateral jsonb_array_elements(other.message -> 'checks') shown
                       where other.channel = message.channel and other.id <> message.id
                         and not ${isClosedUnsent}
                         and shown ->> 'name' = own ->> 'name' and shown ->> 'news' <> 'flapping'
                       order by other.id desc limit 1))`

/**
 * Withdraws what was not sent yet and is not sent after an acknowledgement: reminders, escalations, and that checks flap. An attempt
 * that was made may have arrived: such a message is sent, and so is one whose withdrawal would leave the channel with an older
 * state of a check. The caller holds the lock of incidents.
 */
export async function withdrawRepeats(client: pg.ClientBase, incident: number): Promise<void> {
  await client.query(
    `with withdrawn as (
       delete from reprise.outbox message
        where incident = $1 and attempts = 0 and delivered_at is null and dead_at is null
          and (message.message ->> 'kind' in ('reminder', 'flapping', 'escalation') and ${fallen} = '{}'
               or message.message ->> 'kind' = 'escalation'
                  and not jsonb_path_exists(message.message, '$.checks[*] ? (@.wasDegraded == true)')
                  and not exists (select from reprise.outbox other
                                   where other.channel = message.channel and other.stream = message.stream
                                     and other.position > message.position)
                  and not ${endsUnknown})
       returning channel, ${fallen} as fallen
     )
     delete from reprise.open_alerts alerted using withdrawn
      where alerted.incident = $1 and alerted.channel = withdrawn.channel and check_name = any(fallen)`,
    [incident],
  )
}

/**
 * Writes that an incident was acknowledged, to the channels whose service has alerts that can be acknowledged. The caller holds
 * the lock of incidents.
 */
export async function writeAcknowledged(
  client: pg.PoolClient,
  incident: number,
  { operator, at }: { operator: string; at: Date },
): Promise<void> {
  const { rows } = await client.query<{ channel: string }>(
    `select distinct channel from reprise.outbox join reprise.channels on name = channel
      where incident = $1 and not ${isClosedUnsent} and takes_acknowledgements order by channel`,
    [incident],
  )
  if (rows.length === 0) return
  const { members, environment, openedAt, at: time } = await readShownIncident(client, incident, at)
  const checks = members.map(({ isDown: _isDown, ...check }) => check)
  const about = { incident, environment, openedAt, at: time, acknowledgedBy: operator, checks }
  for (const { channel } of rows) await writeMessage(client, channel, { kind: 'acknowledged', ...about }, undefined)
}
