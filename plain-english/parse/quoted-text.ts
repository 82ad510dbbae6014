/** Reads a text in quotes, in a sentence or in JSON. */

import { ParseError } from './parse-error.ts'
import type { Template, Variable } from './template.ts'

export interface QuotedText {
  template: Template
  /** The offset after the closing quote. */
  end: number
}

/** `"`, and the typographic quotes that word processors replace it with. */
const doubleQuotes = '"“”„‟'

const escapes: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  $: '$',
}

export function isQuote(character: string | undefined): boolean {
  return character !== undefined && character !== '' && doubleQuotes.includes(character)
}

/**
 * Reads the text whose opening quote is at `start`. Only a straight quote closes a text that a straight quote opened, so
 * that the text can contain curly ones. Throws a `ParseError` if the text does not end on its line.
 * @param isStrict An unknown escape sequence is a fault, as in JSON; else its backslash is taken literally.
 */
export function readQuotedText(text: string, start: number, isStrict: boolean): QuotedText {
  const closing = text[start] === '"' ? '"' : doubleQuotes
  const parts: (string | Variable)[] = []
  let plain = ''
  let from = start + 1
  for (let at = from; at < text.length; at++) {
    const character = text[at] ?? ''
    if (character === '\n') break
    if (closing.includes(character)) {
      plain += text.slice(from, at)
      return { template: plain === '' ? parts : [...parts, plain], end: at + 1 }
    }
    if (character === '\\') {
      const { meaning, length } = escapeAt(text, at, isStrict)
      plain += text.slice(from, at) + meaning
      at += length - 1
      from = at + 1
    } else if (character === '$' && text[at + 1] === '{') {
      const length = text.slice(at, at + longestVariable).search(/[}\n"]/)
      const end = at + length
      if (length < 0 || text[end] !== '}')
        throw new ParseError(at, '${ is never closed: write a } after the name of the variable.')
      plain += text.slice(from, at)
      if (plain !== '') parts.push(plain)
      plain = ''
      parts.push({ name: text.slice(at + 2, end), offset: at })
      at = end
      from = end + 1
    }
  }
  throw new ParseError(start, 'This text is never closed: write a " at its end.')
}

/** In characters, including `${` and `}`. */
const longestVariable = 1000

function escapeAt(text: string, at: number, isStrict: boolean): { meaning: string; length: number } {
  const letter = text[at + 1] ?? ''
  const known = escapes[letter]
  if (known !== undefined) return { meaning: known, length: 2 }
  const hex = letter === 'u' ? /^[0-9a-f]{4}/i.exec(text.slice(at + 2, at + 6))?.[0] : undefined
  if (hex !== undefined) return { meaning: String.fromCharCode(Number.parseInt(hex, 16)), length: 6 }
  if (isStrict)
    throw new ParseError(at, `\\${letter.trim()} is not an escape sequence of JSON: write \\\\ for a backslash.`)
  return { meaning: '\\', length: 1 }
}
