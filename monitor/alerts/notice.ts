/** Notice: a message to be sent to a channel, and the page that it links to. */
import { createHash } from 'node:crypto'
import { incidentUrl } from '../incident-url.ts'
import {
  type AlertedCheck,
  type AlertMessage,
  type CheckMessage,
  type IncidentMessage,
  noIncident,
  type SubjectMessage,
} from '../store/messages.ts'
import { shortened } from './shortened.ts'

export interface Notice {
  message: AlertMessage | TestMessage
  /** The same in every attempt, so that the receiver can recognize a repetition. */
  idempotencyKey: string
  /** URL of the status page, for a link. */
  statusPage?: string | undefined
}

/** The URL of the page of its incident; also of another message, if all that it is about is in one incident. */
export function incidentPage({ message, statusPage }: Pick<Notice, 'message' | 'statusPage'>): string | undefined {
  if (statusPage === undefined) return undefined
  const incidents = new Set(incidentsOf(message))
  const [incident] = incidents
  return incidents.size === 1 && incident !== undefined && incident !== noIncident
    ? incidentUrl(statusPage, incident)
    : undefined
}

function incidentsOf(message: Notice['message']): (number | undefined)[] {
  if ('incident' in message) return [message.incident]
  const about = 'checks' in message ? message.checks : 'subjects' in message ? message.subjects : []
  return about.map(({ incident }) => incident)
}

/** What a message links to: the page of its incident, or else the status page; empty without its URL. */
export function linkOf(notice: Pick<Notice, 'message' | 'statusPage'>): string[] {
  return [incidentPage(notice) ?? notice.statusPage].flatMap(link => link ?? [])
}

/** Tests whether a channel works. */
export interface TestMessage {
  kind: 'test'
  /** ISO string. */
  at: string
}

/** Whether something is wrong now, for receivers that show that by a colour, a priority or an open alert. */
export type Urgency = 'failing' | 'doubtful' | 'recovered' | 'information'

export function urgencyOf({ message }: Pick<Notice, 'message'>): Urgency {
  switch (message.kind) {
    case 'test':
    case 'digest':
      return 'information'
    case 'degraded':
    case 'leak':
    case 'certificate':
    case 'trouble':
      if (message.phase === 'ended') return 'recovered'
      if (message.severity === 'info') return 'information'
      return message.severity === 'critical' ? 'failing' : 'doubtful'
    case 'up':
    case 'known':
      return 'recovered'
    case 'unknown':
    case 'flapping':
    case 'acknowledged':
      return 'doubtful'
    // Some checks are up again, or not monitored any more; those that are still down were reported.
    case 'update':
      return areCritical(fallenIn(message)) ? 'failing' : 'doubtful'
    case 'down':
    case 'reminder':
    case 'escalation':
      return areCritical(message.checks.filter(({ state }) => state !== 'up')) ? 'failing' : 'doubtful'
  }
}

/** Whether one of them is; by default each. */
const areCritical = (checks: readonly AlertedCheck[]) => checks.some(({ severity }) => severity !== 'warning')

/** The checks whose fall is news. */
export const fallenIn = (message: CheckMessage) => newsOf(message).filter(({ news }) => news === 'fell')

/** Whether it is about something that does not last: no later message ends it. */
export function isTransient({ message }: Pick<Notice, 'message'>): boolean {
  return message.kind === 'digest' || ('subjects' in message && message.phase === 'happened')
}

/** With the news of more checks at once, they have one alert together: each alert is a request, and a page. */
const mostAlerts = 20

export interface Alert {
  /** The same in all messages about the same matter, and different in other monitors. */
  key: string
  /** The names of the checks, or of what else it is about. */
  names: readonly string[]
}

/**
 * The alerts that a notice opens, continues or ends: that of its incident, or one for each check whose state is unknown or
 * known again.
 */
