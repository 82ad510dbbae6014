/** The parameter types of expressions: what each `{parameter}` matches, and the value that it gives to a sentence. */
import { ParameterType, ParameterTypeRegistry } from '@cucumber/cucumber-expressions'
import type { Token } from '../parse/document.ts'
import type { JsonValue } from '../parse/json/json.ts'
import type { Values } from '../parse/template.ts'
import { type Element, elementRoles, kindPattern, placePattern, readElement, readKind } from './element.ts'
import {
  milliseconds,
  numberOf,
  patternOf,
  tableOfTokens,
  textOfTokens,
  urlOfTokens,
  valueOfTokens,
  wordsOf,
} from './read-values.ts'

/** The types of the values. `{sentence}` is a function that runs another sentence. */
export interface ParameterValues {
  string: string
  '': string
  word: string
  text: string
  int: number
  float: number
  value: JsonValue
  json: JsonValue
  body: JsonValue
  method: string
  url: string
  field: string
  name: string
  duration: number
  pattern: RegExp
  element: Element
  format: Format
  type: ValueType
  table: Record<string, JsonValue>[]
  login: Login
  kind: string
  sentence: () => Promise<void>
}

/** The sentences of a login. */
export interface Login {
  name: string
  /** Another one for each login: the place where it is defined, and its sentences. */
  key: string
  /** Runs them. */
  run(): Promise<void>
}

const formats = ['JSON', 'XML', 'HTML', 'CSV', 'text', 'binary'] as const
const valueTypes = [
  'a number',
  'a whole number',
  'a text',
  'a boolean',
  'a list',
  'an object',
  'a UUID',
  'a date',
  'a URL',
  'an email address',
] as const

export type Format = (typeof formats)[number]
export type ValueType = (typeof valueTypes)[number]

type Name = keyof ParameterValues

interface Parameter {
  name: Name
  /** Matches part of an outline; has no groups. */
  regexp: string
  /** What to write, for the vocabulary. */
  meaning: string
  /** Throws an error for tokens that match `regexp` but have no valid value. */
  read(tokens: readonly Token[], values: Values): unknown
  /** Whether its value is the name of a new variable. */
  defines?: boolean
}

/** In an outline, these characters replace a text in quotes, JSON and a table. */
export const textMark = '\uE000'
export const jsonMark = '\uE001'
export const tableMark = '\uE002'

const variable = String.raw`\$\{[^{}\s]*\}`
const number = String.raw`[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?`
const plainWord = `[^\\s${textMark}${jsonMark}${tableMark}]+`
const oneElement = `(?:the )?(?:${placePattern} )?(?:(?:${elementRoles.join('|')}) )?(?:${textMark}|${variable})`

