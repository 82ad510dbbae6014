/** Tells where to read on after a fault: what follows one in JSON, up to the end of that, is no sentence. */
import type { Source } from './source.ts'

/** `start` is where the line begins, and `offset` where the fault stands. */
export function recoveryPoint(source: Source, start: number, offset: number): number {
  const { text } = source
  const lineEnd = source.endOfLine(start)
  const opening = text.slice(start, lineEnd).search(/(?<=^|\s)[{[]/)
  if (opening < 0) return lineEnd
  const next = text.slice(start).search(/\n(?=[^\S\n]*(?:scenario\s*:|tags?\s*:|\n))/i)
  const limit = next < 0 ? text.length : start + next
  let depth = 0
  for (let at = start + opening; at < limit; at++) {
    if ('{['.includes(text[at] ?? '')) depth++
    else if ('}]'.includes(text[at] ?? '') && --depth === 0) return Math.max(source.endOfLine(at), offset)
  }
  return lineEnd
}
