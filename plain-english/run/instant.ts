/** Reads dates of responses and of sentences. */

const day = 86_400_000
const iso = /^[+-]?\d{4,6}-\d\d(?:-\d\d)?(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?: ?(?:Z|[+-]\d\d:?\d\d))?)?$/i
const inWords = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)\w*,? .*\d{4}/
const dateOnly = /^\d{4}-\d\d-\d\d$/

/** Larger numbers are in milliseconds: as seconds they would be after the year 5000. */
const mostSeconds = 1e11

/**
 * In milliseconds since 1970. A date is a text of ISO 8601 or of HTTP, seconds or milliseconds since 1970, or `now`, `today`,
 * `yesterday` or `tomorrow`, which begin at midnight here. Throws an error that names the subject, for other values.
 */
export function instantOf(value: unknown, subject: string): number {
  if (typeof value === 'number') return Math.abs(value) < mostSeconds ? value * 1000 : value
  const text = typeof value === 'string' ? value.trim() : ''
  const named = namedInstant(text.toLowerCase())
  if (named !== undefined) return named
  const instant = iso.test(text) || inWords.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isFinite(instant)) return instant
  throw new Error(
    `${subject} is ${JSON.stringify(value)}, which is not a date: expected one such as 2027-03-01 or 2027-03-01T12:00:00Z.`,
  )
}

/** The days on which the instant is, in the time zone of this machine and in UTC, such as `2027-03-01`. */
export function daysOf(value: unknown, subject: string): string[] {
  if (typeof value === 'string' && dateOnly.test(value)) return [value]
  const date = new Date(instantOf(value, subject))
  const here = [date.getFullYear(), date.getMonth() + 1, date.getDate()].map(part => String(part).padStart(2, '0'))
  return [...new Set([here.join('-'), date.toISOString().slice(0, 10)])]
}

function namedInstant(word: string): number | undefined {
  if (word === 'now') return Date.now()
  const days = { yesterday: -1, today: 0, tomorrow: 1 }[word]
  if (days === undefined) return undefined
  const midnight = new Date().setHours(0, 0, 0, 0)
  // Noon of the day, since days of a change of summer time are shorter or longer.
  return days === 0 ? midnight : new Date(midnight + day / 2 + days * day).setHours(0, 0, 0, 0)
}
