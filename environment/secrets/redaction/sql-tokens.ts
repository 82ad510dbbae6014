/** Splits SQL into tokens for a search of values, in linear time: the text may be cut, or no SQL at all. */

export interface SqlToken {
  text: string
  kind: 'name' | 'string' | 'parameter' | 'sign'
  /** Of a parenthesis or bracket, the index of the other one; without another one, the number of tokens. */
  partner?: number
}

/** A string or a quoted name that has no end reaches to the end of the text. */
const token =
  /--[^\n]*|\/\*[^*]*(?:\*(?!\/)[^*]*)*(?:\*\/)?|(?<string>'[^']*(?:''[^']*)*')|(?<name>"[^"]*(?:""[^"]*)*"|[\p{L}_][\p{L}\p{N}_$]*)|(?<parameter>\$\d+)|['"].*|::|->>?|#>>?|\|\||(?:!?~~?\*?|[<>=:!]=|<>|=>|[=<>])(?![<>=@~!])|\d[\w.]*|\S/gsu

/** Without comments. */
export function sqlTokens(sql: string): SqlToken[] {
  const tokens: SqlToken[] = []
  const open: number[] = []
  for (const { 0: text, groups = {} } of sql.matchAll(token)) {
    if (text.startsWith('--') || text.startsWith('/*')) continue
    const kind = (['string', 'name', 'parameter'] as const).find(each => groups[each] !== undefined) ?? 'sign'
    const one: SqlToken = { text, kind }
    if (text === '(' || text === '[') {
      one.partner = Number.POSITIVE_INFINITY
      open.push(tokens.length)
    } else if (text === ')' || text === ']') {
      const other = open.pop()
      const opened = other === undefined ? undefined : tokens[other]
      if (other !== undefined && opened) {
        one.partner = other
        opened.partner = tokens.length
      }
    }
    tokens.push(one)
  }
  for (const one of tokens) if (one.partner === Number.POSITIVE_INFINITY) one.partner = tokens.length
  return tokens
}
