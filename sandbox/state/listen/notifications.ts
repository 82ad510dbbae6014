/**
 * NOTIFY between the sessions of a sandbox. The server would deliver at the COMMIT that never comes; so what a transaction
 * notifies is kept in a setting of the connection, which savepoints undo like everything else, and read where a session commits.
 * In templates, `pg_notify` writes to the same setting.
 */

import { Backend, frame } from '../../protocol/backend-messages.ts'
import { identifier, literal } from '../../sql/quote.ts'

export type Notification = { channel: string; payload: string }

/** While it is on, notifications are kept. */
export const keepNotifications = "SELECT pg_catalog.set_config('reprise.listening', 'on', true)"

/** The statements of the first LISTEN: what was notified while nobody listened is forgotten. */
export const beginToListen = `${keepNotifications}; SELECT pg_catalog.set_config('reprise.notifications', '', false)`

/** Reads what was notified and forgets it: one row, one text. */
export const takeNotifications = `SELECT 'notifications', pg_catalog.current_setting('reprise.notifications', true),
pg_catalog.set_config('reprise.notifications', '', false)`

/** The server's own NOTIFY, for its checks; `payload` is a constant as written. */
export const notify = (channel: string, payload: string): string => `NOTIFY ${identifier(channel)}, ${payload}`

/** Keeps what a NOTIFY says for those who listen. */
export function keep(channel: string, payload: string): string {
  const entry = `pg_catalog.json_build_array(${literal(channel)}, (${payload})::text)::text || E'\\n'`
  return `SELECT pg_catalog.set_config('reprise.notifications',
coalesce(pg_catalog.current_setting('reprise.notifications', true), '') || ${entry}, false)`
}

/** Reads what `takeNotifications` answered. Like a server, it leaves out what one transaction says twice. */
export function readNotifications(text: string): Notification[] {
  return [...new Set(text.split('\n'))].filter(Boolean).map(line => {
    const [channel, payload] = JSON.parse(line) as [string, string]
    return { channel, payload }
  })
}

/** The message that tells a listening client. */
export function notificationResponse(processId: number, { channel, payload }: Notification): Buffer {
  const id = Buffer.alloc(4)
  id.writeInt32BE(processId)
  return frame(Backend.NotificationResponse, Buffer.concat([id, Buffer.from(`${channel}\0${payload}\0`)]))
}