export function alertsOf(notice: Notice): Alert[] {
  const { message } = notice
  if (message.kind === 'test') return [{ key: `reprise-test-${message.at}`, names: [] }]
  if (message.kind === 'digest') return [{ key: ownKey(notice, 'digest', message.at), names: [] }]
  if ('incident' in message) return [{ key: incidentKey(message), names: namesOf(message.checks) }]
  if ('subjects' in message) return subjectAlerts(notice, message)
  const news = newsOf(message)
  if (message.kind === 'known') return unknownAlerts(notice, news)
  return news.length > mostAlerts ? [commonAlert(notice, news)] : news.map(check => unknownAlert(notice, check))
}

function incidentKey({ environment, incident, openedAt }: IncidentMessage): string {
  // A sample: `up` ends the alert that `down` has opened at another time.
  if (incident === noIncident) return `reprise-${environment}-sample`
  // The number of an incident occurs in other monitors as well.
  return `reprise-${environment}-${incident}-${new Date(openedAt).toISOString()}`
}

function subjectAlerts(notice: Notice, { kind, environment, phase, at, subjects }: SubjectMessage): Alert[] {
  const key = ownKey(notice, kind, environment)
  // Of its own: closing it must not end the alert of something that lasts.
  const once = phase === 'happened' ? `-${new Date(at).toISOString()}` : ''
  const own = subjects.map(({ name }) => ({ key: `${key}-${name}${once}`, names: [name] }))
  const common = { key: `${key}${once}`, names: namesOf(subjects) }
  if (phase === 'ended') return [...own, common]
  return subjects.length > mostAlerts ? [common] : own
}

/**
 * The alerts of unknown and degraded checks that a message of an incident ends besides, because it has their state; they may
 * not exist. When many fall together, that of each check is left until it recovers, so that the receiver is not flooded.
 */
export function endedAlertsOf(notice: Notice): Alert[] {
  const { message } = notice
  if (!('incident' in message)) return []
  const news = newsOf(message).filter(({ news }) => news !== 'flapping')
  const fallen = news.filter(({ news }) => news === 'fell')
  const own = fallen.length > mostAlerts ? news.filter(({ news }) => news !== 'fell') : news
  const degraded = ownKey(notice, 'degraded', message.environment)
  const were = news.filter(({ wasDegraded }) => wasDegraded)
  return [
    ...unknownAlerts(notice, news, own),
    ...were.map(({ name }) => ({ key: `${degraded}-${name}`, names: [name] })),
    ...(were.length > 0 ? [{ key: degraded, names: namesOf(were) }] : []),
  ]
}

/** Of a key that is too long for a receiver, the end is replaced by a hash, so that others stay different. */
export function keyWithin(most: number, key: string): string {
  if (key.length <= most) return key
  const hash = createHash('sha256').update(key).digest('hex').slice(0, 16)
  return `${shortened(key, most - hash.length - 1)}-${hash}`
}

const namesOf = (named: readonly { name: string }[]) => named.map(({ name }) => name)

const newsOf = ({ checks }: CheckMessage) => checks.filter(({ news }) => news !== undefined)

/** The alerts that checks may have had as unknown, each its own, or all together. */
function unknownAlerts(notice: Notice, news: readonly AlertedCheck[], own = news): Alert[] {
  if (news.length === 0) return []
  return [...own.map(check => unknownAlert(notice, check)), commonAlert(notice, news)]
}

const unknownAlert = (notice: Notice, { name }: AlertedCheck): Alert => ({
  key: `${unknownKey(notice)}-${name}`,
  names: [name],
})

const commonAlert = (notice: Notice, checks: readonly AlertedCheck[]): Alert => ({
  key: unknownKey(notice),
  names: namesOf(checks),
})

const unknownKey = (notice: Notice) =>
  ownKey(notice, 'unknown', 'environment' in notice.message ? notice.message.environment : undefined)

/** With something of this monitor, which the message lacks: others may send to the same account. */
function ownKey({ statusPage = '' }: Notice, kind: string, environment: string | undefined): string {
  const monitor = createHash('sha256').update(statusPage).digest('hex').slice(0, 12)
  return ['reprise', kind, monitor, environment ?? []].flat().join('-')
}
