/** Finds the values of columns in SQL: those that a statement compares, sets or inserts. */
import { type SqlToken, sqlTokens } from './sql-tokens.ts'

/** A column, or what stands in an index in its place, and its value. */
export type Field = readonly [name: string, value: string]

type Parameters = readonly unknown[]

/** Tokens from `start` up to `end`. */
interface Span {
  start: number
  end: number
}

/** @param parameters In the order of their numbers, as text. */
export function fieldsInSql(sql: string, parameters: Parameters): Field[] {
  const tokens = sqlTokens(sql)
  const fields = comparedFields(tokens, parameters)
  for (const { columns, rows } of insertions(tokens)) {
    for (const row of rows) fields.push(...pairs(tokens, columns, row, parameters))
  }
  return fields
}

/** Of the first INSERT with a list of columns; undefined without one. */
export function insertedFields(sql: string, parameters: Parameters): Field[] | undefined {
  const tokens = sqlTokens(sql)
  const [first] = insertions(tokens)
  return first?.rows.flatMap(row => pairs(tokens, first.columns, row, parameters))
}

const pairs = (tokens: readonly SqlToken[], columns: readonly string[], row: readonly Span[], parameters: Parameters) =>
  columns.flatMap((column, index) => {
    const span = row[index]
    return span ? valuesIn(tokens, span).flatMap(value => valuesOf(column, value, parameters)) : []
  })

const wordAt = (tokens: readonly SqlToken[], at: number) => tokens[at]?.text.toLowerCase()

const signs: ReadonlySet<string> = new Set([
  '=',
  '<>',
  '!=',
  '<',
  '>',
  '<=',
  '>=',
  '=>',
  ':=',
  '~',
  '!~',
  '~*',
  '!~*',
  '~~',
  '!~~',
  '~~*',
  '!~~*',
])

/** The end of the operator that begins here; undefined if none does. */
function operatorEnd(tokens: readonly SqlToken[], at: number): number | undefined {
  if (signs.has(tokens[at]?.text ?? '')) return at + 1
  const first = wordAt(tokens, at)
  if (first === 'is') {
    const next = wordAt(tokens, at + 1) === 'not' ? at + 2 : at + 1
    return wordAt(tokens, next) === 'distinct' && wordAt(tokens, next + 1) === 'from' ? next + 2 : undefined
  }
  const last = first === 'not' ? at + 1 : at
  return ['in', 'like', 'ilike'].includes(wordAt(tokens, last) ?? '') ? last + 1 : undefined
}

/** `email = $1`, `$1 = lower(trim(email::text))`, `data->>'email' = $1`, `email in ($1, $2)`, `(tenant, email) = ($1, $2)`. */
function comparedFields(tokens: readonly SqlToken[], parameters: Parameters): Field[] {
  const fields: Field[] = []
  // An operand ends at the operators before and after it: in all, each token is looked at a few times.
  let after = 0
  for (let at = 0; at < tokens.length; at++) {
    const end = operatorEnd(tokens, at)
    if (end === undefined) continue
    const [left, right] = [operandBefore(tokens, at, after), operandAfter(tokens, end)]
    if (left && right) fields.push(...compared(tokens, left, right, parameters))
    after = end
    at = end - 1
  }
  return fields
}

function compared(tokens: readonly SqlToken[], left: Span, right: Span, parameters: Parameters): Field[] {
  const columns = rowOf(tokens, left)
  const row = rowOf(tokens, right)
  const isOfColumns = ({ length }: readonly Span[]) => length === columns.length
  if (columns.length > 1) {
    // The rows of a list, as in `(tenant, email) in (($1, $2), ($3, $4))`.
    const list = row.map(each => rowOf(tokens, each))
    const rows = list.every(isOfColumns) ? list : [row].filter(isOfColumns)
    if (rows.length > 0) {
      return rows.flatMap(each =>
        columns.flatMap((column, index) => paired(tokens, column, each[index] ?? column, parameters)),
      )
    }
  }
  return paired(tokens, left, right, parameters)
}

/** The names on each side with the values on the other. */
function paired(tokens: readonly SqlToken[], left: Span, right: Span, parameters: Parameters): Field[] {
  return [
    { one: left, other: right },
    { one: right, other: left },
  ].flatMap(({ one, other }) => {
    const names = namesIn(tokens, one)
    return valuesIn(tokens, other).flatMap(value => names.flatMap(name => valuesOf(name, value, parameters)))
  })
}

