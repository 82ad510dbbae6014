/** Parses `--capacity`, the number of checks that an instance replays at the same time. */

/** Throws for a text that is not a whole number from 1. */
export function capacityOf(text = '1000'): number {
  const capacity = Number(text)
  if (Number.isInteger(capacity) && capacity > 0) return capacity
  throw new Error(`--capacity is ${JSON.stringify(text)}: write a whole number from 1.`)
}
