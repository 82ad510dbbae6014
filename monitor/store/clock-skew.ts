/** Tells times that were written before the database's clock was set back. */

/** In milliseconds: so far ahead of the clock nothing is written, but for slots that are to confirm. */
export const maxAheadMs = 60_000

/** In SQL, of a time; `now` is that of the clock. */
export const isAheadOfClock = (time: string, now = 'clock_timestamp()') =>
  `${time} > ${now}::timestamptz + interval '${maxAheadMs} ms'`
