/** How many checks an instance replays at one time. */

/** Throws for a text that is no such number. */
export function capacityOf(text = '1000'): number {
  const capacity = Number(text)
  if (Number.isInteger(capacity) && capacity > 0) return capacity
  throw new Error(`--capacity is ${JSON.stringify(text)}: write a whole number from 1.`)
}
