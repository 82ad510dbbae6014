/** Suggests definitions for a line that matches none. */
import leven from 'leven'
import type { Token } from '../parse/document.ts'
import type { Mistake } from '../parse/fault.ts'
import { jsonMark, parameterNamed, tableMark, textMark } from './parameters.ts'
import type { SentenceDefinition } from './sentence-definition.ts'

interface Candidate {
  expression: string
  words: readonly string[]
}

/** The limit of words of a line that are compared. */
const most = 12

export class Nearest {
  readonly #candidates: readonly Candidate[]

  constructor(definitions: readonly SentenceDefinition[]) {
    this.#candidates = definitions.map(({ expression }) => ({
      expression,
      words: expression.replace(/\(([^()]*)\)/g, '$1').split(' '),
    }))
  }

  /** The mistake, at the first word that differs from the nearest definition, with the three nearest as suggestions. */
  explain(tokens: readonly Token[]): Mistake {
    const written = tokens.slice(0, most)
    const scored = this.#candidates.map(({ expression, words }) => ({
      expression,
      words,
      distance: distance(written, words),
    }))
    const sorted = scored.sort((one, other) => one.distance - other.distance)
    const quotable = scored.find(({ words }) => lacksQuotes(written, words))
    const begun = sorted.find(({ words }) => isBeginning(written, words))
    const isFar = (sorted[0]?.distance ?? 0) > 0.6
    const candidates = [...(begun ? [begun] : []), ...(isFar && quotable ? [quotable] : []), ...sorted]
    const nearest = [...new Set(candidates)].slice(0, 3)
    const [first] = nearest
    const at = first ? departure(written, first.words) : 0
    const token = written[Math.min(at, written.length - 1)]
    return {
      offset: token ? (at >= written.length ? token.end : token.offset) : 0,
      message: first ? hint(written, first.words, at) : 'No sentence matches this line.',
      suggestions: nearest.map(({ expression }) => expression),
    }
  }
}

/** The parameters that are texts in quotes. */
const quotables = ['string', 'value', 'pattern', 'element', 'body']

/** Whether the line is the sentence up to its last word, which is a text that lacks its quotes. */
function lacksQuotes(tokens: readonly Token[], words: readonly string[]): boolean {
  const last = words.length - 1
  const name = parameterName(words[last] ?? '')
  if (name === undefined || !quotables.includes(name) || last < 2 || tokens.length <= last) return false
  return (
    tokens.slice(last).every(({ kind }) => kind === 'word') &&
    words.slice(0, last).every((word, index) => stands(tokens[index], word))
  )
}

/** Whether the line is the first words of the sentence. */
function isBeginning(tokens: readonly Token[], words: readonly string[]): boolean {
  return (
    tokens.length > 0 &&
    tokens.length < words.length &&
    tokens.every((token, index) => parameterName(words[index] ?? '') === undefined && stands(token, words[index] ?? ''))
  )
}

/** A remedy, if the first difference is a common mistake. */
function hint(tokens: readonly Token[], words: readonly string[], at: number): string {
  const unknown = 'No sentence matches this line.'
  const [token, word] = [tokens[at], words[at]]
  if (distance(tokens.slice(0, at), words.slice(0, at)) > 0.5) return unknown
  if (words.includes('{sentence}')) return `Something is missing here: ${words.slice(-2).join(' ')}.`
  const name = word === undefined ? undefined : parameterName(word)
  if (!token && word !== undefined) {
    const rest = words.slice(at).join(' ')
    return `Something is missing here: ${rest}${name === undefined ? '' : `, ${meaningOf(name)}`}.`
  }
  if (!token || name === undefined) return unknown
  const isQuotable = quotables.includes(name) && token.kind === 'word'
  if (!isQuotable) return `${word} must be ${meaningOf(name)}.`
  const next = words[at + 1]
  const end = tokens.findIndex(
    (other, index) => index > at && other.kind === 'word' && other.text.toLowerCase() === next?.toLowerCase(),
  )
  const text = tokens.slice(at, end < 0 ? undefined : end).map(other => (other.kind === 'word' ? other.text : '…'))
  return `A text needs quotes: write "${text.join(' ')}".`
}

/** The index of the first word that differs from the definition. */
function departure(tokens: readonly Token[], words: readonly string[]): number {
  // The inner sentence can have any number of words.
  const inner = words.indexOf('{sentence}')
  if (inner >= 0 && words.slice(0, inner).every((word, index) => stands(tokens[index], word))) return tokens.length
  const index = words.findIndex((word, index) => !stands(tokens[index], word))
  return index < 0 ? words.length : index
}

/** A word must be equal; a parameter must accept the token. */
function stands(token: Token | undefined, word: string): boolean {
  return costOf(token, word) <= (parameterName(word) === undefined ? 0 : 0.2)
}

/** Levenshtein's distance in words, in which similar words count in part. */
function distance(tokens: readonly Token[], words: readonly string[]): number {
  let last = [0]
  for (const word of words) last.push((last.at(-1) ?? 0) + missing(word))
  for (const [row, token] of tokens.entries()) {
    const next = [row + 1]
    for (const [column, word] of words.entries()) {
      next.push(
        Math.min(
          (last[column] ?? 0) + costOf(token, word),
          (last[column + 1] ?? 0) + (word === '{sentence}' ? 0.05 : 1),
          (next[column] ?? 0) + missing(word),
        ),
      )
    }
    last = next
  }
  return last.at(-1) ?? 0
}

/** A missing word costs less than a wrong one. */
function missing(word: string): number {
  return parameterName(word) === undefined ? 0.8 : 0.5
}

function costOf(token: Token | undefined, word: string): number {
  if (!token) return 1
  const name = parameterName(word)
  if (name !== undefined) return fits(token, name) ? 0.1 : 0.6
  if (token.kind !== 'word') return 1
  return letterDistance(token.text.toLowerCase().slice(0, 30), word.toLowerCase())
}

function meaningOf(name: string): string {
  return (parameterNamed(name)?.meaning ?? 'a value').replaceAll('`', '')
}

function parameterName(word: string): string | undefined {
  return /^\{(\w*)\}$/.exec(word)?.[1]
}

function fits(token: Token, name: string): boolean {
  const text = token.kind === 'word' ? token.text : { text: textMark, json: jsonMark, table: tableMark }[token.kind]
  return parameterNamed(name)?.whole.test(text) ?? false
}

/** From 0, the same, to 1, nothing in common. */
function letterDistance(one: string, other: string): number {
  return Math.min(1, leven(one, other) / Math.max(one.length, other.length))
}
