/**
 * Keeps messages that are not urgent until the quiet hours of their channel end. What happens meanwhile is merged into
 * them, so that the channel then gets the state, and not its history.
 */
import type pg from 'pg'
import { type AlertRules, readAlertRules } from './alert-rules.ts'
import { isClosedUnsent } from './closed-messages.ts'
import type { AlertedCheck, AlertMessage, IncidentMessage } from './messages.ts'
import { quietUntil } from './quiet-hours.ts'
import { matterOf, readActive, readConcerned } from './recipients.ts'
import { matches, type RoutedMatter } from './routes.ts'

interface Stream {
  stream: string
  channel: string
}

/** Returns until when a message has to wait; undefined if it is sent now, and then what waits in its stream as well. */
export async function heldUntil(client: pg.ClientBase, at: Stream, message: AlertMessage): Promise<Date | undefined> {
  const rules = await readAlertRules(client)
  if (rules.quietHours.length === 0) return undefined
  const until = quietFor(rules, at.channel, await mattersOf(client, message), await clock(client))
  if (until === undefined) await releaseWaiting(client, at)
  return until
}

/** A critical message is never held. */
function quietFor(
  { quietHours }: Pick<AlertRules, 'quietHours'>,
  channel: string,
  matters: readonly RoutedMatter[],
  at: Date,
): Date | undefined {
  if (matters.some(({ severity }) => severity === 'critical')) return undefined
  const hours = quietHours.filter(
    ({ channels, match }) => (channels?.includes(channel) ?? true) && matters.every(matter => matches(match, matter)),
  )
  return quietUntil(hours, at)
}

/** What a message is about: a check each. A check that is up, and of which there is no news, does not count. */
async function mattersOf(client: pg.ClientBase, message: AlertMessage): Promise<RoutedMatter[]> {
  if (message.kind === 'digest') return [{ kind: 'digest', severity: 'info' }]
  if ('subjects' in message) {
    const { kind, severity, environment, subjects } = message
    const matters: RoutedMatter[] = []
    for (const { checks } of subjects) {
      const place = { ...(checks && { checks }), ...(environment !== undefined && { environment }) }
      const concerned = await readConcerned(client, place)
      matters.push(...concerned.map(check => ({ ...matterOf(check, kind), severity })))
      if (concerned.length === 0) matters.push({ kind, severity, environment })
    }
    return matters
  }
  const kind = ruledKindOf(message.kind)
  // The end of an incident concerns all its checks.
  const concerned = message.checks.filter(
    ({ news, state }) => message.kind === 'up' || news !== undefined || state !== 'up',
  )
  const shown = concerned.length > 0 ? concerned : message.checks
  const { environment } = message
  // A message that waits may be older than the configuration.
  const current = await readActive(client, { checks: shown.map(({ name }) => name), environment })
  return shown.map(check =>
    matterOf(current.find(({ name }) => name === check.name) ?? { ...check, environment }, kind),
  )
}

/** The kind by which a message about checks is routed. */
function ruledKindOf(kind: AlertMessage['kind']): AlertMessage['kind'] {
  if (kind === 'known') return 'unknown'
  return kind === 'update' || kind === 'up' || kind === 'acknowledged' || kind === 'escalation' ? 'down' : kind
}

interface WaitingMessage {
  id: string
  message: AlertMessage
}

const isWaiting = 'attempts = 0 and delivered_at is null and coalesce(not_before > clock_timestamp(), false)'

/** Merges a message that has to wait into those that wait. Returns false if it has to be a message of its own. */
export async function mergeIntoWaiting(client: pg.PoolClient, at: Stream, next: AlertMessage): Promise<boolean> {
  const waiting = await readWaiting(client, at)
  if (waiting.length === 0) return false
  if ('incident' in next) return mergeNews(client, waiting, next)
  const names = namesIn(next)
  const step = stepOf(next)
  if (!isBeginning(step) && !isEnd(step)) return false
  const outdated = waiting.filter(({ message }) => namesIn(message).some(name => names.includes(name)))
  if (outdated.length === 0) return false
  for (const each of outdated) await withoutNames(client, each, names)
  // What has begun and ended while the channel slept is not worth a message, unless an earlier message was about it.
  return isBeginning(step) === (await isKnown(client, at, names))
}

/** Whether the last message about them that does not wait is that of a beginning, and was or will be sent. */
async function isKnown(client: pg.PoolClient, { stream, channel }: Stream, names: readonly string[]): Promise<boolean> {
  const { rows } = await client.query<{ message: AlertMessage }>(
    `select message from reprise.outbox
      where stream = $1 and channel = $2 and not (${isWaiting}) and not ${isClosedUnsent}
        and exists (select from jsonb_array_elements(coalesce(message -> 'subjects', message -> 'checks')) shown
                     where shown ->> 'name' = any($3))
      order by position desc limit 1`,
    [stream, channel, names],
  )
  return rows.some(({ message }) => isBeginning(stepOf(message)))
}

