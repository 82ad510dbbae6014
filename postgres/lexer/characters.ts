// The classes of characters in PostgreSQL's lexer.

/** Space, tab, newline, carriage return, form feed, vertical tab; a bit of `classOf`. */
export const SPACE = 1
/** May begin an unquoted identifier. */
export const IDENTIFIER_START = 2
/** May continue an unquoted identifier. */
export const IDENTIFIER_PART = 4
/** A decimal digit. */
export const DIGIT = 8
/** May be part of an operator. */
export const OPERATOR = 16
/** Is a token by itself. */
export const SELF = 32

/** The classes of a UTF-16 code unit; 0 for none, and for the NaN that `charCodeAt` returns past the end. */
export function classOf(code: number): number {
  // PostgreSQL reads bytes and takes each byte of a multi-byte character for a letter; here, each surrogate is one.
  return code >= 128 ? IDENTIFIER_START | IDENTIFIER_PART : (CLASSES[code] ?? 0)
}

export const NEWLINE = 10
export const CARRIAGE_RETURN = 13
export const DOUBLE_QUOTE = 34
export const DOLLAR = 36
export const AMPERSAND = 38
export const QUOTE = 39
export const PLUS = 43
export const STAR = 42
export const MINUS = 45
export const DOT = 46
export const SLASH = 47
export const COLON = 58
export const EQUALS = 61
export const BACKSLASH = 92
export const UNDERSCORE = 95

const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_'

const CLASSES = classes({
  ' \t\n\r\f\v': SPACE,
  [LETTERS]: IDENTIFIER_START | IDENTIFIER_PART,
  '0123456789': DIGIT | IDENTIFIER_PART,
  $: IDENTIFIER_PART,
  '~!@#&|`?': OPERATOR,
  ',()[].;:': SELF,
  '+-*/%^<>=': OPERATOR | SELF,
})

function classes(byCharacters: Record<string, number>): Uint8Array {
  const table = new Uint8Array(128)
  for (const [characters, bits] of Object.entries(byCharacters)) {
    for (const character of characters) table[character.charCodeAt(0)] = bits
  }
  return table
}
