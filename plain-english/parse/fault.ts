/** Formats the faults of a file for its author: place, message, excerpt and suggestions. */
import type { Place, Source } from './source.ts'

/** A fault before its offset is resolved to a line and a column. */
export interface Mistake {
  /** Of the faulty character, in the source's text. */
  offset: number
  /** What is wrong, and what to write instead. */
  message: string
  /** Expressions of sentences that the author may have meant. */
  suggestions?: readonly string[]
}

export interface Fault extends Place {
  /** As the caller named it. */
  file: string
  message: string
  /** The line, and a caret under the faulty character. */
  excerpt: string
  suggestions: readonly string[]
}

/** The limit per file. */
export const mostFaults = 100

/** The most characters of a line in an excerpt. */
const widest = 110

export function faultAt(file: string, source: Source, { offset, message, suggestions = [] }: Mistake): Fault {
  const place = source.placeOf(offset)
  return { file, ...place, message, excerpt: excerptOf(source.line(place.line), place.column), suggestions }
}

/** `file:line:column: message`, the excerpt and the suggestions. */
export function faultText({ file, line, column, message, excerpt, suggestions }: Fault): string {
  return [`${file}:${line}:${column}: ${message}`, ...indented(excerpt), ...suggested(suggestions)].join('\n')
}

/** `faultText` without the place and the excerpt, for Playwright, which shows them itself. */
export function faultMessage({ message, suggestions }: Fault): string {
  return [message, ...suggested(suggestions)].join('\n')
}

function suggested(suggestions: readonly string[]): string[] {
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