/** A message of an incident has the state of these checks, so that nothing has to be sent about their unknown one. */
export async function dropWaitingUnknown(
  client: pg.PoolClient,
  channel: string,
  environment: string,
  checks: readonly string[],
): Promise<void> {
  for (const waiting of await readWaiting(client, { stream: `unknown ${environment}`, channel })) {
    if (waiting.message.kind === 'unknown') await withoutNames(client, waiting, checks)
  }
}

/** After the rules or the checks have changed, or the clock was set back: by both as they are now. Returns whether a message waits for another time. */
export async function holdAnew(client: pg.PoolClient, rules: AlertRules): Promise<boolean> {
  const { rows } = await client.query<WaitingMessage & { channel: string; until: Date }>(
    `select id, channel, message, not_before as until from reprise.outbox
      where ${isWaiting} order by id for no key update`,
  )
  if (rows.length === 0) return false
  const now = await clock(client)
  let isChanged = false
  for (const { id, channel, message, until } of rows) {
    const held = quietFor(rules, channel, await mattersOf(client, message), now) ?? now
    if (held.getTime() === until.getTime()) continue
    await client.query('update reprise.outbox set not_before = $2 where id = $1', [id, held])
    isChanged = true
  }
  return isChanged
}

async function releaseWaiting(client: pg.ClientBase, { stream, channel }: Stream): Promise<void> {
  await client.query(
    `update reprise.outbox set not_before = clock_timestamp() where stream = $1 and channel = $2 and ${isWaiting}`,
    [stream, channel],
  )
}

/** In order. Locked, so that no delivery starts until the transaction ends. */
async function readWaiting(client: pg.PoolClient, { stream, channel }: Stream): Promise<WaitingMessage[]> {
  const { rows } = await client.query<WaitingMessage>(
    `select id, message from reprise.outbox where stream = $1 and channel = $2 and ${isWaiting}
      order by position for no key update`,
    [stream, channel],
  )
  return rows
}

async function mergeNews(
  client: pg.PoolClient,
  waiting: readonly WaitingMessage[],
  next: IncidentMessage,
): Promise<boolean> {
  if (next.kind === 'acknowledged') return false
  const [first, ...others] = waiting
  if (!first) return false
  const messages = waiting.flatMap(({ message }) => ('incident' in message && 'openedAt' in message ? [message] : []))
  const news = new Map<string, Pick<AlertedCheck, 'news' | 'wasDegraded'>>()
  for (const { checks } of [...messages, next]) {
    for (const { name, news: latest, wasDegraded } of checks) {
      const was = wasDegraded ?? news.get(name)?.wasDegraded
      if (latest !== undefined) news.set(name, { news: latest, ...(was && { wasDegraded: was }) })
    }
  }
  const checks = next.checks.map(check => ({ ...check, ...news.get(check.name) }))
  const kind = messages.reduceRight<IncidentMessage['kind']>((later, { kind }) => mergedKind(kind, later), next.kind)
  await client.query('update reprise.outbox set message = $2 where id = $1', [
    first.id,
    JSON.stringify({ ...next, kind, checks }),
  ])
  await client.query('delete from reprise.outbox where id = any($1)', [others.map(({ id }) => id)])
  return true
}

function mergedKind(earlier: IncidentMessage['kind'], later: IncidentMessage['kind']): IncidentMessage['kind'] {
  if (later === 'up') return 'up'
  if (earlier === 'down' || earlier === 'escalation' || later === 'reminder') return earlier
  return later
}

async function withoutNames(client: pg.PoolClient, { id, message }: WaitingMessage, names: readonly string[]) {
  const left = withoutThem(message, names)
  if (left) await client.query('update reprise.outbox set message = $2 where id = $1', [id, JSON.stringify(left)])
  else await client.query('delete from reprise.outbox where id = $1', [id])
}

/** Undefined if nothing is left. */
function withoutThem(message: AlertMessage, names: readonly string[]): AlertMessage | undefined {
  const isLeft = ({ name }: { name: string }) => !names.includes(name)
  if ('subjects' in message) {
    const subjects = message.subjects.filter(isLeft)
    return subjects.length > 0 ? { ...message, subjects } : undefined
  }
  if (!('checks' in message)) return message
  const checks = message.checks.filter(isLeft)
  return checks.length > 0 ? { ...message, checks } : undefined
}

const stepOf = (message: AlertMessage): string => ('phase' in message ? message.phase : message.kind)

const isBeginning = (step: string) => step === 'began' || step === 'unknown'

const isEnd = (step: string) => step === 'ended' || step === 'known'

function namesIn(message: AlertMessage): string[] {
  const named = 'subjects' in message ? message.subjects : 'checks' in message ? message.checks : []
  return named.map(({ name }) => name)
}

async function clock(client: pg.ClientBase): Promise<Date> {
  const { rows } = await client.query<{ now: Date }>('select clock_timestamp() as now')
  return rows[0]?.now ?? new Date()
}