const parameters: readonly Parameter[] = [
  {
    name: 'string',
    regexp: `${textMark}|${variable}`,
    meaning: 'a text in quotes, or a variable: `"Ada"`, `${name}`',
    read: textOfTokens,
  },
  { name: '', regexp: `${textMark}|${plainWord}`, meaning: 'the same as `{text}`', read: textOfTokens },
  { name: 'word', regexp: plainWord, meaning: 'one word without quotes: `ada`', read: textOfTokens },
  {
    name: 'text',
    regexp: `${textMark}|${plainWord}`,
    meaning: 'a text in quotes, or one word without: `"text/html"`, `text/html`',
    read: textOfTokens,
  },
  {
    name: 'int',
    regexp: `[+-]?\\d+|${variable}`,
    meaning: 'a whole number, or a variable: `201`, `${count}`',
    read: (tokens, values) => numberOf(tokens, values, Number.isInteger, 'a whole number'),
  },
  {
    name: 'float',
    regexp: `${number}|${variable}`,
    meaning: 'a number, or a variable: `1.5`, `${price}`',
    read: (tokens, values) => numberOf(tokens, values, Number.isFinite, 'a number'),
  },
  {
    name: 'value',
    regexp: `${textMark}|${jsonMark}|true|false|null|${number}|${variable}`,
    meaning: 'a text in quotes, a number, `true`, `false`, `null`, JSON, or a variable',
    read: valueOfTokens,
  },
  {
    name: 'json',
    regexp: `${jsonMark}|${variable}`,
    meaning: 'JSON in braces or brackets, on one line or several, or a variable: `{"name": "Ada"}`',
    read: valueOfTokens,
  },
  {
    name: 'body',
    regexp: `${jsonMark}|${textMark}`,
    meaning: 'JSON, or a text in quotes, which is sent as it is',
    read: valueOfTokens,
  },
  {
    name: 'method',
    regexp: 'GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS',
    meaning: '`GET`, `POST`, `PUT`, `PATCH`, `DELETE`, `HEAD` or `OPTIONS`',
    read: tokens => wordsOf(tokens).toUpperCase(),
  },
  {
    name: 'url',
    regexp: String.raw`(?:https?://|/|\$\{)\S*`,
    meaning: 'a path or a URL: `/users/${id}`, `https://api.example.com/users`',
    read: urlOfTokens,
  },
  {
    name: 'field',
    regexp: `${textMark}|${plainWord}`,
    meaning: 'the path of a field in the JSON of the last response: `users[0].email`, `$` for all of it',
    read: textOfTokens,
  },
  {
    name: 'name',
    regexp: String.raw`[A-Za-z_]\w*`,
    meaning: 'the name of a new variable: `id`',
    read: wordsOf,
    defines: true,
  },
  {
    name: 'duration',
    regexp: String.raw`\d+(?:\.\d+)? ?(?:ms|milliseconds?|s|seconds?|m|minutes?)`,
    meaning: 'a duration: `500 ms`, `30s`, `2 minutes`',
    read: tokens => milliseconds(wordsOf(tokens)),
  },
  {
    name: 'pattern',
    regexp: textMark,
    meaning: 'a regular expression in quotes: `"^[A-Z]+$"`',
    read: (tokens, values) => patternOf(textOfTokens(tokens, values)),
  },
  {
    name: 'element',
    regexp: `${oneElement}(?: in ${oneElement})*`,
    meaning:
      'an element of the page: `"Save"`, `button "Save"`, `css "#save"`, `button "Delete" in row "Ada"`, `2nd button "Delete"`, `last "Edit"`',
    read: elementOf,
  },
  {
    name: 'kind',
    regexp: kindPattern,
    meaning: 'a kind of element: `rows`, `links`, `heading`',
    read: tokens => readKind(wordsOf(tokens)),
  },
  {
    name: 'format',
    regexp: formats.join('|'),
    meaning: 'a format: `JSON`, `XML`, `HTML`, `CSV`, `text` or `binary`',
    read: tokens => oneOf(formats, wordsOf(tokens)),
  },
  {
    name: 'type',
    regexp: valueTypes.join('|'),
    meaning: `a type: ${valueTypes.map(name => `\`${name}\``).join(', ')}`,
    read: tokens => oneOf(valueTypes, wordsOf(tokens)),
  },
  {
    name: 'table',
    regexp: tableMark,
    meaning: 'a table below the line: the names of the columns in its first row',
    read: tableOfTokens,
  },
  {
    name: 'login',
    regexp: textMark,
    meaning: 'the name of a login in quotes, whose sentences are below the line `Login: admin`: `"admin"`',
    read: textOfTokens,
  },
  { name: 'sentence', regexp: '.+', meaning: 'another sentence', read: () => undefined },
]

/** The choice in its own case. */
function oneOf<Choice extends string>(choices: readonly Choice[], words: string): Choice | undefined {
  return choices.find(choice => choice.toLowerCase() === words.toLowerCase())
}

/** An element and, after `in`, the one that contains it. */
function elementOf(tokens: readonly Token[], values: Values): Element {
  const at = tokens.findIndex(token => token.kind === 'word' && token.text.toLowerCase() === 'in')
  const own = at < 0 ? tokens : tokens.slice(0, at)
  const within = at < 0 ? undefined : elementOf(tokens.slice(at + 1), values)
  return readElement(wordsOf(own.slice(0, -1)), textOfTokens(own.slice(-1), values), within)
}

/** The parameters, and what to write for each. */
export const parameterMeanings: readonly { name: string; meaning: string }[] = parameters.filter(
  ({ name }) => name !== '',
)

const byName = new Map<string, Parameter & { whole: RegExp }>(
  parameters.map(parameter => [parameter.name, { ...parameter, whole: new RegExp(`^(?:${parameter.regexp})$`, 'i') }]),
)

/** `whole` matches a text that is the parameter and nothing else. */
export function parameterNamed(name: string): (Parameter & { whole: RegExp }) | undefined {
  return byName.get(name)
}

/** Cucumber's registry with our parameter types instead of its own, which would not match outlines and variables. */
export class SentenceParameters extends ParameterTypeRegistry {
  readonly #types = new Map(parameters.map(({ name, regexp }) => [name as string, typeOf(name, regexp)]))

  override lookupByTypeName(name: string): ParameterType<unknown> | undefined {
    return this.#types.get(name)
  }
}

function typeOf(name: string, regexp: string): ParameterType<unknown> {
  return new ParameterType<unknown>(name, regexp, null, text => text, false, false)
}
