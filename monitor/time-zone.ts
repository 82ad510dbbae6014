/** Computes the wall clock time of a time zone. */

export interface TimeZone {
  /** Returns how many milliseconds the wall clock is ahead of UTC at a time. */
  offsetAt(time: number): number
}

/** Throws for a name that the system does not know. */
export function timeZone(name: string): TimeZone {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: name,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
  const known = new Map<number, number>()
  return {
    offsetAt(time) {
      // No zone changes its offset within a quarter of an hour.
      const quarter = Math.floor(time / 900_000) * 900_000
      const offset = known.get(quarter) ?? offsetOf(format, quarter)
      if (known.size > 10_000) known.clear()
      known.set(quarter, offset)
      return offset
    },
  }
}

function offsetOf(format: Intl.DateTimeFormat, time: number): number {
  const parts = Object.fromEntries(format.formatToParts(time).map(({ type, value }) => [type, Number(value)]))
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts
  return Date.UTC(year, month - 1, day, hour, minute, second) - time
}