/** The parts of a row or of a call's arguments; anything else is one part. */
function rowOf(tokens: readonly SqlToken[], { start, end }: Span): Span[] {
  const open = tokens[start]?.kind === 'name' ? start + 1 : start
  if (tokens[open]?.text !== '(' || (tokens[open]?.partner ?? end) < end - 1) return [{ start, end }]
  return partsBetween(tokens, open + 1, Math.min(end, tokens[open]?.partner ?? end))
}

/** The parts that commas separate. */
function partsBetween(tokens: readonly SqlToken[], start: number, end: number): Span[] {
  const parts: Span[] = []
  let from = start
  for (let at = start; at < end; at++) {
    const { text, partner } = tokens[at] ?? {}
    if ((text === '(' || text === '[') && partner !== undefined) at = Math.min(partner, end)
    else if (text === ',') {
      parts.push({ start: from, end: at })
      from = at + 1
    }
  }
  return [...parts, { start: from, end }]
}

/** Further words of types, as in `character varying`. */
const typeWords: ReadonlySet<string> = new Set(['varying', 'precision', 'zone', 'time', 'with', 'without'])

const isArrow = (text: string | undefined) => text === '->' || text === '->>' || text === '#>' || text === '#>>'

/** @param first The end of the operator before. */
function operandBefore(tokens: readonly SqlToken[], end: number, first: number): Span | undefined {
  let start = end
  while (start > first) {
    start--
    const { kind, text, partner } = tokens[start] ?? {}
    if (text === ')' || text === ']') {
      if (partner === undefined || partner < first) return undefined
      start = partner
      // A subscript of what is before it; a name before a parenthesis is a function's.
      if (text === ']') continue
      if (start > first && tokens[start - 1]?.kind === 'name') start--
    } else if (kind === 'sign' || kind === undefined) return undefined
    while (start > first && typeWords.has(wordAt(tokens, start) ?? '')) start--
    while (start - 1 > first && tokens[start - 1]?.text === '.') start -= 2
    const before = wordAt(tokens, start - 1)
    if (start <= first || !(before === '::' || before === '||' || before === 'collate' || isArrow(before))) break
    start--
  }
  return start < end ? { start, end } : undefined
}

function operandAfter(tokens: readonly SqlToken[], start: number): Span | undefined {
  let at = start
  for (;;) {
    at = termEnd(tokens, at)
    const next = wordAt(tokens, at)
    if (!(next === '::' || next === '||' || next === 'collate' || isArrow(next))) break
    at++
  }
  return at > start ? { start, end: Math.min(at, tokens.length) } : undefined
}

/** The end of a value, a name, a call or a parenthesis, with subscripts. */
function termEnd(tokens: readonly SqlToken[], start: number): number {
  let at = start
  // `public.lower(`, `timestamp with time zone '…'`
  while (tokens[at]?.kind === 'name' && tokens[at + 1]?.text === '.') at += 2
  if (tokens[at]?.kind === 'name') at++
  while (at > start && typeWords.has(wordAt(tokens, at) ?? '')) at++
  if (tokens[at]?.kind === 'string' || tokens[at]?.kind === 'parameter') at++
  while (tokens[at]?.text === '(' || tokens[at]?.text === '[') at = (tokens[at]?.partner ?? at) + 1
  return at
}

/** The columns in an expression, and the keys of JSON. None of a subquery, or of an expression that compares. */
function namesIn(tokens: readonly SqlToken[], { start, end }: Span): string[] {
  const names: string[] = []
  for (let at = start; at < end; at++) {
    const { kind, text = '' } = tokens[at] ?? {}
    if (operatorEnd(tokens, at) !== undefined || wordAt(tokens, at) === 'select') return []
    const before = wordAt(tokens, at - 1)
    if (kind === 'string') {
      const key = text.slice(1, -1)
      if (before === '#>' || before === '#>>') names.push(...key.replace(/^\{(.*)\}$/s, '$1').split(','))
      else if (isArrow(before) || before === '[') names.push(key)
    } else if (kind === 'name' && before !== '::' && before !== 'collate') {
      const next = tokens[at + 1]?.text
      if (next !== '.' && (next !== '(' || at + 1 >= end)) names.push(text)
    }
  }
  return names
}

