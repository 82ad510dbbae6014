// Finds the end of quoted constructs and comments; each function returns -1 for one that is not terminated.

import {
  BACKSLASH,
  CARRIAGE_RETURN,
  classOf,
  DOLLAR,
  DOUBLE_QUOTE,
  IDENTIFIER_PART,
  IDENTIFIER_START,
  MINUS,
  NEWLINE,
  QUOTE,
  SLASH,
  SPACE,
  STAR,
} from './characters.ts'

/** The end of a string in which '' is a quote; `from` is behind its opening quote. */
export function stringEnd(sql: string, from: number): number {
  let at = sql.indexOf("'", from)
  while (at >= 0) {
    if (sql.charCodeAt(at + 1) === QUOTE) at = sql.indexOf("'", at + 2)
    else {
      const reopened = continuation(sql, at + 1)
      if (reopened < 0) return at + 1
      at = sql.indexOf("'", reopened)
    }
  }
  return -1
}

/** The end of a string in which, further, a backslash escapes. */
export function escapeStringEnd(sql: string, from: number): number {
  for (let at = from; at < sql.length; ) {
    const code = sql.charCodeAt(at)
    if (code === BACKSLASH) at += 2
    else if (code !== QUOTE) at += 1
    else if (sql.charCodeAt(at + 1) === QUOTE) at += 2
    else {
      const reopened = continuation(sql, at + 1)
      if (reopened < 0) return at + 1
      at = reopened
    }
  }
  return -1
}

/** The end of a bit string, in which '' is no quote: the second one begins another string. */
export function bitStringEnd(sql: string, from: number): number {
  let at = sql.indexOf("'", from)
  while (at >= 0) {
    const reopened = continuation(sql, at + 1)
    if (reopened < 0) return at + 1
    at = sql.indexOf("'", reopened)
  }
  return -1
}

/** The end of a quoted identifier, in which "" is a quote. */
export function quotedIdentifierEnd(sql: string, from: number): number {
  let at = sql.indexOf('"', from)
  while (at >= 0 && sql.charCodeAt(at + 1) === DOUBLE_QUOTE) at = sql.indexOf('"', at + 2)
  return at < 0 ? -1 : at + 1
}

/** The end of the delimiter `$tag$` that begins at `from`, or -1 if none does. */
export function dollarDelimiterEnd(sql: string, from: number): number {
  let at = from + 1
  if (classOf(sql.charCodeAt(at)) & IDENTIFIER_START) {
    at += 1
    while (sql.charCodeAt(at) !== DOLLAR && classOf(sql.charCodeAt(at)) & IDENTIFIER_PART) at += 1
  }
  return sql.charCodeAt(at) === DOLLAR ? at + 1 : -1
}

/** The end of the text between two delimiters `$tag$`, the first of which lies from `start` to `bodyStart`. */
export function dollarStringEnd(sql: string, start: number, bodyStart: number): number {
  const closing = sql.indexOf(sql.slice(start, bodyStart), bodyStart)
  return closing < 0 ? -1 : closing + bodyStart - start
}

/** The end of a block comment, which nests; `from` is after its opening. */
export function blockCommentEnd(sql: string, from: number): number {
  let depth = 1
  for (let at = from; at < sql.length; ) {
    const code = sql.charCodeAt(at)
    if (code === STAR && sql.charCodeAt(at + 1) === SLASH) {
      at += 2
      depth -= 1
      if (depth === 0) return at
    } else if (code === SLASH && sql.charCodeAt(at + 1) === STAR) {
      at += 2
      depth += 1
    } else at += 1
  }
  return -1
}

/** The end of a line comment, without the line break. */
export function lineCommentEnd(sql: string, from: number): number {
  let at = from
  while (at < sql.length && !isLineBreak(sql.charCodeAt(at))) at += 1
  return at
}

/** The position after the quote that continues a string on a later line ('a'\n'b' is 'ab'), or -1 if none does. */
function continuation(sql: string, from: number): number {
  let lineBroken = false
  let at = from
  for (;;) {
    const code = sql.charCodeAt(at)
    if (code === QUOTE) return lineBroken ? at + 1 : -1
    if (code === MINUS && sql.charCodeAt(at + 1) === MINUS) at = lineCommentEnd(sql, at)
    else if (classOf(code) & SPACE) {
      lineBroken ||= isLineBreak(code)
      at += 1
    } else return -1
  }
}

function isLineBreak(code: number): boolean {
  return code === NEWLINE || code === CARRIAGE_RETURN
}
