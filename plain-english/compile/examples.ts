/** Checks the tables of examples of a scenario, and names the tests of their rows. */
import type { Examples } from '../parse/document.ts'
import type { Mistake } from '../parse/fault.ts'
import type { Json } from '../parse/json/json.ts'
import { printJson } from '../parse/print.ts'

export function mistakesInTables([first, ...others]: readonly Examples[]): Mistake[] {
  const columns = first?.table.names.join(', ')
  return others.flatMap(({ name, table: { names, offset } }) => {
    const unnamed =
      'A scenario can have only one table without a name: put all rows into one, write Examples: and a name above this one, or begin another scenario.'
    return [
      ...(name === undefined ? [{ offset, message: unnamed }] : []),
      ...(names.join(', ') === columns
        ? []
        : [{ offset, message: `All tables of a scenario have the same columns: ${columns}.` }]),
    ]
  })
}

/** @param table The name of its table, if it has one. */
export function titleOfRow(
  scenario: string,
  table: string | undefined,
  cells: readonly { name: string; value: Json }[],
): string {
  const values = cells.map(({ name, value }) => `${name}: ${shortened(plainText(printJson(value)))}`)
  return `${scenario} (${[...(table === undefined ? [] : [table]), ...values].join(', ')})`
}

/** A text without its quotes. */
function plainText(json: string): string {
  return /^"[^"\\]*"$/.test(json) ? json.slice(1, -1) : json
}

function shortened(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text
}
