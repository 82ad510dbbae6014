/** Whole numbers that JavaScript cannot keep: beyond 2^53 it rounds them. */
import { ParseError } from '../parse-error.ts'

/**
 * The number that `figure` spells. Throws a `ParseError` at `offset` for digits that would be sent and compared as
 * others, such as an id of 64 bits; figures such as 1e21 and 0.1 are taken as JavaScript has them.
 */
export function exactNumber(figure: string, offset: number): number {
  const value = Number(figure)
  if (!/^[+-]?\d+$/.test(figure) || Number.isSafeInteger(value) || String(value) === figure) return value
  const rounded = `${figure} is beyond 2^53, where JavaScript rounds whole numbers: it would be ${value}.`
  throw new ParseError(offset, `${rounded} Write it as a text in quotes, or a body that has it as a text block.`)
}
