// Reads names in SQL text: folds, unquotes, unescapes and truncates them as PostgreSQL does.

import { NOT_NAMES } from './keywords.ts'
import type { Token } from './tokenizer.ts'

/** The name of an object that the token spells, or undefined if it spells none; `marker` is that of UESCAPE. */
export function nameOf(sql: string, token: Token, marker = '\\'): string | undefined {
  const text = sql.slice(token.start, token.end)
  if (token.kind === 'identifier') {
    const name = fold(text)
    return NOT_NAMES.has(name) ? undefined : cut(name)
  }
  if (token.kind !== 'quoted identifier') return undefined
  const unicode = text.charAt(0) !== '"'
  const content = text.slice(unicode ? 3 : 1, -1).replaceAll('""', '"')
  const name = unicode ? unescapeUnicode(content, marker) : content
  return name ? cut(name) : undefined
}

/** Whether the text from `start` to `end` is the keyword, which is given in lower case; allocates nothing. */
export function isKeyword(sql: string, start: number, end: number, keyword: string): boolean {
  if (end - start !== keyword.length) return false
  for (let at = 0; at < keyword.length; at += 1) {
    const code = sql.charCodeAt(start + at)
    if ((code >= 65 && code <= 90 ? code | 32 : code) !== keyword.charCodeAt(at)) return false
  }
  return true
}

/** Folds to lower case, but only ASCII letters, as PostgreSQL does in UTF-8. */
export function fold(text: string): string {
  return text.replace(/[A-Z]+/g, letters => letters.toLowerCase())
}

// The escapes of U&"...": \0061, \+000061 and \\ with any escape character; undefined if one is malformed.
function unescapeUnicode(content: string, marker: string): string | undefined {
  let name = ''
  for (let at = 0; at < content.length; ) {
    if (content.charAt(at) !== marker) {
      name += content.charAt(at)
      at += 1
    } else if (content.charAt(at + 1) === marker) {
      name += marker
      at += 2
    } else {
      const digits = /^(?:\+([0-9a-f]{6})|([0-9a-f]{4}))/i.exec(content.slice(at + 1, at + 8))
      const code = Number.parseInt(digits?.[1] ?? digits?.[2] ?? '', 16)
      if (!digits || code === 0 || code > 0x10ffff) return undefined
      name += code > 0xffff ? String.fromCodePoint(code) : String.fromCharCode(code)
      at += 1 + digits[0].length
    }
  }
  return name
}

// PostgreSQL truncates a name to 63 bytes, at a whole character: two longer names may be equal.
function cut(name: string): string {
  if (name.length * 3 <= MAX_BYTES || Buffer.byteLength(name) <= MAX_BYTES) return name
  let bytes = 0
  let kept = ''
  for (const character of name) {
    bytes += Buffer.byteLength(character)
    if (bytes > MAX_BYTES) break
    kept += character
  }
  return kept
}

const MAX_BYTES = 63
