/** Formats a time for people, always in UTC. */

/** `2030-03-01 14:05:09 UTC` */
export function utcText(time: Date): string {
  return `${time.toISOString().slice(0, 19).replace('T', ' ')} UTC`
}
