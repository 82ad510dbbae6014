// PostgreSQL's own lexer and grammar (compiled to WASM), as the reference for the tests of `sql/`.

import pgQuery from 'libpg-query'
import { fold } from '../../postgres/lexer/names.ts'
import type { Command } from '../sql/commands/command.ts'

/** A token of PostgreSQL's lexer, with offsets in UTF-16 code units. */
export interface ReferenceToken {
  readonly name: string
  readonly start: number
  readonly end: number
}

/** A statement as parsed by PostgreSQL's grammar. */
export interface ReferenceStatement {
  readonly start: number
  readonly end: number
  readonly node: Readonly<Record<string, Record<string, unknown>>>
}

/** Must be awaited before the functions below are called. */
export const loadReference = (): Promise<void> => pgQuery.loadModule()

/** PostgreSQL's tokens, including comments; undefined on a lexical error. */
export function referenceTokens(sql: string): ReferenceToken[] | undefined {
  const tokens = accepted(() => pgQuery.scanSync(sql).tokens)
  const position = positions(sql)
  return tokens?.map(({ tokenName, start, end }) => ({
    name: tokenName,
    start: position(start),
    end: position(end),
  }))
}

/** PostgreSQL's statements without surrounding comments and white space; undefined on a syntax error. */
export function referenceStatements(sql: string): ReferenceStatement[] | undefined {
  const statements = accepted(() => pgQuery.parseSync(sql).stmts ?? [])
  const tokens = referenceTokens(sql)?.filter(({ name }) => !name.endsWith('_COMMENT'))
  if (!statements || !tokens) return undefined
  const position = positions(sql)
  return statements.map(statement => {
    const from = position(statement.stmt_location ?? 0)
    const to = statement.stmt_len ? position((statement.stmt_location ?? 0) + statement.stmt_len) : sql.length
    const own = tokens.filter(token => token.start >= from && token.end <= to)
    const node = (statement.stmt ?? {}) as ReferenceStatement['node']
    return { start: own.at(0)?.start ?? from, end: own.at(-1)?.end ?? to, node }
  })
}

/** The expected result of `commandOf`; modes and the verb of `other` are not part of a parse tree and are ''. */
export function referenceCommand({ node }: ReferenceStatement): Command {
  const [type = '', fields = {}] = Object.entries(node)[0] ?? []
  const text = (field: string) => String(fields[field] ?? '')
  switch (type) {
    case 'TransactionStmt':
      return transactionCommand(text('kind'), text('savepoint_name'), fields.chain === true)
    case 'VariableSetStmt':
      return settingCommand(text('kind'), text('name'), fields.is_local === true)
    case 'VariableShowStmt':
      return { kind: 'show', name: fold(text('name')) }
    case 'DeclareCursorStmt':
      // CURSOR_OPT_HOLD
      return { kind: 'declare', name: text('portalname'), hold: (Number(fields.options) & 0x20) !== 0 }
    case 'ConstraintsSetStmt':
      return { kind: 'set constraints', all: fields.constraints === undefined }
    case 'DiscardStmt':
      return { kind: 'discard', what: DISCARDED[text('target')] ?? 'all' }
    case 'DeallocateStmt':
      return { kind: 'deallocate', name: fields.isall ? null : text('name') }
    case 'PrepareStmt':
      return { kind: 'prepare', name: text('name') }
    case 'ExecuteStmt':
      return { kind: 'execute', name: text('name') }
    case 'ListenStmt':
      return { kind: 'listen', channel: text('conditionname') }
    case 'NotifyStmt':
      return { kind: 'notify', channel: text('conditionname'), payload: '' }
    case 'UnlistenStmt':
      return { kind: 'unlisten', channel: fields.conditionname === undefined ? null : text('conditionname') }
    case 'CopyStmt':
      if (fields.filename !== undefined) return { kind: 'copy', direction: 'other' }
      return { kind: 'copy', direction: fields.is_from === true ? 'in' : 'out' }
    default:
      return { kind: 'other', verb: '' }
  }
}

function transactionCommand(kind: string, name: string, chain: boolean): Command {
  switch (kind) {
    case 'TRANS_STMT_COMMIT':
      return { kind: 'commit', chain }
    case 'TRANS_STMT_ROLLBACK':
      return { kind: 'rollback', chain }
    case 'TRANS_STMT_SAVEPOINT':
      return { kind: 'savepoint', name }
    case 'TRANS_STMT_RELEASE':
      return { kind: 'release', name }
    case 'TRANS_STMT_ROLLBACK_TO':
      return { kind: 'rollback to', name }
    case 'TRANS_STMT_PREPARE':
      return { kind: 'prepare transaction' }
    case 'TRANS_STMT_COMMIT_PREPARED':
      return { kind: 'commit prepared' }
    case 'TRANS_STMT_ROLLBACK_PREPARED':
      return { kind: 'rollback prepared' }
    default:
      return { kind: 'begin', modes: '' }
  }
}

function settingCommand(kind: string, name: string, local: boolean): Command {
  if (kind === 'VAR_RESET_ALL') return { kind: 'reset', name: 'all' }
  if (kind === 'VAR_RESET') return { kind: 'reset', name: fold(name) }
  if (kind !== 'VAR_SET_MULTI') return { kind: 'set', scope: local ? 'local' : 'session', name: fold(name) }
  return { kind: name === 'SESSION CHARACTERISTICS' ? 'set session characteristics' : 'set transaction', modes: '' }
}

const DISCARDED: Readonly<Record<string, 'all' | 'plans' | 'sequences' | 'temp'>> = {
  DISCARD_ALL: 'all',
  DISCARD_PLANS: 'plans',
  DISCARD_SEQUENCES: 'sequences',
  DISCARD_TEMP: 'temp',
}

function accepted<Result>(parse: () => Result): Result | undefined {
  try {
    return parse()
  } catch {
    return undefined
  }
}

// PostgreSQL's offsets are in bytes of UTF-8.
function positions(sql: string): (byte: number) => number {
  const byByte = new Map<number, number>()
  let bytes = 0
  let at = 0
  for (const character of sql) {
    byByte.set(bytes, at)
    bytes += Buffer.byteLength(character)
    at += character.length
  }
  return byte => byByte.get(byte) ?? at
}
