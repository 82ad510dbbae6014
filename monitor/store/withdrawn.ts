/** Takes a subject out of a message that was not sent yet. */
import type pg from 'pg'
import { isClosedUnsent } from './closed-messages.ts'
import type { SubjectMessage } from './messages.ts'

/**
 * Withdraws the beginning of a matter from the messages of a stream to a channel, so that it is not sent. Returns false if an
 * attempt to send it is under way or has failed: the receiver may have it, or will get it. The caller holds the lock of incidents.
 */
export async function withdrawBeginning(
  client: pg.PoolClient,
  stream: string,
  channel: string,
  subject: string,
): Promise<boolean> {
  const { rows } = await client.query<{ id: string; message: SubjectMessage; attempts: number }>(
    `select id, message, attempts from reprise.outbox
      where stream = $1 and channel = $2 and delivered_at is null and not ${isClosedUnsent}
        and message ->> 'phase' = 'began' and message -> 'subjects' @> jsonb_build_array(jsonb_build_object('name', $3::text))
        for no key update`,
    [stream, channel, subject],
  )
  if (rows.some(({ attempts }) => attempts > 0)) return false
  for (const { id, message } of rows) {
    const subjects = message.subjects.filter(({ name }) => name !== subject)
    if (subjects.length === 0) await client.query('delete from reprise.outbox where id = $1', [id])
    else
      await client.query('update reprise.outbox set message = $2 where id = $1', [
        id,
        JSON.stringify({ ...message, subjects }),
      ])
  }
  return true
}
