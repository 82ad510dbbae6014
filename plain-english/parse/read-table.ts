/** Reads a row of a table: cells separated by `|`. */
import type { Json } from './json/json.ts'
import { readJson } from './json/read-json.ts'
import { templateOf } from './template.ts'

export interface Cell {
  /** Trimmed, and with `\|` unescaped. */
  text: string
  offset: number
}

/** Splits a line that begins with `|`; the last `|` may be missing. @param offset Where the line begins. */
export function cellsOf(line: string, offset: number): Cell[] {
  const cells: Cell[] = []
  let from = 1
  for (let at = 1; at <= line.length; at++) {
    if (line[at] === '\\') at++
    else if (line[at] === '|' || at === line.length) {
      const raw = line.slice(from, at)
      const isRest = at === line.length && raw.trim() === ''
      if (!isRest) cells.push({ text: raw.trim().replaceAll('\\|', '|'), offset: offset + from + leading(raw) })
      from = at + 1
    }
  }
  return cells
}

/** The value of a cell: JSON if it parses as JSON, else its text. */
export function cellValue({ text, offset }: Cell): Json {
  if (/^[-\d{["“]|^(?:true|false|null)$|^\$\{[^{}]*\}$/.test(text)) {
    try {
      const { json, end } = readJson(text, 0)
      if (end === text.length) return json
    } catch {
      // Not JSON, but a text such as a path or a date.
    }
  }
  return { kind: 'text', template: templateOf(text, offset) }
}

function leading(raw: string): number {
  return raw.length - raw.trimStart().length
}
