/** Puts messages into the outbox: news goes into the one before it, for as long as nobody has begun to send that. */
import type pg from 'pg'
import type { State } from '../verdict/verdict.ts'
import { type Batch, heldForMs } from './batch.ts'
import { wakeForMessages } from './wake.ts'

/** Plain JSON; times are ISO texts. */
export type AlertMessage = IncidentMessage | SightMessage

export interface IncidentMessage {
  kind: 'down' | 'update' | 'flapping' | 'up'
  incident: number
  environment: string
  openedAt: string
  /** When the slot was due that made it so, or when the check was removed. */
  at: string
  /** All that have belonged to the incident. */
  checks: AlertedCheck[]
}

/** Whether anybody can tell how checks are. */
export interface SightMessage {
  kind: 'unknown' | 'known'
  environment: string
  at: string
  /** Those that it is about. */
  checks: AlertedCheck[]
}

export interface AlertedCheck {
  name: string
  state: State
  /** When it came to be so. */
  since: string
  /** Of one that is not up: the spec that failed last and its error, in one line, or why nobody can tell. */
  reason?: string
  /** What the message tells of it. Absent: the channel knows it already, or it was over before the channel was told. */
  news?: News
  /** In a message about sight: the incident that it is in. */
  incident?: number
}

export type News = 'fell' | 'recovered' | 'removed' | 'flapping' | 'unknown' | 'known'

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
  const last = await lastMessages(client, incident, channel, message.environment)
  const merged = mergedInto(last, message)
  if (merged) {
    await client.query('update reprise.outbox set message = $2 where id = $1', [
      merged.id,
      JSON.stringify(merged.message),
    ])
    // Who mutes passes over what is locked.
    await wakeForMessages(client)
    return
  }
  const isHeld = batch !== undefined && (await batch.isUnderWay(client))
  const first = last.length === 0 && message.kind === 'update' ? { ...message, kind: 'down' } : message
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

/** The newest first. Nobody begins to send them until the transaction ends. */
async function lastMessages(client: pg.PoolClient, incident: number, channel: string, environment: string) {
  const { rows } = await client.query<LastMessage>(
    `select id, message, attempts = 0 and delivered_at is null as "isUnsent" from reprise.outbox
      where incident = $1 and channel = $2 and message ->> 'environment' = $3
      order by position desc limit 5 for no key update`,
    [incident, channel, environment],
  )
  return rows
}

/** Undefined if it has to be a message of its own: what is told of a check stays in its order. */
function mergedInto(last: readonly LastMessage[], next: AlertMessage): Omit<LastMessage, 'isUnsent'> | undefined {
  for (const { id, message, isUnsent } of last) {
    if (!isUnsent || areOfOneCheck(message, next)) return undefined
    const merged = mergedMessage(message, next)
    if (merged) return { id, message: merged }
    if (!mayOvertake(message, next)) return undefined
  }
  return undefined
}

function areOfOneCheck(unsent: AlertMessage, next: AlertMessage): boolean {
  const told = newsIn(unsent).map(({ name }) => name)
  return newsIn(next).some(({ name }) => told.includes(name))
}

const newsIn = ({ checks }: AlertMessage) => checks.filter(({ news }) => news !== undefined)

/** Of other checks; the end of an incident overtakes nothing. */
function mayOvertake(unsent: AlertMessage, next: AlertMessage): boolean {
  if (!('incident' in next)) return true
  const isFlapping = (message: AlertMessage) => newsIn(message).every(({ news }) => news === 'flapping')
  return next.kind !== 'up' && isFlapping(unsent) !== isFlapping(next)
}

/** Of messages that tell nothing of the same check. Undefined if they tell different things. */
function mergedMessage(unsent: AlertMessage, next: AlertMessage): AlertMessage | undefined {
  if (!('incident' in next)) {
    return unsent.kind === next.kind ? { ...next, checks: byName([...unsent.checks, ...next.checks]) } : undefined
  }
  const told = new Map(newsIn(unsent).map(({ name, news }) => [name, news]))
  const checks = next.checks.map(check => {
    const earlier = told.get(check.name)
    return earlier === undefined ? check : { ...check, news: earlier }
  })
  if (unsent.kind === 'down') {
    const onlyFalls = newsIn(next).every(({ news }) => news === 'fell')
    return next.kind === 'update' && onlyFalls ? { ...next, kind: 'down', checks } : undefined
  }
  const goOn = unsent.kind === next.kind || (unsent.kind === 'update' && next.kind === 'up')
  return goOn ? { ...next, checks } : undefined
}

function byName(checks: readonly AlertedCheck[]): AlertedCheck[] {
  return [...checks].sort((a, b) => (a.name < b.name ? -1 : 1))
}
