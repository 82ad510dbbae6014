/** What is wrong with a file, told as its writer can use it. */
import type { Place, Source } from './source.ts'

/** Something that was written where it cannot stand. */
export interface Mistake {
  /** Of the character at fault, in the source's text. */
  offset: number
  /** One sentence or two: what is wrong, and what to write. */
  message: string
  /** Sentences that the writer may have meant. */
  suggestions?: readonly string[]
}

export interface Fault extends Place {
  /** As it was given. */
  file: string
  message: string
  /** The line, and a caret under the character at fault. */
  excerpt: string
  suggestions: readonly string[]
}

/** More would be read by nobody. */
export const mostFaults = 100

/** Of a line that is shown, in characters. */
const widest = 110

export function faultAt(file: string, source: Source, { offset, message, suggestions = [] }: Mistake): Fault {
  const place = source.placeOf(offset)
  return { file, ...place, message, excerpt: excerptOf(source.line(place.line), place.column), suggestions }
}

/** `file:line:column: message`, the line with a caret, and what may have been meant. */
export function faultText({ file, line, column, message, excerpt, suggestions }: Fault): string {
  return [`${file}:${line}:${column}: ${message}`, ...indented(excerpt), ...meant(suggestions)].join('\n')
}

/** The part of `faultText` that is read where the place is shown anyway. */
export function faultMessage({ message, suggestions }: Fault): string {
  return [message, ...meant(suggestions)].join('\n')
}

function meant(suggestions: readonly string[]): string[] {
  return suggestions.length > 0 ? ['  Did you mean one of these?', ...suggestions.map(text => `    ${text}`)] : []
}

function indented(excerpt: string): string[] {
  return excerpt === '' ? [] : excerpt.split('\n').map(line => `  ${line}`)
}

function excerptOf(line: string, column: number): string {
  if (line.trim() === '') return ''
  const from = Math.max(0, Math.min(column - 1 - widest / 2, line.length - widest))
  const part = line.slice(from, from + widest)
  const shown = `${from > 0 ? '…' : ''}${part}${from + widest < line.length ? '…' : ''}`.replace(/\t/g, ' ')
  return `${shown}\n${' '.repeat(column - 1 - from + (from > 0 ? 1 : 0))}^`
}
