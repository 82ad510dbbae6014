/** Finds the values of columns in SQL: those that a statement compares, sets or inserts, and those in PostgreSQL's errors. */

/** A column, or what stands in an index in its place, and its value. */
type Field = readonly [name: string, value: string]

type Parameters = readonly unknown[]

const name = String.raw`"(?:[^"]|"")+"|[\p{L}_][\p{L}\p{N}_$]*`
const value = String.raw`\$\d+|'(?:[^']|'')*'`
const operator = String.raw`=|<>|!=|!?~~?\*?|(?:not\s+)?i?like|is\s+(?:not\s+)?distinct\s+from|(?:not\s+)?in`

/** `email = $1`, `lower(email::text) = lower($1)`, `email in ($1, $2)`, `email = any($1)`. */
const comparison = new RegExp(
  String.raw`(?<![\p{L}\p{N}_$"])(${name})(?:\s*::\s*[\w ]+)?\s*\)?\s*(?:${operator})\s*(?:\w+\s*)?\(?\s*((?:${value})(?:\s*,\s*(?:${value}))*)`,
  'giu',
)

const insertion = /\binsert\s+into\s+[^()]+\(([^()]*)\)\s*(?:overriding\s+\w+\s+value\s+)?values\s*(?=\()/gi

/** @param parameters In the order of their numbers, as text. */
export function fieldsInSql(sql: string, parameters: Parameters): Field[] {
  const fields: Field[] = []
  for (const [, column = '', values = ''] of sql.matchAll(comparison)) {
    for (const text of values.match(new RegExp(value, 'g')) ?? []) fields.push(...valuesOf(column, text, parameters))
  }
  for (const match of sql.matchAll(insertion)) {
    const columns = (match[1] ?? '').split(',')
    for (const row of rowsAt(sql, match.index + match[0].length)) {
      for (const [index, expression] of row.entries()) {
        const [text] = new RegExp(value).exec(expression) ?? []
        if (text !== undefined) fields.push(...valuesOf(columns[index] ?? '', text, parameters))
      }
    }
  }
  return fields
}

function valuesOf(column: string, text: string, parameters: Parameters): Field[] {
  const plain = unquoted(column)
  if (!text.startsWith('$')) return [[plain, text.slice(1, -1).replaceAll("''", "'")]]
  const given = parameters[Number(text.slice(1)) - 1]
  if (typeof given !== 'string') return []
  const items = /^\{(.*)\}$/s.exec(given)?.[1]?.split(',') ?? []
  return [given, ...items.map(unquoted)].map(one => [plain, one] as const)
}

const unquoted = (text: string) => text.trim().replace(/^"(.*)"$/s, '$1')

/** The expressions of the rows that begin here: `($1, lower('x')), ($2, 'y')`. */
function rowsAt(sql: string, start: number): string[][] {
  const rows: string[][] = []
  let [depth, from] = [0, start]
  for (let at = start; at < sql.length; at++) {
    const character = sql[at]
    if (character === "'") {
      const end = sql.indexOf("'", at + 1)
      if (end === -1) break
      at = end
    } else if (character === '(') {
      if (depth === 0) rows.push([])
      if (depth++ === 0) from = at + 1
    } else if (depth === 1 && (character === ',' || character === ')')) {
      rows.at(-1)?.push(sql.slice(from, at))
      from = at + 1
      if (character === ')') depth = 0
    } else if (character === ')') depth--
    else if (depth === 0 && !/[\s,]/.test(character ?? '')) break
  }
  return rows
}

const keyInError =
  /Key \(([^\n]{1,500}?)\)=\(([^\n]{0,2000}?)\) (?=already exists|is not present|is still referenced|conflicts with)/g

/** In messages such as `Key (tenant, lower(email::text))=(7, ada@example.com) already exists.` */
export function fieldsInErrors(text: string): Field[] {
  return [...text.matchAll(keyInError)].flatMap(([, names = '', values = '']) => {
    const columns = names.split(', ')
    const parts = columns.length === 1 ? [values] : values.split(', ')
    if (parts.length !== columns.length) return []
    return columns.flatMap((column, index) =>
      (column.match(new RegExp(name, 'giu')) ?? []).map((one): Field => [unquoted(one), parts[index] ?? '']),
    )
  })
}
