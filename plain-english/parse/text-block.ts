/** Reads a text over several lines, between lines of three quotes. */
import { ParseError } from './parse-error.ts'
import type { Source } from './source.ts'
import { type Template, templateOf, type Variable } from './template.ts'

/** A line that begins or ends a block. */
export const blockLine = /^["“”„‟]{3}$/

/**
 * Reads the block whose opening quotes are at `start`. The indentation of that line is removed from all others, and `\${` is a
 * dollar sign before a brace. Throws a `ParseError` if the block is never closed.
 */
export function readTextBlock(source: Source, start: number): { template: Template; end: number } {
  const { text } = source
  const indentation = start - (text.lastIndexOf('\n', start - 1) + 1)
  const parts: (string | Variable)[] = []
  for (let at = source.endOfLine(start) + 1, isFirst = true; at <= text.length; isFirst = false) {
    const end = source.endOfLine(at)
    const line = text.slice(at, end)
    if (blockLine.test(line.trim())) return { template: merged(parts), end: at + line.trimEnd().length }
    const left = Math.min(indentation, line.length - line.trimStart().length)
    if (!isFirst) parts.push('\n')
    parts.push(...lineParts(line.slice(left), at + left))
    at = end + 1
  }
  throw new ParseError(start, 'This text is never closed: write """ on a line of its own below it.')
}

function lineParts(line: string, offset: number): (string | Variable)[] {
  const parts: (string | Variable)[] = []
  let from = 0
  for (const piece of line.split('\\${')) {
    if (from > 0) parts.push('${')
    parts.push(...templateOf(piece, offset + from))
    from += piece.length + 3
  }
  return parts
}

/** Without empty texts, and with adjacent ones joined. */
function merged(parts: readonly (string | Variable)[]): Template {
  const all: (string | Variable)[] = []
  let plain: string[] = []
  const flush = () => {
    const text = plain.join('')
    if (text !== '') all.push(text)
    plain = []
  }
  for (const part of parts) {
    if (typeof part === 'string') plain.push(part)
    else {
      flush()
      all.push(part)
    }
  }
  flush()
  return all
}
