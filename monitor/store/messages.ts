/** Writes messages to the outbox. News is merged into the last message until a delivery of that has been tried. */
import type pg from 'pg'
import type { State } from '../verdict/verdict.ts'
import { type Batch, heldForMs } from './batch.ts'
import { isClosedUnsent } from './closed-messages.ts'
import { wakeForMessages } from './wake.ts'

/** JSON; times are ISO strings. */
export type AlertMessage = IncidentMessage | UnknownStateMessage

export interface IncidentMessage {
  kind: 'down' | 'update' | 'flapping' | 'up'
  incident: number
  environment: string
  openedAt: string
  /** Due time of the slot that caused it; or when the check was removed. */
  at: string
  /** All checks that have belonged to the incident. */
  checks: AlertedCheck[]
}

/** A message about checks that become unknown, or known again. */
export interface UnknownStateMessage {
  kind: 'unknown' | 'known'
  environment: string
  at: string
  /** The checks that it is about. */
  checks: AlertedCheck[]
}

export interface AlertedCheck {
  name: string
  state: State
  /** When the state began. */
  since: string
  /** For a check that is not up: the first line of the last failure, with its spec; or why the state is unknown. */
  reason?: string
  /**
   * The news in this message. Absent: the channel has it already, or it was over before the channel could be alerted.
   */
  news?: News
  /** In an `UnknownStateMessage`: the open incident of the check. */
  incident?: number
}

export type News = 'fell' | 'recovered' | 'removed' | 'flapping' | 'unknown' | 'known'

/** In place of an incident's number, in the outbox and in `open_alerts`. */
export const noIncident = 0

/**
 * The caller holds the lock of incidents. The first message of an incident to a channel, without those closed unsent, is a
 * `down`, not an `update`. A message that was tried is not changed any more.
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

/** Newest first. Locked, so that no delivery starts until the transaction ends. */
async function lastMessages(client: pg.PoolClient, incident: number, channel: string, environment: string) {
  const { rows } = await client.query<LastMessage>(
    `select id, message, attempts = 0 and delivered_at is null as "isUnsent" from reprise.outbox
      where incident = $1 and channel = $2 and message ->> 'environment' = $3
        and not ${isClosedUnsent}
      order by position desc limit 5 for no key update`,
    [incident, channel, environment],
  )
  return rows
}

/** Merges a message into an earlier one; undefined if it has to be a new message. News of one check stays in order. */
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
  const names = newsIn(unsent).map(({ name }) => name)
  return newsIn(next).some(({ name }) => names.includes(name))
}

const newsIn = ({ checks }: AlertMessage) => checks.filter(({ news }) => news !== undefined)

/** Of different checks; the end of an incident overtakes nothing. */
function mayOvertake(unsent: AlertMessage, next: AlertMessage): boolean {
  if (!('incident' in next)) return true
  const isFlapping = (message: AlertMessage) => newsIn(message).every(({ news }) => news === 'flapping')
  return next.kind !== 'up' && isFlapping(unsent) !== isFlapping(next)
}

/** Merges two messages without news of the same check; undefined if their kinds do not match. */
function mergedMessage(unsent: AlertMessage, next: AlertMessage): AlertMessage | undefined {
  if (!('incident' in next)) {
    return unsent.kind === next.kind ? { ...next, checks: byName([...unsent.checks, ...next.checks]) } : undefined
  }
  const unsentNews = new Map(newsIn(unsent).map(({ name, news }) => [name, news]))
  const checks = next.checks.map(check => {
    const earlier = unsentNews.get(check.name)
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
