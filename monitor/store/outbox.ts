/** Delivers the messages of the outbox at least once each, those of one stream to one channel in order. */
import type pg from 'pg'
import { type AcceptedRecipients, StoredRecipients } from './accepted-recipients.ts'
import { isNotPaused, pauseChannel, pauseEnd } from './channel-pauses.ts'
import { isHopeless } from './dead-letters.ts'
import { DeliveryFailure, failureOf } from './delivery-failure.ts'
import { completeMessages } from './held-falls.ts'
import { lockIncidents } from './incidents.ts'
import type { AlertMessage } from './messages.ts'
import { storableText } from './storable.ts'
import { inTransaction } from './transaction.ts'
import { dueTime, isDue, isFirst, isWaiting } from './waiting-messages.ts'

export interface Delivery {
  channel: string
  message: AlertMessage
  /** The same in every attempt, so that the receiver can recognize a repetition. */
  idempotencyKey: string
  /** From 1. */
  attempt: number
  /** Aborts when the attempt has timed out; the message is then sent again. */
  signal: AbortSignal
  /** Recipients of the channel that have accepted the message, in whichever attempt of whichever instance. */
  accepted: AcceptedRecipients
  /** Stores what is wrong although the message is accepted; without secrets. */
  remark(text: string): void
}

/**
 * Resolves when the receiver has accepted the message. What it throws is stored as the reason, and the message is sent
 * again.
 */
export type Send = (delivery: Delivery) => Promise<void>

export interface DeliveryTimes {
  /** Timeout of one attempt. */
  attemptMs: number
  /** Pause after the first failed attempt; doubled after each further one. */
  firstPauseMs: number
  longestPauseMs: number
}

const deliveryTimes: DeliveryTimes = { attemptMs: 10_000, firstPauseMs: 2_000, longestPauseMs: 300_000 }

/** Sends the first due message of a channel. Returns false if none is due. Throws only the database's errors. */
export async function deliverNext(pool: pg.Pool, channel: string, send: Send, times = deliveryTimes): Promise<boolean> {
  await completeDue(pool, channel)
  const taken = await take(pool, channel, times)
  if (!taken) return false
  const { id, accepted: digests, ...message } = taken
  const accepted = new StoredRecipients(pool, { id, idempotencyKey: message.idempotencyKey, accepted: digests })
  let remark: string | undefined
  const delivery: Delivery = {
    ...{ ...message, accepted, signal: AbortSignal.timeout(times.attemptMs) },
    remark: text => {
      remark = storableText(text)
    },
  }
  try {
    await sendInTime(delivery, send)
  } catch (error) {
    await recordFailure(pool, { id, delivery }, failureOf(error), times)
    return true
  }
  await pool.query(
    `with notified as (select pg_notify('reprise', 'messages'), pg_notify('reprise', 'changes'))
     update reprise.outbox
        set delivered_at = clock_timestamp(), last_error = null, last_failure = null, dead_at = null, taken_until = null,
            remark = $2
       from notified where id = $1`,
    [id, remark],
  )
  return true
}

/** Returns in how many milliseconds the next message of a channel is due; undefined if none is waiting. */
export async function nextDeliveryInMs(pool: pg.Pool, channel: string): Promise<number | undefined> {
  const { rows } = await pool.query<{ wait: number | null }>(
    `select (extract(epoch from greatest(min(${dueTime}), ${pauseEnd('$1')}) - clock_timestamp()) * 1000)::float as wait
       from reprise.outbox message where channel = $1 and ${isWaiting()} and ${isFirst} having count(*) > 0`,
    [channel],
  )
  const wait = rows[0]?.wait ?? undefined
  return wait === undefined ? undefined : Math.max(0, wait)
}

/** SQL condition on a row `message`: it can be sent, but for the falls that are still to be written into it. $1: the channel. */
const isIncomplete = `
  channel = $1 and fallen <> '{}' and ${isWaiting()} and ${isDue} and ${isFirst} and ${isNotPaused('$1')}`

/** A message that has waited for its batch for long enough gets the falls until now. */
async function completeDue(pool: pg.Pool, channel: string): Promise<void> {
  const { rowCount } = await pool.query(`select from reprise.outbox message where ${isIncomplete} limit 1`, [channel])
  if (rowCount === 0) return
  await inTransaction(pool, async client => {
    await lockIncidents(client)
    const completed = await completeMessages(client, isIncomplete, [channel])
    // Further falls of the batch would keep them from being sent again.
    await client.query('update reprise.outbox set held_for = null where id = any($1)', [completed])
  })
}

/** Reserves a message until its attempt must have ended. A lock alone would be lost with the connection. */
async function take(pool: pg.Pool, channel: string, { attemptMs }: DeliveryTimes) {
  const { rows } = await pool.query<
    Pick<Delivery, 'channel' | 'message' | 'idempotencyKey' | 'attempt'> & { id: string; accepted: string[] }
  >(
    `update reprise.outbox
        set attempts = attempts + 1, next_attempt = clock_timestamp() + $1 * interval '1 ms',
            taken_until = clock_timestamp() + $1 * interval '1 ms'
      where id = (select id from reprise.outbox message
                   where channel = $2 and ${isWaiting()} and ${isDue} and ${isFirst} and ${isNotPaused('$2')} and fallen = '{}'
                   order by next_attempt, id limit 1 for update skip locked)
      returning id, channel, message, idempotency_key as "idempotencyKey", attempts as attempt, accepted`,
    [2 * attemptMs, channel],
  )
  return rows[0]
}

interface Failed {
  id: string
  delivery: Delivery
}

/** Plans the next attempt, or gives the message up. A receiver that asks for a pause gets one of its whole channel. */
async function recordFailure(
  pool: pg.Pool,
  { id, delivery: { channel, attempt, accepted } }: Failed,
  failure: DeliveryFailure,
  { firstPauseMs, longestPauseMs }: DeliveryTimes,
): Promise<void> {
  const pause = Math.min(longestPauseMs, firstPauseMs * 2 ** Math.min(attempt - 1, 30))
  const { retryAfterMs, isPermanent, summary, message } = failure
  if (retryAfterMs !== undefined) await pauseChannel(pool, channel, Math.max(pause, retryAfterMs), summary)
  await pool.query(
    `with failed as (
       update reprise.outbox
          set last_error = $2, last_failure = $3, taken_until = null, accepted = $6,
              next_attempt = clock_timestamp() + $4 * interval '1 ms',
              failing_since = least(failing_since, clock_timestamp()),
              refused_since = case when $7 then least(refused_since, clock_timestamp()) else refused_since end
        where id = $1 and delivered_at is null and attempts = $5
       returning id
     )
     select pg_notify('reprise', 'changes') from failed`,
    [id, storableText(message), storableText(summary), pause, attempt, JSON.stringify(accepted), isPermanent],
  )
  await pool.query(
    `update reprise.outbox message set dead_at = clock_timestamp()
      where id = $1 and attempts = $2 and ${isWaiting()} and ${isHopeless('$3::boolean')}`,
    [id, attempt, isPermanent],
  )
}

/** Also times out if `send` ignores the signal. */
async function sendInTime(delivery: Delivery, send: Send): Promise<void> {
  const { signal } = delivery
  let tooLate: (() => void) | undefined
  const late = new Promise<never>((_, reject) => {
    tooLate = () => reject(new DeliveryFailure('the receiver did not answer in time', 'no answer in time'))
    signal.addEventListener('abort', tooLate)
  })
  try {
    await Promise.race([send(delivery), late])
  } finally {
    if (tooLate) signal.removeEventListener('abort', tooLate)
  }
}
