/** Delivers the messages of the outbox at least once each, those of one stream to one channel in order. */
import type pg from 'pg'
import { DeliveryFailure, failureOf, waitOf } from './delivery-failure.ts'
import type { AlertMessage } from './messages.ts'

export interface Delivery {
  channel: string
  message: AlertMessage
  /** The same in every attempt, so that the receiver can recognize a repetition. */
  idempotencyKey: string
  /** From 1. */
  attempt: number
  /** Aborts when the attempt has timed out; the message is then sent again. */
  signal: AbortSignal
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
  const message = await take(pool, channel, times)
  if (!message) return false
  const { id, ...delivery } = message
  try {
    await sendInTime({ ...delivery, signal: AbortSignal.timeout(times.attemptMs) }, send)
  } catch (error) {
    const backoff = Math.min(times.longestPauseMs, times.firstPauseMs * 2 ** Math.min(delivery.attempt - 1, 30))
    const pause = Math.max(backoff, Math.min(waitOf(error), longestWaitMs))
    await pool.query(
      `update reprise.outbox
          set last_error = $2, last_failure = $5, next_attempt = clock_timestamp() + $3 * interval '1 ms'
        where id = $1 and delivered_at is null and attempts = $4`,
      [id, (error as Error).message, pause, delivery.attempt, failureOf(error)],
    )
    return true
  }
  await pool.query(
    `with notified as (select pg_notify('reprise', 'messages'))
     update reprise.outbox set delivered_at = clock_timestamp(), last_error = null, last_failure = null
       from notified where id = $1`,
    [id],
  )
  return true
}

/** Returns in how many milliseconds the next message of a channel is due; undefined if none is waiting. */
export async function nextDeliveryInMs(pool: pg.Pool, channel: string): Promise<number | undefined> {
  const { rows } = await pool.query<{ wait: number | null }>(
    `select (extract(epoch from min(case when ${isDue} then clock_timestamp() else next_attempt end) - clock_timestamp()) * 1000)::float as wait
       from reprise.outbox message where channel = $1 and delivered_at is null and ${isFirst}`,
    [channel],
  )
  const wait = rows[0]?.wait ?? undefined
  return wait === undefined ? undefined : Math.max(0, wait)
}

/** A receiver may ask for a longer pause, up to this one: a longer one could not be told from a clock that was set back. */
const longestWaitMs = 540_000

/** A time further ahead than the longest pause was written before the database's clock was set back. */
const isDue = `not next_attempt between clock_timestamp() and clock_timestamp() + interval '10 minutes'`

/** The first undelivered message of its stream and channel: "recovered" never overtakes "down". */
const isFirst = `not exists (
  select from reprise.outbox older
   where (older.stream, older.channel) = (message.stream, message.channel)
     and older.position < message.position and older.delivered_at is null)`

/** Reserves a message until its attempt must have ended. A lock alone would be lost with the connection. */
async function take(pool: pg.Pool, channel: string, { attemptMs }: DeliveryTimes) {
  const { rows } = await pool.query<Omit<Delivery, 'signal'> & { id: string }>(
    `update reprise.outbox set attempts = attempts + 1, next_attempt = clock_timestamp() + $1 * interval '1 ms'
      where id = (select id from reprise.outbox message
                   where channel = $2 and delivered_at is null and ${isDue} and ${isFirst}
                   order by next_attempt, id limit 1 for update skip locked)
      returning id, channel, message, idempotency_key as "idempotencyKey", attempts as attempt`,
    [2 * attemptMs, channel],
  )
  return rows[0]
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
