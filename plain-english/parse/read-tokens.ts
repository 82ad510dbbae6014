/** Splits a sentence into tokens: words, texts in quotes, and JSON, which may span several lines. */
import type { Token } from './document.ts'
import { readJson } from './json/read-json.ts'
import { ParseError } from './parse-error.ts'
import { isQuote, readQuotedText } from './quoted-text.ts'
import { templateOf } from './template.ts'

const blanks = /[^\S\n]*/y
const word = /(?:\$\{[^{}\n]*\}|\["[^"\n]*"\]|\S)+/y
const singleQuoted = /['‘’‛](.{0,500}?)['’‛](?=\s|$)/my

/** Reads up to the end of the line on which the last token ends. Throws a `ParseError` for the first fault. */
export function readTokens(text: string, start: number): { tokens: Token[]; end: number } {
  const tokens: Token[] = []
  let at = start
  for (;;) {
    at += matchAt(blanks, text, at)?.[0].length ?? 0
    if (at >= text.length || text[at] === '\n') return { tokens, end: at }
    const token = readToken(text, at)
    tokens.push(token)
    at = token.end
  }
}

function readToken(text: string, offset: number): Token {
  const character = text[offset]
  if (character === '{' || character === '[') {
    const { json, end } = readJson(text, offset)
    return { kind: 'json', json, offset, end }
  }
  if (isQuote(character)) {
    const { template, end } = readQuotedText(text, offset, false)
    return { kind: 'text', template, offset, end }
  }
  const quoted = matchAt(singleQuoted, text, offset)
  if (quoted) {
    const template = templateOf(quoted[1] ?? '', offset + 1)
    return { kind: 'text', template, offset, end: offset + quoted[0].length }
  }
  const found = matchAt(word, text, offset)?.[0] ?? ''
  const unclosed = /\$\{[^{}]*$/.exec(found)
  if (unclosed) {
    throw new ParseError(offset + unclosed.index, '${ is never closed: write a } after the name of the variable.')
  }
  return { kind: 'word', text: found, template: templateOf(found, offset), offset, end: offset + found.length }
}

function matchAt(pattern: RegExp, text: string, offset: number): RegExpExecArray | null {
  pattern.lastIndex = offset
  return pattern.exec(text)
}
