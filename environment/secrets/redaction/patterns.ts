/** The forms in which a secret is found in reports, traces and logs. */
import { inspect } from 'node:util'

export interface Pattern {
  readonly bytes: Buffer
  /** What is written in place of `length` bytes. */
  replacement(length: number): Buffer
}

/** Shorter secrets in other letters would be found in words. */
const shortestInOtherCase = 8

/** Shorter lines of a secret of several lines would be found in other texts. */
const shortestLine = 8

/**
 * Every form of a secret: as it is, in upper and in lower case, quoted, escaped for JSON (also within JSON), URLs and HTML,
 * in hexadecimal digits, as a list of bytes, and in base64, also twice, at each alignment; and each of its lines.
 */
export function patternsOf(name: string, value: string): Pattern[] {
  const plain = [value, ...quotedForms(value), ...linesOf(value), ...htmlForms(value), ...casesOf(value)]
  const texts = new Set([
    ...plain,
    ...plain.flatMap(jsonForms),
    ...[value, escapeJson(value)].flatMap(urlForms),
    ...byteForms(value),
  ])
  const label = Buffer.from(`[${name}]`)
  const patterns = new Map<string, Pattern>()
  for (const text of texts) patterns.set(text, { bytes: Buffer.from(text), replacement: () => label })
  const once = [value, ...jsonForms(value)].flatMap(base64Forms).flatMap(withUrlForm)
  const twice = base64Forms(value).flatMap(({ text }) => base64Forms(text))
  for (const { text, phase } of [...once, ...twice]) {
    const replacement = (length: number) => asterisks(phase, length)
    if (!patterns.has(text)) patterns.set(text, { bytes: Buffer.from(text), replacement })
  }
  return [...patterns.values()]
}

function base64Forms(value: string): { text: string; phase: number }[] {
  return [0, 1, 2].flatMap(alignment => [base64At(alignment, value, 'base64'), base64At(alignment, value, 'base64url')])
}

/** Its `+` and `/` mean something else in a query. */
function withUrlForm({ text, phase }: { text: string; phase: number }): { text: string; phase: number }[] {
  return [text, encodeURIComponent(text)].map(text => ({ text, phase }))
}

function casesOf(value: string): string[] {
  return value.length >= shortestInOtherCase ? [value.toUpperCase(), value.toLowerCase()] : []
}

/** Also as Node prints a buffer, and as JSON has one. */
function byteForms(value: string): string[] {
  const bytes = Buffer.from(value)
  const hex = bytes.toString('hex')
  return [hex, hex.toUpperCase(), hex.replace(/..(?=.)/g, '$& '), bytes.join(','), bytes.join(', ')]
}

/** As Node, Playwright's matchers and its locators print a text. */
function quotedForms(value: string): string[] {
  const locator = escapeJson(value).replaceAll('\\"', '"').replaceAll("'", "\\'")
  return [inspect(value).slice(1, -1), value.replaceAll('\\', '\\\\'), value.replace(/["\\]/g, '\\$&'), locator]
}

/** Of a secret of several lines, such as a key: Playwright compares texts line by line. */
function linesOf(value: string): string[] {
  const lines = value.split(/\r?\n/)
  return lines.length > 1 ? lines.filter(({ length }) => length >= shortestLine) : []
}

// A body of JSON within an event of JSON, which a trace may hold as a string of JSON again: three deep.
function jsonForms(value: string): string[] {
  const once = escapeJson(value)
  const ascii = once.replace(/[^\0-\x7f]|[<>&]/g, character => unicodeEscapes(character))
  const slashes = once.replaceAll('/', '\\/')
  return [once, ascii, slashes].flatMap(form => [form, escapeJson(form), escapeJson(escapeJson(form))])
}

/** As it stands within a text in JSON. */
export function escapeJson(text: string): string {
  return JSON.stringify(text).slice(1, -1)
}

function unicodeEscapes(character: string): string {
  return Array.from({ length: character.length }, (_, index) => {
    return `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`
  }).join('')
}

/** As it stands in paths, queries and forms. */
export function urlForms(value: string): string[] {
  const component = encodeURIComponent(value)
  const strict = component.replace(/[!'()*~]/g, character => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
  const form = new URLSearchParams([['', value]]).toString().slice(1)
  const normalized = [value, component, encodeURI(value)].flatMap(normalizedForms)
  const forms = [component, strict, form, encodeURI(value), encodeURIComponent(component), ...normalized]
  return forms.flatMap(text => [text, text.replace(/%[0-9A-F]{2}/g, hex => hex.toLowerCase())])
}

/** As a `URL` has it in its query and in its path, where some characters are escaped that others leave. */
function normalizedForms(text: string): string[] {
  if (text.includes('#')) return []
  const query = new URL(`http://a/?${text}`).search.slice(1)
  return /[?\\]|(^|\/)\.+(\/|$)/.test(text) ? [query] : [query, new URL(`http://a/-${text}`).pathname.slice(2)]
}

function htmlForms(value: string): string[] {
  const text = value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
  const attribute = text.replaceAll('"', '&quot;')
  return [text, attribute, attribute.replaceAll("'", '&#39;'), attribute.replaceAll("'", '&#x27;')]
}

/** The characters that a value gives wherever it begins `alignment` bytes after a multiple of three, whatever stands around it. */
function base64At(alignment: number, value: string, alphabet: 'base64' | 'base64url'): { text: string; phase: number } {
  const bytes = Buffer.concat([Buffer.alloc(alignment), Buffer.from(value)])
  const first = Math.ceil((alignment * 8) / 6)
  const end = Math.floor((bytes.length * 8) / 6)
  return { text: bytes.toString(alphabet).slice(first, end), phase: first % 4 }
}

/** Characters of base64 that decode to asterisks, in the place of as many others, so that what follows stays readable. */
function asterisks(phase: number, length: number): Buffer {
  return Buffer.from('Kioq'.repeat(Math.ceil((phase + length) / 4)).slice(phase, phase + length))
}
