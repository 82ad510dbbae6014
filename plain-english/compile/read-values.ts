/** Converts the tokens of a parameter to its value. */
import type { Token } from '../parse/document.ts'
import { exactNumber } from '../parse/json/exact-number.ts'
import { renderJson } from '../parse/json/json.ts'
import { renderText, renderValue, type Values } from '../parse/template.ts'

/** The words, unchanged. */
export function wordsOf(tokens: readonly Token[]): string {
  return tokens.map(token => (token.kind === 'word' ? token.text : '')).join(' ')
}

export function textOfTokens([token]: readonly Token[], values: Values): string {
  return token?.kind === 'word' || token?.kind === 'text' ? renderText(token.template, values) : ''
}

/** The first variable can be a whole URL and is not encoded; the others are encoded as components. */
export function urlOfTokens([token]: readonly Token[], values: Values): string {
  if (token?.kind !== 'word') return ''
  const encoded = { valueOf: (name: string) => encodeURIComponent(renderText([{ name, offset: 0 }], values)) }
  return renderText(token.template.slice(0, 1), values) + renderText(token.template.slice(1), encoded)
}

export function valueOfTokens([token]: readonly Token[], values: Values): unknown {
  if (!token || token.kind === 'table') return undefined
  if (token.kind === 'json') return renderJson(token.json, values)
  if (token.kind === 'text') return renderText(token.template, values)
  return wordValue(token, values)
}

/** An object for each row. */
export function tableOfTokens([token]: readonly Token[], values: Values): unknown {
  if (token?.kind !== 'table') return []
  const { names, rows } = token.table
  return rows.map(({ cells }) =>
    Object.fromEntries(cells.map(({ value }, index) => [names[index] ?? '', renderJson(value, values)])),
  )
}

function wordValue({ text, template, offset }: Extract<Token, { kind: 'word' }>, values: Values): unknown {
  const word = text.toLowerCase()
  if (word === 'true' || word === 'false') return word === 'true'
  if (word === 'null') return null
  return /^[+-.\d]/.test(word) ? exactNumber(word, offset) : renderValue(template, values)
}

export function numberOf(
  [token]: readonly Token[],
  values: Values,
  isOne: (value: number) => boolean,
  what: string,
): number {
  const value = token?.kind === 'word' ? wordValue(token, values) : undefined
  const read = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  if (typeof read === 'number' && isOne(read)) return read
  throw new Error(
    `This must be ${what}, but ${token?.kind === 'word' ? token.text : 'it'} is ${JSON.stringify(value)}.`,
  )
}

export function milliseconds(text: string): number {
  const [, figure, unit = ''] = /^([\d.]+) ?(.*)$/.exec(text.toLowerCase()) ?? []
  const factor = unit.startsWith('ms') || unit.startsWith('milli') ? 1 : unit.startsWith('s') ? 1000 : 60_000
  return Number(figure) * factor
}

export function patternOf(text: string): RegExp {
  try {
    return new RegExp(text)
  } catch (error) {
    const { message } = error as Error
    throw new Error(`This is not a regular expression: ${message}.`, { cause: error })
  }
}
