/** Finds the values of columns in the details of PostgreSQL's errors. */
import { type Field, unquoted } from './sql-fields.ts'

/** The most that is read of one detail, in characters. */
const longest = 10_000

const name = /"(?:[^"]|"")+"|[\p{L}_][\p{L}\p{N}_$]*/gu

const endOfKey = /\) (?:already exists|is not present|is still referenced|is duplicated|conflicts with)/

/** Of what ends the sentence. */
const endOfRow = /\)\.(?=["'\s\\]|$)/

/**
 * In messages such as `Key (tenant, lower(email::text))=(7, ada@example.com) already exists.` Where the parts cannot be told
 * apart, since a value has a comma, all of them are the value of each column.
 */
export function fieldsInErrors(text: string): Field[] {
  const fields: Field[] = []
  for (const { index, 0: head, groups } of text.matchAll(/(?<other>with (?:existing )?)?\bkey \(/gi)) {
    const [line = ''] = text.slice(index + head.length, index + longest).split('\n', 1)
    const middle = line.indexOf(')=(')
    if (middle === -1) continue
    const rest = line.slice(middle + 3)
    // In `Key (…)=(…) conflicts with existing key (…)=(…).`, the second ends the sentence.
    const end = rest.search(groups?.other === undefined ? endOfKey : endOfRow)
    if (end === -1) continue
    fields.push(...fieldsOf(line.slice(0, middle), rest.slice(0, end)))
  }
  return fields
}

function fieldsOf(names: string, values: string): Field[] {
  const columns = names.split(', ')
  const parts = columns.length === 1 ? [values] : values.split(', ')
  return columns.flatMap((column, index) =>
    (column.match(name) ?? []).map(
      (one): Field => [unquoted(one), (parts.length === columns.length ? parts[index] : undefined) ?? values],
    ),
  )
}

export interface FailingRow {
  /** As the detail has them, separated by commas. */
  values: string
  /** Where the detail names the columns, which it does for those that the user may read. */
  fields?: Field[]
}

/** In `Failing row contains (7, ada@example.com, null).` and `Failing row contains (id, email) = (7, ada@example.com).` */
export function failingRows(text: string): FailingRow[] {
  return [...text.matchAll(/\bfailing row contains \(/gi)].map(({ index, 0: head }) => {
    const start = index + head.length
    const rest = text.slice(start, start + longest)
    const end = rest.search(endOfRow)
    // The text may be cut.
    const row = end === -1 ? rest : rest.slice(0, end)
    const [, names, values] = /^([^=]*)\) = \((.*)$/s.exec(row) ?? []
    if (names === undefined || values === undefined) return { values: row }
    return { values, fields: fieldsOf(names, values) }
  })
}
