/** Writes that an incident was acknowledged, to the channels whose service has alerts that can be acknowledged. */
import type pg from 'pg'
import { isClosedUnsent } from './closed-messages.ts'
import { readShownIncident } from './shown-incident.ts'
import { writeMessage } from './write-message.ts'

/** The caller holds the lock of incidents. */
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
