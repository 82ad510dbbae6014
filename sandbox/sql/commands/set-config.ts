// Finds calls of set_config(), which sets a parameter without a SET.

import { fold, isKeyword } from '../../../postgres/lexer/names.ts'
import type { Statement } from '../../../postgres/lexer/statements.ts'
import type { Token } from '../../../postgres/lexer/tokenizer.ts'

/** The arguments of a call; undefined for what is no plain constant. `name` is folded. */
export interface SetConfigCall {
  readonly name: string | undefined
  /** The third argument: the value is in force until the end of the transaction. */
  readonly local: boolean | undefined
  /** The new value, if the server has reported the call. */
  readonly value?: string
  /** The second argument, if it is a constant; the call may not be reached. */
  readonly constant?: string | undefined
  /** What has set the parameter instead of a call, if its text is known: a SET, or `RESET`. */
  readonly statement?: string | undefined
}

/** The calls in the statement itself; those in functions are not found. */
export function setConfigCalls(statement: Statement): SetConfigCall[] {
  const { sql, start, end } = statement
  // Few statements have one: others are not tokenized.
  SET_CONFIG.lastIndex = start
  const found = SET_CONFIG.exec(sql)
  if (!found || found.index >= end) return []
  const { tokens } = statement
  return tokens.flatMap((token, at) => {
    const isCall = isNamed(sql, token) && textOf(sql, tokens[at + 1]) === '('
    return isCall ? [callOf(sql, argumentsFrom(sql, tokens, at + 2))] : []
  })
}

const SET_CONFIG = /set_config/gi

/** A call with arguments that are not known. */
export const unknownCall: SetConfigCall = { name: undefined, local: undefined }

/** Whether it may be an UPDATE of pg_settings, whose rule calls set_config() for each row. */
export function updatesSettings({ sql, start, end }: Statement): boolean {
  return [SETTINGS, UPDATE].every(word => {
    word.lastIndex = start
    const found = word.exec(sql)
    return found !== null && found.index < end
  })
}

const SETTINGS = /\bpg_settings\b/gi
const UPDATE = /\bupdate\b/gi

function isNamed(sql: string, { kind, start, end }: Token): boolean {
  if (kind === 'quoted identifier') return sql.slice(start, end) === '"set_config"'
  return kind === 'identifier' && isKeyword(sql, start, end, 'set_config')
}

// The arguments' tokens, up to the parenthesis that closes the call.
function argumentsFrom(sql: string, tokens: readonly Token[], from: number): Token[][] {
  const parts: Token[][] = [[]]
  let depth = 0
  for (const token of tokens.slice(from)) {
    const text = textOf(sql, token)
    if (text === ')' && depth === 0) break
    if (text === '(' || text === '[') depth += 1
    else if (text === ')' || text === ']') depth -= 1
    if (text === ',' && depth === 0) parts.push([])
    else parts.at(-1)?.push(token)
  }
  return parts
}

function callOf(sql: string, [name = [], value = [], local = []]: Token[][]): SetConfigCall {
  const plainName = plainString(sql, name)
  return {
    name: plainName ? fold(plainName) : undefined,
    local: local.length === 1 ? TRUTH.get(textOf(sql, local[0])) : undefined,
    constant: plainString(sql, value),
  }
}

function plainString(sql: string, [token, ...others]: Token[]): string | undefined {
  if (token?.kind !== 'string' || others.length > 0) return undefined
  return /^'([^'\\]*)'$/.exec(sql.slice(token.start, token.end))?.[1]
}

/** For NULL, the value stays in force. */
const TRUTH: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ["'true'", true],
  ["'t'", true],
  ['false', false],
  ["'false'", false],
  ["'f'", false],
  ['null', false],
])

function textOf(sql: string, token: Token | undefined): string {
  return token ? sql.slice(token.start, token.end).toLowerCase() : ''
}
