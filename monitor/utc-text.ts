/** A time as people read it: always in UTC, and saying so. */

/** `2030-03-01 14:05:09 UTC` */
export function utcText(time: Date): string {
  return `${time.toISOString().slice(0, 19).replace('T', ' ')} UTC`
}
