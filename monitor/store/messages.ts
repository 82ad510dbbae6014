/** Writes messages to the outbox. News is merged into the last message until a delivery of that has been tried. */
import type pg from 'pg'
import type { State } from '../verdict/verdict.ts'
import { type Batch, heldForMs } from './batch.ts'
import { isClosedUnsent } from './closed-messages.ts'
import { wakeForMessages } from './wake.ts'

/** JSON; times are ISO strings. */
export type AlertMessage = CheckMessage | SubjectMessage | DigestMessage

/** A message about the states of checks. */
export type CheckMessage = IncidentMessage | UnknownStateMessage

export interface IncidentMessage {
  kind: 'down' | 'update' | 'flapping' | 'acknowledged' | 'reminder' | 'escalation' | 'up'
  incident: number
  environment: string
  openedAt: string
  /** Due time of the slot that caused it; or when the check was removed. */
  at: string
  /** In an `acknowledged`: the operator. */
  acknowledgedBy?: string
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

/**
 * A message about something else than the state of a check, which begins and ends, or happens once. Messages are merged
 * until they are sent.
 */
export interface SubjectMessage {
  kind: 'degraded' | 'leak' | 'certificate' | 'trouble'
  phase: 'began' | 'ended' | 'happened'
  severity: Severity
  /** Absent: it is about the monitor itself. */
  environment?: string
  at: string
  subjects: NoticeSubject[]
}

export interface NoticeSubject {
  /** The same in the message of its end: the name of a check, a host, or what part of the monitor has the trouble. */
  name: string
  /** What is wrong, or was, in one sentence without the name; shown to people. */
  text: string
  since: string
  runbook?: string
}

export type Severity = 'critical' | 'warning' | 'info'

/** A summary of a span. */
interface DigestMessage {
  kind: 'digest'
  from: string
  at: string
  /** Sentences. */
  lines: string[]
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
  /** With `fell`: the channel was notified that the check is degraded, which this message ends. */
  wasDegraded?: true
  /** Default: `critical`. */
  severity?: Severity
  tags?: string[]
  /** The URL of instructions. */
  runbook?: string
  /** A job that reports to the monitor itself. Absent: the check replays specs. */
  source?: 'heartbeat'
  /** Of a check that is down: the versions of the service with which the failures began; absent: unknown. */
  failingVersion?: string
  /** The last versions before that worked. */
  passedVersion?: string
  /** The trace of the requests of the failure, as `traceparent` has it. */
  traceId?: string
  /** The run whose report shows the failure. */
  run?: string
}

export type News = 'fell' | 'recovered' | 'removed' | 'flapping' | 'unknown' | 'known'

/** In place of an incident's number, in the outbox and in `open_alerts`. */
export const noIncident = 0

/** Messages of one stream reach a channel in order. */
export function streamOf(message: AlertMessage): string {
  if ('incident' in message) return `incident ${message.incident}`
  switch (message.kind) {
    case 'unknown':
    case 'known':
      return `unknown ${message.environment}`
    case 'digest':
      return 'digest'
    default:
      return [message.kind, message.environment ?? []].flat().join(' ')
  }
}

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
  const stream = streamOf(message)
  const last = await lastMessages(client, stream, channel)
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
  const incident = 'incident' in message ? message.incident : 'checks' in message ? noIncident : null
  await client.query(
    `insert into reprise.outbox (stream, channel, incident, position, message, held_for, next_attempt)
     select $1, $2, $3, coalesce(max(position), 0) + 1, $4, $5, clock_timestamp() + $6 * interval '1 ms'
       from reprise.outbox where stream = $1 and channel = $2`,
    [stream, channel, incident, JSON.stringify(first), isHeld ? batch.id : null, isHeld ? heldForMs : 0],
  )
  await wakeForMessages(client)
}

interface LastMessage {
  id: string
  message: AlertMessage
  isUnsent: boolean
}

/** Newest first. Locked, so that no delivery starts until the transaction ends. */
async function lastMessages(client: pg.PoolClient, stream: string, channel: string) {
  const { rows } = await client.query<LastMessage>(
    `select id, message, attempts = 0 and delivered_at is null as "isUnsent" from reprise.outbox
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
  if (!isNewsOfChecks(next) || !isNewsOfChecks(unsent)) return undefined
  const unsentNews = new Map(
    newsIn(unsent).map(({ name, news, wasDegraded }) => [name, { news, ...(wasDegraded && { wasDegraded }) }]),
  )
  const checks = next.checks.map(check => ({ ...check, ...unsentNews.get(check.name) }))
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
