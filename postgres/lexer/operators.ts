// Finds the end of an operator.

import { classOf, MINUS, OPERATOR, PLUS, SLASH, STAR } from './characters.ts'

/** The end of the run of operator characters from `start`; a comment ends it as well. */
export function operatorRunEnd(sql: string, start: number): number {
  let end = start + 1
  while (classOf(sql.charCodeAt(end)) & OPERATOR && !opensComment(sql, end)) end += 1
  return end
}

/** The end of the first operator of a run: `a=-1` are two, but `a?-1` is one. */
export function operatorEnd(sql: string, start: number, runEnd: number): number {
  let end = runEnd
  while (end > start + 1 && isSign(sql.charCodeAt(end - 1))) end -= 1
  if (end === runEnd) return end
  for (let at = start; at < runEnd; at += 1) if (NOT_STANDARD.includes(sql.charAt(at))) return runEnd
  return end
}

/** Whether `--` or a slash and a star stand here. */
export function opensComment(sql: string, at: number): boolean {
  const code = sql.charCodeAt(at)
  if (code === MINUS) return sql.charCodeAt(at + 1) === MINUS
  return code === SLASH && sql.charCodeAt(at + 1) === STAR
}

function isSign(code: number): boolean {
  return code === PLUS || code === MINUS
}

// Only an operator that has one of these may end in a sign: standard SQL has no such operator, so nothing is lost.
const NOT_STANDARD = '~!@#^&|`?%'
