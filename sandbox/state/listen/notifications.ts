/**
 * Passes notifications between the sessions of a sandbox. The server delivers them at a COMMIT that never comes. Therefore
 * they are gathered in a parameter of the connection, which a rollback to a savepoint undoes, and read when a session
 * commits. In templates, `pg_notify` writes to the same parameter.
 */

import { Backend, frame } from '../../protocol/backend-messages.ts'
import { identifier, literal } from '../../sql/quote.ts'

export type Notification = { channel: string; payload: string }

/** Has notifications gathered from now on. */
export const keepNotifications = "SELECT pg_catalog.set_config('reprise.listening', 'on', true)"

/** The statements of the first LISTEN: earlier notifications are dropped. */
export const beginToListen = `${keepNotifications}; SELECT pg_catalog.set_config('reprise.notifications', '', false)`

/** Reads and drops what was gathered: one row, one text. */
export const takeNotifications = `SELECT 'notifications', pg_catalog.current_setting('reprise.notifications', true),
pg_catalog.set_config('reprise.notifications', '', false)`

/** NOTIFY on the server, which checks its arguments; `payload` is a constant as written. */
export const notify = (channel: string, payload: string): string => `NOTIFY ${identifier(channel)}, ${payload}`

/** The statement that gathers a notification for the listening sessions. */
export function keep(channel: string, payload: string): string {
  const entry = `pg_catalog.json_build_array(${literal(channel)}, (${payload})::text)::text || E'\\n'`
  return `SELECT pg_catalog.set_config('reprise.notifications',
coalesce(pg_catalog.current_setting('reprise.notifications', true), '') || ${entry}, false)`
}

/** Reads the result of `takeNotifications`. As in a server, equal notifications of a transaction are one. */
export function readNotifications(text: string): Notification[] {
  return [...new Set(text.split('\n'))].filter(Boolean).map(line => {
    const [channel, payload] = JSON.parse(line) as [string, string]
    return { channel, payload }
  })
}

/** Encodes a NotificationResponse. */
export function notificationResponse(processId: number, { channel, payload }: Notification): Buffer {
  const id = Buffer.alloc(4)
  id.writeInt32BE(processId)
  return frame(Backend.NotificationResponse, Buffer.concat([id, Buffer.from(`${channel}\0${payload}\0`)]))
}
