/** Retries and drops messages of the outbox, for operators. */
import type pg from 'pg'
import { ActionRefusal } from './action-refusal.ts'
import { writeAction } from './actions.ts'
import { reportChange } from './changes.ts'
import { endPause } from './channel-pauses.ts'
import { lockIncidents } from './incidents.ts'
import { inTransaction } from './transaction.ts'
import { isTaken } from './waiting-messages.ts'
import { wakeForMessages } from './wake.ts'

/** Stored with a message that an operator has dropped, as the reason. */
const dropped = 'dropped by an operator'

/**
 * Sends a message now: one that waits, or was given up. Ends the pause of its channel. Throws an `ActionRefusal` if it was
 * delivered, is being sent, or would not arrive in order.
 */
export async function retryMessage(pool: pg.Pool, id: number, operator: string): Promise<void> {
  await inTransaction(pool, async client => {
    const { channel, stream } = await lockStream(client, id)
    const at = stream.findIndex(message => message.id === id)
    const [message, later] = [stream[at], stream.slice(at + 1)]
    refuseTaken(id, message)
    const first = stream.slice(0, at).find(({ state }) => state === 'waits')
    if (first) {
      throw new ActionRefusal('conflict', `Message ${id} waits for message ${first.id} of the same stream.`)
    }
    if (later.some(({ state }) => state === 'delivered')) {
      throw new ActionRefusal(
        'conflict',
        `A later message than ${id} was accepted, so this one would arrive out of order: drop it.`,
      )
    }
    if (later.some(({ isTaken }) => isTaken)) {
      throw new ActionRefusal('conflict', `A later message than ${id} is being sent: try again in half a minute.`)
    }
    await client.query(
      `update reprise.outbox set dead_at = null, failing_since = null, refused_since = null, not_before = null,
              next_attempt = clock_timestamp()
        where id = $1`,
      [id],
    )
    // A delivery that began before this is committed would not see that they have to wait again.
    await client.query(
      `update reprise.outbox set next_attempt = clock_timestamp() + interval '1 s'
        where id = any($1) and delivered_at is null`,
      [later.map(({ id }) => id)],
    )
    await endPause(client, channel)
    await note(client, { operator, kind: 'retry', id })
  })
}

/**
 * Closes a message unsent, so that the later ones of its stream are sent. Its channel still receives the end of what it was
 * about. Throws an `ActionRefusal` if it was delivered, or is being sent.
 */
export async function dropMessage(pool: pg.Pool, id: number, operator: string): Promise<void> {
  await inTransaction(pool, async client => {
    const { stream } = await lockStream(client, id)
    refuseTaken(
      id,
      stream.find(message => message.id === id),
    )
    await client.query(
      `update reprise.outbox set delivered_at = clock_timestamp(), last_error = $2, last_failure = $2, remark = last_error
        where id = $1`,
      [id, dropped],
    )
    await note(client, { operator, kind: 'drop', id })
  })
}

interface LockedMessage {
  id: number
  state: 'waits' | 'dead' | 'delivered' | 'closed'
  isTaken: boolean
}

/** Locks the messages of the same stream and channel, and returns them in their order. */
async function lockStream(client: pg.PoolClient, id: number) {
  // Transactions that change messages always lock in this order, so that they do not deadlock.
  await lockIncidents(client)
  const { rows: stream } = await client.query<LockedMessage & { channel: string }>(
    `select id::integer, channel, ${isTaken} as "isTaken",
            case when delivered_at is not null then case when last_error is null then 'delivered' else 'closed' end
                 when dead_at is not null then 'dead' else 'waits' end as state
       from reprise.outbox
      where (stream, channel) = (select stream, channel from reprise.outbox where id = $1)
      order by position for no key update`,
    [id],
  )
  const message = stream.find(message => message.id === id)
  if (!message) throw new ActionRefusal('unknown', `There is no message ${id}.`)
  if (message.state === 'delivered') throw new ActionRefusal('conflict', `Message ${id} was delivered.`)
  if (message.state === 'closed') throw new ActionRefusal('conflict', `Message ${id} was closed already.`)
  return { channel: message.channel, stream }
}

function refuseTaken(id: number, message: LockedMessage | undefined): void {
  if (message?.isTaken) {
    throw new ActionRefusal('conflict', `Message ${id} is being sent: try again in half a minute.`)
  }
}

async function note(
  client: pg.PoolClient,
  { id, ...action }: { operator: string; kind: 'retry' | 'drop'; id: number },
) {
  await writeAction(client, { ...action, subjectKind: 'message', subject: String(id) })
  await wakeForMessages(client)
  await reportChange(client, 'anything')
}