/** The strings and parameters in an expression. None of a subquery, or of an expression that compares. */
function valuesIn(tokens: readonly SqlToken[], { start, end }: Span): string[] {
  const values: string[] = []
  for (let at = start; at < end; at++) {
    const { kind, text = '' } = tokens[at] ?? {}
    if (operatorEnd(tokens, at) !== undefined || wordAt(tokens, at) === 'select') return []
    const before = tokens[at - 1]?.text
    const isKey = isArrow(before) || (before === '[' && kind === 'string' && tokens[at - 2]?.kind === 'name')
    if ((kind === 'string' || kind === 'parameter') && !(isKey && wordAt(tokens, at - 2) !== 'array')) values.push(text)
  }
  return values
}

function valuesOf(column: string, text: string, parameters: Parameters): Field[] {
  const plain = unquoted(column)
  if (!text.startsWith('$')) return [[plain, text.slice(1, -1).replaceAll("''", "'")]]
  const given = parameters[Number(text.slice(1)) - 1]
  if (typeof given !== 'string') return []
  const items = /^\{(.*)\}$/s.exec(given)?.[1]?.split(',') ?? []
  return [given, ...items.map(unquoted)].map(one => [plain, one] as const)
}

export const unquoted = (text: string) => text.trim().replace(/^"(.*)"$/s, '$1')

interface Insertion {
  columns: string[]
  rows: Span[][]
}

/** `insert into users (id, email) values ($1, $2), ($3, $4)`, `… select unnest($1), unnest($2)`, `… select * from unnest($1, $2)`. */
function insertions(tokens: readonly SqlToken[]): Insertion[] {
  const found: Insertion[] = []
  for (let at = 0; at < tokens.length; at++) {
    if (tokens[at]?.kind !== 'name' || wordAt(tokens, at) !== 'insert') continue
    let open = at + 1
    while (tokens[open]?.kind === 'name' || tokens[open]?.text === '.') open++
    const close = tokens[open]?.text === '(' ? tokens[open]?.partner : undefined
    if (close === undefined) {
      at = open - 1
      continue
    }
    const columns = partsBetween(tokens, open + 1, close).map(({ start }) => tokens[start]?.text ?? '')
    const values = wordAt(tokens, close + 1) === 'overriding' ? close + 4 : close + 1
    const rows = wordAt(tokens, values) === 'values' ? rowsAt(tokens, values + 1) : selectedRow(tokens, values, columns)
    if (rows.length > 0) found.push({ columns, rows })
    at = close
  }
  return found
}

/** The rows that begin here: `($1, lower('x')), ($2, 'y')`. */
function rowsAt(tokens: readonly SqlToken[], start: number): Span[][] {
  const rows: Span[][] = []
  for (let at = start; tokens[at]?.text === '('; at++) {
    const close = tokens[at]?.partner ?? tokens.length
    rows.push(partsBetween(tokens, at + 1, close))
    at = close + 1
    if (tokens[at]?.text !== ',') break
  }
  return rows
}

const endsList: ReadonlySet<string> = new Set(['from', 'insert', ';'])

/** What the SELECT that begins here returns. */
function selectedRow(tokens: readonly SqlToken[], start: number, columns: readonly string[]): Span[][] {
  if (wordAt(tokens, start) !== 'select') return []
  let from = start + 1
  while (from < tokens.length && !endsList.has(wordAt(tokens, from) ?? '')) {
    from = (tokens[from]?.text === '(' ? (tokens[from]?.partner ?? from) : from) + 1
  }
  const row = partsBetween(tokens, start + 1, Math.min(from, tokens.length))
  if (row.some(part => valuesIn(tokens, part).length > 0)) return [row]
  let source = from + 1
  while (tokens[source]?.kind === 'name' || tokens[source]?.text === '.') source++
  if (tokens[source]?.text === '(' && wordAt(tokens, source + 1) === 'values') return rowsAt(tokens, source + 2)
  if (tokens[source]?.text !== '(') return []
  const parts = partsBetween(tokens, source + 1, tokens[source]?.partner ?? tokens.length)
  return parts.length === columns.length ? [parts] : []
}
