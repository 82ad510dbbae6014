/** Finds where to continue after a syntax error: at the end of the line, or of the JSON that begins on it. */
import type { Source } from './source.ts'

/** @param start Where the line begins. @param offset Where the error is. */
export function recoveryPoint(source: Source, start: number, offset: number): number {
  const { text } = source
  const lineEnd = source.endOfLine(start)
  const opening = text.slice(start, lineEnd).search(/(?<=^|\s)[{[]/)
  if (opening < 0) return lineEnd
  const next = text.slice(start).search(/\n(?=[^\S\n]*(?:scenario\s*:|tags?(?:[^\S\n]+each[^\S\n]+scenario)?\s*:|\n))/i)
  const limit = next < 0 ? text.length : start + next
  let depth = 0
  for (let at = start + opening; at < limit; at++) {
    if ('{['.includes(text[at] ?? '')) depth++
    else if ('}]'.includes(text[at] ?? '') && --depth === 0) return Math.max(source.endOfLine(at), offset)
  }
  return lineEnd
}
