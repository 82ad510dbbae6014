/** Notice: a message to be sent to a channel, and the page that it links to. */
import { incidentUrl } from '../incident-url.ts'
import type { AlertMessage } from '../store/messages.ts'

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
