// Finds the commands in a DO block that set a parameter, which the server runs without a message of its own.

import { type Statement, splitStatements } from '../../../postgres/lexer/statements.ts'
import { type LexicalOptions, type Token, tokenize } from '../../../postgres/lexer/tokenizer.ts'
import type { BlockSetting, Command } from './command.ts'
import { Phrase } from './phrase.ts'
import { reset, set } from './setting-commands.ts'

/** The SETs and RESETs in the text of a block, as statements and in constants for EXECUTE; some may not be reached. */
export function settingsOfBlock({ sql, text, tokens, options }: Statement): BlockSetting[] {
  // Few blocks have one: others are not tokenized.
  if (!MENTIONS_SET.test(text)) return []
  const statement = { text: sql, at: 0, isExact: true, isAppended: false, depth: 0, options }
  return tokens.flatMap((_, index) => constantAt(statement, tokens, index) ?? []).flatMap(settingsIn)
}

const MENTIONS_SET = /set/i

/** The text of a block, or of a string constant in it, in which each character stands as far from the others as in the script. */
interface Code {
  readonly text: string
  /** Where it begins in the script. */
  readonly at: number
  /** It is written as the server reads it: without escapes or doubled quotation marks. */
  readonly isExact: boolean
  /** Something is appended to the constant. */
  readonly isAppended: boolean
  /** The number of constants around it. */
  readonly depth: number
  readonly options: LexicalOptions | undefined
}

/** Constants within constants are followed up to here. */
const deepest = 8

function settingsIn(code: Code): BlockSetting[] {
  const { text, options } = code
  const tokens = tokenize(text, options).filter(({ kind }) => kind !== 'comment')
  const found: BlockSetting[] = []
  let isStart = true
  let isMessage = false
  for (let index = 0; index < tokens.length; index += 1) {
    const word = wordAt(text, tokens[index])
    if (isStart && (word === 'set' || word === 'reset')) {
      let end = index
      while (end < tokens.length && wordAt(text, tokens[end]) !== ';') end += 1
      found.push(...settingOf(code, tokens.slice(index, end), end === tokens.length))
      index = end
      continue
    }
    if (word === 'raise' && isStart) isMessage = true
    isStart = STARTS_STATEMENT.has(word)
    if (isStart) isMessage = false
    const constant = constantAt(code, tokens, index)
    // The message of a RAISE is not run.
    if (constant && !isMessage) found.push(...settingsIn(constant))
    if (constant) isMessage = false
  }
  return found
}

/** What a statement may follow. The SET of an UPDATE stands elsewhere. */
const STARTS_STATEMENT = new Set([';', '>>', 'begin', 'then', 'else', 'loop'])

/** A keyword, symbol or operator, in lower case; '' for another token. */
function wordAt(text: string, token: Token | undefined): string {
  const isWord = token?.kind === 'identifier' || token?.kind === 'symbol' || token?.kind === 'operator'
  return isWord ? text.slice(token.start, token.end).toLowerCase() : ''
}

/** The content of a string. */
function constantAt(code: Code, tokens: readonly Token[], index: number): Code | undefined {
  const token = tokens[index]
  if ((token?.kind !== 'string' && token?.kind !== 'dollar string') || code.depth > deepest) return undefined
  const whole = code.text.slice(token.start, token.end)
  const isDollar = token.kind === 'dollar string'
  const opening = isDollar ? whole.indexOf('$', 1) + 1 : whole.indexOf("'") + 1
  const content = whole.slice(opening, isDollar ? -opening : -1)
  if (!MENTIONS_SET.test(content)) return undefined
  const mayEscape = /^e/i.test(whole) || (opening === 1 && code.options?.standardConformingStrings === false)
  return {
    ...{ at: code.at + token.start + opening, depth: code.depth + 1, options: code.options },
    text: isDollar ? content : unquoted(content, mayEscape),
    isExact: code.isExact && (isDollar || !/['\\]/.test(content)),
    isAppended: wordAt(code.text, tokens[index + 1]).startsWith('||'),
  }
}

/** The content of '...' with blanks in the place of what only escapes, so that positions in it stay the same. */
function unquoted(content: string, mayEscape: boolean): string {
  // Two strings with a line break between them are one.
  const joined = (whole: string, gap?: string) => (gap ? ' '.repeat(whole.length) : " '")
  if (!mayEscape) return content.replace(MARKS, joined)
  return content.replace(ESCAPES, (whole, gap?: string, escaped?: string) =>
    escaped === undefined ? joined(whole, gap) : ` ${BLANKS.get(escaped) ?? escaped}`,
  )
}

const MARKS = /'(\s*)'/g
const ESCAPES = /'(\s*)'|\\(.)/gs
const BLANKS: ReadonlyMap<string, string> = new Map([...[...'bfrt'].map(letter => [letter, ' '] as const), ['n', '\n']])

/** `isLast`: no semicolon follows. */
function settingOf(code: Code, tokens: readonly Token[], isLast: boolean): BlockSetting[] {
  const { text, at, isExact, isAppended } = code
  const from = tokens[0]?.start ?? 0
  const sql = text.slice(from, tokens.at(-1)?.end)
  // The value may be appended to the constant.
  const command = commandOf(sql) ?? (isLast ? commandOf(`${sql} x`) : undefined)
  if (command?.kind === 'set' || command?.kind === 'reset') {
    const isWhole = isExact && !(isLast && isAppended) && !/[%$]/.test(sql)
    const [words] = command.kind === 'set' ? (BEFORE_NAME.exec(sql) ?? []) : []
    return [
      {
        command,
        ...(isWhole && tokenize(sql, code.options).every(isPlain) && { sql }),
        ...(words && { assignment: { at: at + from + words.length, text: sql.slice(words.length) } }),
      },
    ]
  }
  if (command?.kind === 'set transaction') return [{ command }]
  if (command?.kind === 'set session characteristics') return CHARACTERISTICS
  return !command && SETS_GIVEN_NAME.test(`${sql} `) ? [unknownParameter] : []
}

function commandOf(sql: string): Command | undefined {
  const [statement] = splitStatements(sql)
  if (!statement) return undefined
  const phrase = new Phrase(statement)
  phrase.skip()
  return /^set/i.test(sql) ? set(phrase) : reset(phrase)
}

/** A comment up to the end of the line would hide what is written behind it. */
const isPlain = ({ kind }: Token) => kind !== 'comment' && kind !== 'unterminated'

const BEFORE_NAME = /^set\s+(?:(?:session|local)\s+)?/i
/** The name is appended to the constant, or it is one for format(). */
const SETS_GIVEN_NAME = /^(?:re)?set\s+(?:(?:session|local)\s+)?(?:%|$)/i
const CHARACTERISTICS: BlockSetting[] = ['isolation', 'read_only', 'deferrable'].map(mode => ({
  command: { kind: 'set', scope: 'session', name: `default_transaction_${mode}` },
}))
const unknownParameter: BlockSetting = {
  command: { kind: 'set config', calls: [{ name: undefined, local: undefined }] },
}
