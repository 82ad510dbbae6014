/** Leaves out what a receiver has no room for, and says how much. */
import { shortened } from './shortened.ts'

/** How long a text is for a receiver. */
export type Measure = (text: string) => number

/** UTF-16 code units. */
export const unitsOf: Measure = text => text.length

/** In a string of JSON as it is sent, without the quotation marks, in bytes of UTF-8. */
export const jsonBytesOf: Measure = text => Buffer.byteLength(JSON.stringify(text)) - 2

interface Room {
  /** How many there are, if those that cannot be shown are not given; default: as many as are given. */
  total?: number
  /** Most of all texts together, with a line break between them; default: no limit. */
  most?: number | undefined
  lengthOf?: Measure
}

/** The first texts, and how many more there are; of a single one without room, the beginning. */
export function withinMost(
  texts: readonly string[],
  { total = texts.length, most, lengthOf = unitsOf }: Room,
): string[] {
  const first = (count: number) =>
    count < total ? [...texts.slice(0, count), `and ${total - count} more`] : [...texts]
  const limit = most ?? Number.POSITIVE_INFINITY
  const lengthWith = (count: number) => lengthOf(first(count).join('\n'))
  let count = texts.length
  while (count > 1 && lengthWith(count) > limit) count--
  if (lengthWith(count) <= limit) return first(count)
  const [text = '', ...more] = first(count)
  const left = limit - more.reduce((sum, line) => sum + lengthOf(`\n${line}`), 0)
  return [shortened(text, left, lengthOf), ...more]
}
