/** Writes messages to the outbox. News is merged into the last message until a delivery of that has been tried. */
import type pg from 'pg'
import { type Batch, heldForMs } from './batch.ts'
import { isClosedUnsent } from './closed-messages.ts'
import { notedMessage } from './held-falls.ts'
import { type AlertMessage, type CheckMessage, noIncident, streamOf } from './messages.ts'
import { heldUntil, mergeIntoWaiting } from './quiet-messages.ts'
import { wakeForMessages } from './wake.ts'

/**
 * The caller holds the lock of incidents. The first message of an incident to a channel, without those closed unsent, is a
 * `down`, not an `update`. A message that was tried is not changed any more.
 * @param once A message with the same text was written to the channel before: nothing is done.
 * @returns Whether the message is written, or merged.
 */
export async function writeMessage(
  client: pg.PoolClient,
  channel: string,
  message: AlertMessage,
  batch: Batch | undefined,
  once?: string,
): Promise<boolean> {
  const stream = streamOf(message)
  const notBefore = await heldUntil(client, { stream, channel }, message)
  if (notBefore && (await mergeIntoWaiting(client, { stream, channel }, message))) return true
  const last = await lastMessages(client, stream, channel)
  const merged = mergedInto(last, message)
  if (merged) {
    await client.query(`update reprise.outbox set message = $2, fallen = '{}' where id = $1`, [
      merged.id,
      JSON.stringify(merged.message),
    ])
    await wakeForMessages(client)
    return true
  }
  const isHeld = batch !== undefined && (await batch.isUnderWay(client))
  const first = last.length === 0 && message.kind === 'update' ? { ...message, kind: 'down' } : message
  const incident = 'incident' in message ? message.incident : 'checks' in message ? noIncident : null
  const { rowCount } = await client.query(
    `insert into reprise.outbox
       (stream, channel, incident, position, message, held_for, next_attempt, not_before, once)
     select $1, $2, $3, coalesce(max(position), 0) + 1, $4, $5, clock_timestamp() + $6 * interval '1 ms', $7, $8
       from reprise.outbox where stream = $1 and channel = $2
     on conflict (channel, once) do nothing`,
    [
      ...[stream, channel, incident, JSON.stringify(first), isHeld ? batch.id : null, isHeld ? heldForMs : 0],
      ...[notBefore ?? null, once ?? null],
    ],
  )
  if (rowCount === 1) await wakeForMessages(client)
  return rowCount === 1
}

interface LastMessage {
  id: string
  message: AlertMessage
  isUnsent: boolean
}

/** Newest first. Locked, so that no delivery starts until the transaction ends. */
async function lastMessages(client: pg.PoolClient, stream: string, channel: string) {
  const { rows } = await client.query<LastMessage>(
    `select id, ${notedMessage} as message, attempts = 0 and delivered_at is null as "isUnsent" from reprise.outbox
      where stream = $1 and channel = $2 and not ${isClosedUnsent}
      order by position desc limit 5 for no key update`,
    [stream, channel],
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
  const names = namesIn(unsent)
  return namesIn(next).some(name => names.includes(name))
}

/** The names of the checks or subjects that a message has news of. */
function namesIn(message: AlertMessage): string[] {
  if ('subjects' in message) return message.subjects.map(({ name }) => name)
  return 'checks' in message ? newsIn(message).map(({ name }) => name) : []
}

const newsIn = ({ checks }: CheckMessage) => checks.filter(({ news }) => news !== undefined)

/** Of different checks; the end of an incident overtakes nothing. */
function mayOvertake(unsent: AlertMessage, next: AlertMessage): boolean {
  if (!('incident' in next && 'incident' in unsent)) return true
  const isFlapping = (message: CheckMessage) => newsIn(message).every(({ news }) => news === 'flapping')
  return next.kind !== 'up' && isFlapping(unsent) !== isFlapping(next)
}

/** Merges two messages without news of the same check; undefined if their kinds do not match. */
function mergedMessage(unsent: AlertMessage, next: AlertMessage): AlertMessage | undefined {
  if ('subjects' in next && 'subjects' in unsent) {
    const isAlike = unsent.phase === next.phase && unsent.severity === next.severity
    return isAlike ? { ...next, subjects: byName([...unsent.subjects, ...next.subjects]) } : undefined
  }
  if (!('checks' in next && 'checks' in unsent)) return undefined
  if (!('incident' in next)) {
    return unsent.kind === next.kind ? { ...next, checks: byName([...unsent.checks, ...next.checks]) } : undefined
  }
  // A reminder gives way to news.
  const givesWay = unsent.kind === 'reminder' && (isNewsOfChecks(next) || next.kind === 'acknowledged')
  if (!givesWay && (!isNewsOfChecks(next) || !isNewsOfChecks(unsent))) return undefined
  const unsentNews = new Map(
    newsIn(unsent).map(({ name, news, wasDegraded }) => [name, { news, ...(wasDegraded && { wasDegraded }) }]),
  )
  const checks = next.checks.map(check => ({ ...check, ...unsentNews.get(check.name) }))
  if (givesWay) return { ...next, checks }
  if (unsent.kind === 'down') {
    const onlyFalls = newsIn(next).every(({ news }) => news === 'fell')
    return next.kind === 'update' && onlyFalls ? { ...next, kind: 'down', checks } : undefined
  }
  const goOn = unsent.kind === next.kind || (unsent.kind === 'update' && next.kind === 'up')
  return goOn ? { ...next, checks } : undefined
}

/** A reminder, an escalation and an acknowledgement are messages of their own. */
function isNewsOfChecks({ kind }: CheckMessage): boolean {
  return kind !== 'acknowledged' && kind !== 'reminder' && kind !== 'escalation'
}

function byName<T extends { name: string }>(named: readonly T[]): T[] {
  return [...named].sort((a, b) => (a.name < b.name ? -1 : 1))
}
