/** The message as JSON, for webhooks and commands. */
import { reportPage } from '../links.ts'
import { incidentPage, type Notice } from '../notice.ts'

/** The same in every attempt. */
export function webhookBody({ message, idempotencyKey, statusPage }: Notice): string {
  const page = incidentPage({ message, statusPage })
  const links = { ...(statusPage && { statusPage }), ...(page && { incidentPage: page }) }
  return JSON.stringify({ version: 1, idempotencyKey, ...message, ...checksOf({ message, statusPage }), ...links })
}

function checksOf({ message, statusPage }: Pick<Notice, 'message' | 'statusPage'>) {
  if (!('checks' in message)) return {}
  const checks = message.checks.map(check => {
    const report = reportPage(check, statusPage)
    return { ...check, ...(report !== undefined && { reportPage: report }) }
  })
  return { checks }
}
