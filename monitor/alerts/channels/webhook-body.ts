/** The message as JSON, for webhooks and commands. */
import { incidentPage, type Notice } from '../notice.ts'

/** The same in every attempt. */
export function webhookBody({ message, idempotencyKey, statusPage }: Notice): string {
  const page = incidentPage({ message, statusPage })
  const links = { ...(statusPage && { statusPage }), ...(page && { incidentPage: page }) }
  return JSON.stringify({ version: 1, idempotencyKey, ...message, ...links })
}
