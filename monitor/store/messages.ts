/** Puts messages into the outbox: news goes into the one before it, for as long as nobody has begun to send that. */
import type pg from 'pg'
import type { AlertedCheck, AlertMessage } from './alerts.ts'
import { type Batch, heldForMs } from './batch.ts'
import { wakeForMessages } from './wake.ts'

/** In place of an incident's number, in the outbox and of what channels were told. */
export const noIncident = 0

/**
 * The caller holds the lock of incidents. A channel that has no message of the incident yet gets a `down` instead of an
 * `update`. What was tried once is not changed any more.
 */
export async function writeMessage(
  client: pg.PoolClient,
  channel: string,
  message: AlertMessage,
  batch: Batch | undefined,
): Promise<void> {
  const incident = 'incident' in message ? message.incident : noIncident
  const last = await lastMessage(client, incident, channel, message.environment)
  const merged = last?.isUnsent ? mergedMessage(last.message, message) : undefined
  if (last && merged) {
    await client.query('update reprise.outbox set message = $2 where id = $1', [last.id, JSON.stringify(merged)])
    // Who mutes passes over what is locked.
    await wakeForMessages(client)
    return
  }
  const isHeld = batch !== undefined && (await batch.isUnderWay(client))
  const first = last === undefined && message.kind === 'update' ? { ...message, kind: 'down' } : message
  await client.query(
    `insert into reprise.outbox (channel, incident, position, message, held_for, next_attempt)
     select $1, $2, coalesce(max(position), 0) + 1, $3, $4, clock_timestamp() + $5 * interval '1 ms'
       from reprise.outbox where incident = $2 and channel = $1`,
    [channel, incident, JSON.stringify(first), isHeld ? batch.id : null, isHeld ? heldForMs : 0],
  )
  await wakeForMessages(client)
}

interface LastMessage {
  id: string
  message: AlertMessage
  isUnsent: boolean
}

/** Nobody begins to send it until the transaction ends. */
async function lastMessage(client: pg.PoolClient, incident: number, channel: string, environment: string) {
  const { rows } = await client.query<LastMessage>(
    `select id, message, attempts = 0 and delivered_at is null as "isUnsent" from reprise.outbox
      where incident = $1 and channel = $2 and message ->> 'environment' = $3
      order by position desc limit 1 for no key update`,
    [incident, channel, environment],
  )
  return rows[0]
}

/** Undefined if they have to be two, since the first one tells something else, or of the same check. */
function mergedMessage(unsent: AlertMessage, next: AlertMessage): AlertMessage | undefined {
  const told = new Map(unsent.checks.flatMap(({ name, news }) => (news === undefined ? [] : [[name, news]])))
  const news = next.checks.filter(check => check.news !== undefined)
  if (news.some(({ name }) => told.has(name))) return undefined
  const isSight = next.kind === 'unknown' || next.kind === 'known'
  if (isSight) {
    return unsent.kind === next.kind ? { ...next, checks: byName([...unsent.checks, ...next.checks]) } : undefined
  }
  const checks = next.checks.map(check => {
    const earlier = told.get(check.name)
    return earlier === undefined ? check : { ...check, news: earlier }
  })
  if (unsent.kind === 'down') {
    const onlyFalls = news.every(check => check.news === 'fell')
    return next.kind === 'update' && onlyFalls ? { ...next, kind: 'down', checks } : undefined
  }
  const goOn = unsent.kind === next.kind || (unsent.kind === 'update' && next.kind === 'up')
  return goOn ? { ...next, checks } : undefined
}

function byName(checks: readonly AlertedCheck[]): AlertedCheck[] {
  return [...checks].sort((a, b) => (a.name < b.name ? -1 : 1))
}
