/** Writes values as parts of sentences: texts in quotes, JSON, words, URLs and paths of fields. */
import type { Json } from '../parse/json/json.ts'
import { printJson } from '../parse/print.ts'
import type { Template } from '../parse/template.ts'

/** The longest JSON that stays on the line of its sentence, in characters. */
const widest = 90

export function quoted(text: Template | string): string {
  return printJson({ kind: 'text', template: typeof text === 'string' ? [text] : text })
}

/** A text without quotes if it is one plain word, else in quotes. */
export function wordOrQuoted(text: Template): string {
  const word = unquoted(text)
  return /^[^\s"“”„‟'‘’‛{}[\]|#\\]+$/.test(word.replace(/\$\{[^{}]*\}/g, 'x')) ? word : quoted(text)
}

/** As part of a URL: white space and quotes are encoded, variables stay. */
export function urlText(url: Template): string {
  const encode = (text: string) => text.replace(/[\s"<>\\^`|]/g, character => encodeURIComponent(character))
  return url.map(part => (typeof part === 'string' ? encode(part) : `\${${part.name}}`)).join('')
}

export function unquoted(text: Template): string {
  return text.map(part => (typeof part === 'string' ? part : `\${${part.name}}`)).join('')
}

/** JSON after the words of a sentence: on its line, or on the lines below if it is long. */
export function withJson(words: string, json: Json): string {
  const line = printJson(json)
  return line.length <= widest || (json.kind !== 'object' && json.kind !== 'list')
    ? `${words} ${line}`
    : `${words}\n${indented(json, '')}`
}

function indented(json: Json, margin: string): string {
  if (printJson(json).length + margin.length <= widest) return printJson(json)
  const inner = `${margin}  `
  if (json.kind === 'list') {
    return `[\n${json.items.map(item => `${inner}${indented(item, inner)}`).join(',\n')}\n${margin}]`
  }
  if (json.kind === 'object') {
    const members = json.members.map(
      ({ name, value }) => `${inner}${printJson({ kind: 'text', template: name })}: ${indented(value, inner)}`,
    )
    return `{\n${members.join(',\n')}\n${margin}}`
  }
  return printJson(json)
}

/** A constant as JSON of a file. Throws for what JSON cannot hold. */
export function jsonOf(value: unknown): Json {
  if (typeof value === 'string') return { kind: 'text', template: value === '' ? [] : [value] }
  if (value === null || typeof value === 'boolean' || typeof value === 'number') return { kind: 'constant', value }
  if (Array.isArray(value)) return { kind: 'list', items: value.map(jsonOf) }
  if (typeof value !== 'object') throw new TypeError(`JSON has no ${typeof value}.`)
  const members = Object.entries(value).filter(([, member]) => member !== undefined)
  return {
    kind: 'object',
    members: members.map(([name, member]) => ({ name: name === '' ? [] : [name], value: jsonOf(member) })),
  }
}

export function fieldText(path: readonly (string | number)[]): string {
  const text = path.map(name => {
    if (typeof name === 'number') return `[${name}]`
    return /^[^.[\]"'“”„‟‘’‛\s{}|#$]+$/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`
  })
  const joined = text.join('').replace(/^\./, '')
  // A path that begins with a bracket would be read as JSON.
  return joined === '' ? '$' : joined.startsWith('[') ? `$${joined}` : joined
}

/** A name for a variable: letters, digits and _. */
export function variableName(text: string): string {
  const name = text.replace(/\W+/g, '_')
  return /^[A-Za-z_]/.test(name) ? name : `_${name}`
}
