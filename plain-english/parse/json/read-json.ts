/** Reads JSON within a file; it may span several lines. */

import { ParseError } from '../parse-error.ts'
import { isQuote, readQuotedText } from '../quoted-text.ts'
import type { Template } from '../template.ts'
import { exactNumber } from './exact-number.ts'
import type { Json } from './json.ts'

/** The limit of nesting, which keeps the recursion within the stack. */
const deepest = 500

const space = /[\s\u00a0]*/y
const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])/y
const word = /[\w.+-]+/y
const marker = /#[a-z]+/y
const variable = /\$\{([^{}\n"]*)\}/y

/** Reads the value at `start`; `end` is the offset after it. Throws a `ParseError` for the first fault. */
export function readJson(text: string, start: number): { json: Json; end: number } {
  const reader = new JsonReader(text, start)
  const json = reader.value(0)
  return { json, end: reader.at }
}

class JsonReader {
  at: number
  readonly #text: string

  constructor(text: string, at: number) {
    this.#text = text
    this.at = at
  }

  value(depth: number): Json {
    const character = this.#text[this.at]
    if (depth > deepest) throw new ParseError(this.at, `This JSON is nested deeper than ${deepest} levels.`)
    if (character === '{') return this.#object(depth)
    if (character === '[') return this.#list(depth)
    if (isQuote(character)) return { kind: 'text', template: this.#quoted() }
    const name = this.#take(variable)
    if (name) return { kind: 'variable', variable: { name: name[1] ?? '', offset: name.index } }
    const mark = this.#take(marker)
    if (mark) return { kind: 'text', template: [mark[0]] }
    const figure = this.#take(number)
    if (figure) return { kind: 'constant', value: exactNumber(figure[0], figure.index) }
    return this.#word()
  }

  #object(depth: number): Json {
    const members: { name: Template; value: Json }[] = []
    const names = new Set<string>()
    this.#sequence('}', () => {
      const at = this.at
      if (!isQuote(this.#text[at])) throw this.#unquotedName()
      const name = this.#quoted()
      const key = JSON.stringify(name.map(part => (typeof part === 'string' ? part : { name: part.name })))
      if (names.has(key))
        throw new ParseError(at, `This object has two members named ${this.#text.slice(at, this.at)}.`)
      names.add(key)
      this.#skipSpace()
      if (this.#text[this.at] !== ':') throw this.#missing('a : and a value after this name')
      this.at++
      this.#skipSpace()
      members.push({ name, value: this.value(depth + 1) })
    })
    return { kind: 'object', members }
  }

  #list(depth: number): Json {
    const items: Json[] = []
    this.#sequence(']', () => items.push(this.value(depth + 1)))
    return { kind: 'list', items }
  }

  /** Reads the items between brackets, separated by commas. */
  #sequence(closing: '}' | ']', readOne: () => void): void {
    const opening = this.at
    this.at++
    for (let isFirst = true; ; isFirst = false) {
      this.#skipSpace()
      if (this.at >= this.#text.length) {
        throw unclosed(this.#text, opening, closing)
      }
      if (this.#text[this.at] === closing && isFirst) break
      if (!isFirst) {
        if (this.#text[this.at] === closing) break
        if (this.#text[this.at] !== ',') {
          // The next line is a sentence.
          throw this.#beginsLine() ? unclosed(this.#text, opening, closing) : this.#missing(`a comma or a ${closing}`)
        }
        const comma = this.at++
        this.#skipSpace()
        if (this.#text[this.at] === closing)
          throw new ParseError(comma, `Remove this comma: JSON allows none before a ${closing}.`)
      }
      readOne()
    }
    this.at++
  }

  #quoted(): Template {
    const { template, end } = readQuotedText(this.#text, this.at, true)
    this.at = end
    return template
  }

  #word(): Json {
    const start = this.at
    const found = this.#take(word)?.[0]
    if (found === 'true' || found === 'false') return { kind: 'constant', value: found === 'true' }
    if (found === 'null') return { kind: 'constant', value: null }
    this.at = start
    if (found === undefined) throw this.#missing('a value')
    if (/^[\d.+-]/.test(found))
      throw new ParseError(start, `${shown(found)} is not a number in JSON; a text needs quotes.`)
    const known = ['true', 'false', 'null'].find(name => name === found.toLowerCase())
    if (known) throw new ParseError(start, `JSON needs this word in lower case: write ${known}.`)
    throw new ParseError(start, `A text needs quotes in JSON: "${shown(found)}".`)
  }

  #unquotedName(): ParseError {
    const name = this.#peek(word)?.[0]
    if (name === undefined) return this.#missing('a name in quotes')
    return new ParseError(this.at, `A name needs quotes in JSON: "${shown(name)}".`)
  }

  #missing(what: string): ParseError {
    const character = this.#text[this.at]
    if (character === undefined) return new ParseError(this.at, `The file ends where JSON needs ${what}.`)
    if ("'‘’`".includes(character)) return new ParseError(this.at, 'JSON allows only double quotes: write ".')
    if (character === '\n') return new ParseError(this.at, `JSON needs ${what} here.`)
    return new ParseError(this.at, `JSON needs ${what} here, but found ${character}`)
  }

  /** Whether the reader is at the first word of a line. */
  #beginsLine(): boolean {
    const lineStart = this.#text.lastIndexOf('\n', this.at - 1) + 1
    return /^\s*$/.test(this.#text.slice(lineStart, this.at)) && /\w/.test(this.#text[this.at] ?? '')
  }

  #skipSpace(): void {
    this.#take(space)
  }

  #take(pattern: RegExp): RegExpExecArray | null {
    const found = this.#peek(pattern)
    if (found) this.at += found[0].length
    return found
  }

  #peek(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.at
    return pattern.exec(this.#text)
  }
}

function unclosed(text: string, opening: number, closing: string): ParseError {
  return new ParseError(opening, `This ${text[opening]} is never closed: write a ${closing} at its end.`)
}

function shown(word: string): string {
  return word.length > 40 ? `${word.slice(0, 40)}…` : word
}
