/** Recognizes times that were written before the database's clock was set back. */

/** Except for slots that confirm, no time is written further ahead of the clock than this, in milliseconds. */
export const maxAheadMs = 60_000

/** Returns an SQL condition on a time; `now` is the clock's expression. */
export const isAheadOfClock = (time: string, now = 'clock_timestamp()') =>
  `${time} > ${now}::timestamptz + interval '${maxAheadMs} ms'`
