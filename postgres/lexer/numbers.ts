// Finds the end of a numeric constant.

import { classOf, DIGIT, DOT, MINUS, PLUS, UNDERSCORE } from './characters.ts'

/** The end of the number that begins at `start` with a digit, or with a dot and a digit. */
export function numberEnd(sql: string, start: number): number {
  if (sql.charCodeAt(start) === 48) {
    const end = prefixedEnd(sql, start)
    if (end > 0) return end
  }
  let end = sql.charCodeAt(start) === DOT ? start : digitsEnd(sql, start)
  // 1..2 is a range of two integers, for PL/pgSQL.
  if (sql.charCodeAt(end) === DOT && !(end > start && sql.charCodeAt(end + 1) === DOT)) {
    end += 1
    if (isDigit(sql, end)) end = digitsEnd(sql, end)
  }
  return exponentEnd(sql, end)
}

/** The end of 0x1F, 0o17 or 0b11, or 0 if there is none. */
function prefixedEnd(sql: string, start: number): number {
  const isPart = RADIX[sql.charAt(start + 1)]
  if (!isPart) return 0
  let end = start + 2
  for (;;) {
    const digit = sql.charCodeAt(end) === UNDERSCORE ? end + 1 : end
    if (!isPart(sql.charCodeAt(digit))) return end > start + 2 ? end : 0
    end = digit + 1
  }
}

function digitsEnd(sql: string, from: number): number {
  let end = from
  for (;;) {
    const digit = sql.charCodeAt(end) === UNDERSCORE && end > from ? end + 1 : end
    if (!isDigit(sql, digit)) return end
    end = digit + 1
  }
}

function exponentEnd(sql: string, end: number): number {
  if ((sql.charCodeAt(end) | 32) !== 101) return end
  const sign = sql.charCodeAt(end + 1)
  const digits = sign === PLUS || sign === MINUS ? end + 2 : end + 1
  return isDigit(sql, digits) ? digitsEnd(sql, digits) : end
}

function isDigit(sql: string, at: number): boolean {
  return (classOf(sql.charCodeAt(at)) & DIGIT) !== 0
}

const isHexadecimal = (code: number) => (code >= 48 && code <= 57) || ((code | 32) >= 97 && (code | 32) <= 102)
const isOctal = (code: number) => code >= 48 && code <= 55
const isBinary = (code: number) => code === 48 || code === 49

const RADIX: Readonly<Record<string, ((code: number) => boolean) | undefined>> = {
  x: isHexadecimal,
  X: isHexadecimal,
  o: isOctal,
  O: isOctal,
  b: isBinary,
  B: isBinary,
}
