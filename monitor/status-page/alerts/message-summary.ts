/** Summarizes a message of the outbox for operators: its kind, and what it is about. */
import type { AlertMessage } from '../../store/messages.ts'

export interface MessageSummary {
  /** Such as `down`. */
  kind: string
  incident: number | undefined
  /** Names of checks or other subjects, and their environment; may be empty. */
  about: string
}

const kindWords: Record<AlertMessage['kind'], string> = {
  down: 'Down',
  update: 'Update',
  flapping: 'Flapping',
  acknowledged: 'Acknowledged',
  reminder: 'Reminder',
  escalation: 'Escalation',
  up: 'Up again',
  unknown: 'Unknown',
  known: 'Known again',
  degraded: 'Degraded',
  leak: 'Leak',
  certificate: 'Certificate',
  trouble: 'Trouble of the monitor',
  digest: 'Digest',
}

const mostNames = 5

export function summaryOf(message: AlertMessage): MessageSummary {
  const names = 'checks' in message ? newsOf(message) : 'subjects' in message ? message.subjects : []
  const shown = names.slice(0, mostNames).map(({ name }) => name)
  const more = names.length > mostNames ? [`${names.length - mostNames} more`] : []
  const environment = 'environment' in message ? message.environment : undefined
  const listed = [...shown, ...more].join(', ')
  return {
    kind: `${kindWords[message.kind] ?? message.kind}${'phase' in message && message.phase === 'ended' ? ', ended' : ''}`,
    incident: 'incident' in message ? message.incident : undefined,
    about: environment === undefined ? listed : [listed, `in ${environment}`].filter(Boolean).join(' '),
  }
}

/** The checks with news; all if it has none, such as a reminder. */
function newsOf({ checks }: Extract<AlertMessage, { checks: unknown }>) {
  const news = checks.filter(({ news }) => news !== undefined)
  return news.length > 0 ? news : checks
}
