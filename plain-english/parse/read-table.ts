/** Reads a row of a table: cells between bars. */
import type { Json } from './json/json.ts'
import { readJson } from './json/read-json.ts'
import { templateOf } from './template.ts'

export interface Cell {
  /** Without the blanks around it; `\|` is a bar. */
  text: string
  offset: number
}

/** The cells of a line that begins with a bar; `offset` is where it stands. The bar at its end may be missing. */
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

/** What a cell holds: JSON if it is any, else its text as it stands. */
export function cellValue({ text, offset }: Cell): Json {
  if (/^[-\d{["“]|^(?:true|false|null)$|^\$\{[^{}]*\}$/.test(text)) {
    try {
      const { json, end } = readJson(text, 0)
      if (end === text.length) return json
    } catch {
      // A text, then, such as a path or a date.
    }
  }
  return { kind: 'text', template: templateOf(text, offset) }
}

function leading(raw: string): number {
  return raw.length - raw.trimStart().length
}
