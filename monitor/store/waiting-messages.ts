/** Which messages of the outbox wait to be sent, and in which order. */

/** SQL condition on a row of the outbox: it was neither delivered, nor closed unsent, nor given up. */
export const isWaiting = (row?: string) => {
  const prefix = row === undefined ? '' : `${row}.`
  return `${prefix}delivered_at is null and ${prefix}dead_at is null`
}

/** SQL condition on a row `message`: the first of its stream and channel that waits. "Recovered" never overtakes "down". */
export const isFirst = `not exists (
  select from reprise.outbox older
   where (older.stream, older.channel) = (message.stream, message.channel)
     and older.position < message.position and ${isWaiting('older')})`

/** SQL condition: an attempt is under way. A time further ahead was written before the clock was set back. */
export const isTaken = `coalesce(taken_until between clock_timestamp() and clock_timestamp() + interval '10 minutes', false)`

/** A time further ahead than the longest pause was written before the database's clock was set back. */
const isRested = `not next_attempt between clock_timestamp() and clock_timestamp() + interval '10 minutes'`

/** SQL condition: its time has come. Unlike `next_attempt`, `not_before` may be far ahead. */
export const isDue = `(${isRested} and (not_before is null or not_before <= clock_timestamp()))`

/** SQL: when its time will have come; may be in the past. */
export const dueTime = `greatest(case when ${isRested} then clock_timestamp() else next_attempt end, not_before)`
