/** Rounds down for people: a share that is not reached is never shown as reached. */

/**
 * Returns the value with so many decimal places. The error of binary fractions does not count: 0.57 * 100 is a little less
 * than 57, and is 57.
 */
export function roundedDown(value: number, digits: number): number {
  const scale = 10 ** digits
  return Math.floor(Number((value * scale).toPrecision(13))) / scale
}
