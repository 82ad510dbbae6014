/** Notice: a message to be sent to a channel, and the page that it links to. */
import { incidentUrl } from '../incident-url.ts'
import type { AlertedCheck, AlertMessage } from '../store/messages.ts'

export interface Notice {
  message: AlertMessage | TestMessage
  /** The same in every attempt, so that the receiver can recognize a repetition. */
  idempotencyKey: string
  /** URL of the status page, for a link. */
  statusPage?: string | undefined
}

/** The URL of the page of its incident; also of a message about a check alone, if all of its checks are in one incident. */
export function incidentPage({ message, statusPage }: Pick<Notice, 'message' | 'statusPage'>): string | undefined {
  if (statusPage === undefined || message.kind === 'test') return undefined
  const incidents = new Set('incident' in message ? [message.incident] : message.checks.map(({ incident }) => incident))
  const [incident] = incidents
  return incidents.size === 1 && incident !== undefined ? incidentUrl(statusPage, incident) : undefined
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
export type Urgency = 'failing' | 'doubtful' | 'recovered' | 'test'

export function urgencyOf({ message }: Notice): Urgency {
  switch (message.kind) {
    case 'test':
      return 'test'
    case 'up':
    case 'known':
      return 'recovered'
    case 'unknown':
    case 'flapping':
      return 'doubtful'
    default:
      return 'failing'
  }
}

/**
 * The keys of the alerts that a notice opens, continues or ends, one for each incident, and one for each check whose state is
 * unknown or known again. The same in all messages about the same matter, and different in other monitors.
 */
export function alertKeys({ message }: Notice): { key: string; checks: readonly AlertedCheck[] }[] {
  if (message.kind === 'test') return [{ key: `reprise-test-${message.at}`, checks: [] }]
  const { environment, checks } = message
  if (!('incident' in message)) {
    const news = checks.filter(check => check.news !== undefined)
    return news.map(check => ({ key: `reprise-unknown-${environment}-${check.name}`, checks: [check] }))
  }
  // The number of an incident occurs in other monitors as well.
  return [{ key: `reprise-${environment}-${message.incident}-${message.openedAt}`, checks }]
}
