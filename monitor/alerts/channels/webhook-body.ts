/** The message as JSON, for webhooks and commands. */
import type { FailureEvidence } from '../../store/messages.ts'
import { reportPage } from '../links.ts'
import { incidentPage, type Notice } from '../notice.ts'

/** The same in every attempt. */
export function webhookBody({ message, idempotencyKey, statusPage }: Notice): string {
  const page = incidentPage({ message, statusPage })
  const links = { ...(statusPage && { statusPage }), ...(page && { incidentPage: page }) }
  return JSON.stringify({ version: 1, idempotencyKey, ...message, ...withReports({ message, statusPage }), ...links })
}

function withReports({ message, statusPage }: Pick<Notice, 'message' | 'statusPage'>) {
  const withReport = <T extends FailureEvidence>(about: T) => {
    const report = reportPage(about, statusPage)
    return { ...about, ...(report !== undefined && { reportPage: report }) }
  }
  if ('checks' in message) return { checks: message.checks.map(withReport) }
  return 'subjects' in message ? { subjects: message.subjects.map(withReport) } : {}
}
