/** Reads the messages of the outbox for operators: what waits, what was given up, and what was delivered. */
import type pg from 'pg'
import { pauseEnd } from './channel-pauses.ts'
import { notedMessage } from './held-falls.ts'
import type { AlertMessage } from './messages.ts'
import { dueTime, isTaken, isWaiting } from './waiting-messages.ts'

interface OutboxMessage {
  id: number
  channel: string
  message: AlertMessage
  createdAt: Date
  attempts: number
}

/** A message that was not accepted. */
export interface PendingMessage extends OutboxMessage {
  /** When the first attempt failed; null if none has. */
  failingSince: Date | null
  /** Public summary of the last attempt, such as `answered 503`; null if none has failed. */
  failure: string | null
  /** The last error in detail; without secrets. */
  lastError: string | null
}

export interface WaitingMessage extends PendingMessage {
  /** An attempt is under way. */
  isTaken: boolean
  /** Of the same stream; it is sent before this one. */
  waitsFor: number | null
  /** It is not to be sent earlier. */
  notBefore: Date | null
  /** May be in the past. It also depends on `waitsFor`. */
  nextAttempt: Date
}

export interface DeadMessage extends PendingMessage {
  deadAt: Date
  /** A later message of the same stream was accepted, so that this one can only be dropped. */
  isOvertaken: boolean
}

export interface DoneMessage extends OutboxMessage {
  /** When it was accepted, or closed without being sent. */
  doneAt: Date
  /** Why it was not sent; null: it was accepted. */
  closedSince: string | null
  /** What was wrong nevertheless. */
  remark: string | null
}

export interface MessageQueue {
  at: Date
  /** Oldest first, at most `most`. */
  waiting: WaitingMessage[]
  dead: DeadMessage[]
  counts: { waiting: number; dead: number }
}

const columns = `id::integer, channel, ${notedMessage} as message, created_at as "createdAt", attempts`
const pendingColumns = `${columns}, failing_since as "failingSince", last_failure as failure, last_error as "lastError"`

export async function readMessageQueue(pool: pg.Pool, most: number): Promise<MessageQueue> {
  const [counted, waiting, dead] = await Promise.all([
    pool.query<{ at: Date; waiting: number; dead: number }>(
      `select clock_timestamp() as at, (count(*) - count(dead_at))::integer as waiting, count(dead_at)::integer as dead
         from reprise.outbox where delivered_at is null`,
    ),
    pool.query<WaitingMessage>(
      `select ${pendingColumns}, ${isTaken} as "isTaken", not_before as "notBefore",
              greatest(${dueTime}, ${pauseEnd('message.channel')}) as "nextAttempt",
              (select older.id::integer from reprise.outbox older
                where (older.stream, older.channel) = (message.stream, message.channel)
                  and older.position < message.position and ${isWaiting('older')}
                order by older.position limit 1) as "waitsFor"
         from reprise.outbox message where ${isWaiting()} order by id limit $1`,
      [most],
    ),
    pool.query<DeadMessage>(
      `select ${pendingColumns}, dead_at as "deadAt",
              exists (select from reprise.outbox later
                       where (later.stream, later.channel) = (message.stream, message.channel)
                         and later.position > message.position and later.delivered_at is not null
                         and later.last_error is null) as "isOvertaken"
         from reprise.outbox message where delivered_at is null and dead_at is not null order by id limit $1`,
      [most],
    ),
  ])
  const [{ at, ...counts } = { at: new Date(), waiting: 0, dead: 0 }] = counted.rows
  return { at, waiting: waiting.rows, dead: dead.rows, counts }
}

/** Reads what is done, newest first; `before`: what was done before the message with this id. */
export async function readDoneMessages(pool: pg.Pool, most: number, before?: number): Promise<DoneMessage[]> {
  const { rows } = await pool.query<DoneMessage>(
    `select ${columns}, delivered_at as "doneAt", last_failure as "closedSince", remark
       from reprise.outbox
      where delivered_at is not null
        and ($2::bigint is null or (delivered_at, id) < (select delivered_at, id from reprise.outbox where id = $2))
      order by delivered_at desc, id desc limit $1`,
    [most, before],
  )
  return rows
}
