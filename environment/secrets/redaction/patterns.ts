/** Generates the forms in which a secret occurs in reports, traces and logs. */
import { inspect } from 'node:util'

export interface Pattern {
  readonly bytes: Buffer
  /** The replacement of `length` matched bytes. */
  replacement(length: number): Buffer
}

/** Shorter secrets in another case would match ordinary words. */
const shortestInOtherCase = 8

/** Shorter lines of a secret would match ordinary text. */
const shortestLine = 8

/**
 * Every form of a secret: as it is, in upper and lower case, quoted, escaped for JSON (also nested), URLs and HTML, in
 * hexadecimal, as a list of bytes, in base64 at each alignment, once and twice encoded; and each of its lines.
 */
export function patternsOf(name: string, value: string): Pattern[] {
  const plain = [value, ...quotedForms(value), ...linesOf(value), ...htmlForms(value), ...casesOf(value)]
  const texts = new Set([
    ...plain,
    ...plain.flatMap(jsonForms),
    ...[value, ...linesOf(value)].flatMap(jsonDialects),
    Buffer.from(value).toString('latin1'),
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

/** The forms in which a value occurs in a trace: as it is, escaped for JSON, encoded for a URL, and in base64. */
export function fewPatternsOf(name: string, value: string): Pattern[] {
  const label = Buffer.from(`[${name}]`)
  const json = [...jsonForms(value), ...jsonDialects(value)]
  const texts = new Set([value, ...json, encodeURIComponent(value), ...htmlForms(value)])
  return [
    ...[...texts].map(text => ({ bytes: Buffer.from(text), replacement: () => label })),
    ...base64Forms(value).map(({ text, phase }) => ({
      bytes: Buffer.from(text),
      replacement: (length: number) => asterisks(phase, length),
    })),
  ]
}

/** A value as it is, and escaped for JSON. */
export function plainPatternsOf(name: string, value: string): Pattern[] {
  const label = Buffer.from(`[${name}]`)
  return [...new Set([value, ...jsonForms(value)])].map(text => ({
    bytes: Buffer.from(text),
    replacement: () => label,
  }))
}

function base64Forms(value: string): { text: string; phase: number }[] {
  return [0, 1, 2].flatMap(alignment => [base64At(alignment, value, 'base64'), base64At(alignment, value, 'base64url')])
}

/** With `+` and `/` also percent-encoded, as in a query. */
function withUrlForm({ text, phase }: { text: string; phase: number }): { text: string; phase: number }[] {
  return [text, encodeURIComponent(text)].map(text => ({ text, phase }))
}

function casesOf(value: string): string[] {
  return value.length >= shortestInOtherCase ? [value.toUpperCase(), value.toLowerCase()] : []
}

/** Including the formats in which Node and JSON print a buffer. */
function byteForms(value: string): string[] {
  const bytes = Buffer.from(value)
  const hex = bytes.toString('hex')
  return [hex, hex.toUpperCase(), hex.replace(/..(?=.)/g, '$& '), bytes.join(','), bytes.join(', ')]
}

/** The quotations of Node, of Playwright's matchers and of its locators, of SQL, and of shells. */
function quotedForms(value: string): string[] {
  const locator = escapeJson(value).replaceAll('\\"', '"').replaceAll("'", "\\'")
  const [sql, shell] = ["''", "'\\''"].map(quote => value.replaceAll("'", quote))
  const ofTexts = [
    inspect(value).slice(1, -1),
    value.replaceAll('\\', '\\\\'),
    value.replace(/["\\]/g, '\\$&'),
    locator,
  ]
  return [...ofTexts, sql ?? value, shell ?? value]
}

/** The lines of a multi-line secret, such as a key: Playwright compares texts line by line. */
function linesOf(value: string): string[] {
  const lines = value.split(/\r?\n/)
  return lines.length > 1 ? lines.filter(({ length }) => length >= shortestLine) : []
}

// Three levels: a JSON body in a JSON event, which a trace may store as a JSON string.
function jsonForms(value: string): string[] {
  const once = escapeJson(value)
  const ascii = once.replace(/[^\0-\x7f]|[<>&]/g, character => unicodeEscapes(character))
  const slashes = once.replaceAll('/', '\\/')
  return [once, ascii, slashes].flatMap(form => [form, escapeJson(form), escapeJson(escapeJson(form))])
}

/** What writers of JSON escape although it need not be: each as the characters, and how their code is written. */
const dialects: [RegExp, (code: string) => string][] = [
  // Gson.
  [/[<>&='\u2028\u2029]/g, code => code],
  // .NET.
  [/["&'+<>`\x7f]|[^\0-\x7f]/g, code => code.toUpperCase()],
  // Jackson, Rails and others, as configured.
  [/[^\0-\x7f]/g, code => code.toUpperCase()],
  [/[<>&']/g, code => code.toUpperCase()],
  // PHP, with its options JSON_HEX.
  [/[<>&'"]|[^\0-\x7f]/g, code => (code.startsWith('00') && code < '0080' ? code.toUpperCase() : code)],
]

/** Escaped for JSON as other languages do it, also nested; with slashes escaped or not. */
function jsonDialects(value: string): string[] {
  return dialects.flatMap(([escaped, written]) => {
    if (value.search(escaped) === -1) return []
    const once = value
      .split(new RegExp(`(${escaped.source})`))
      .map((part, n) => (n % 2 === 0 ? escapeJson(part) : unicodeEscapes(part, written)))
      .join('')
    return [once, once.replaceAll('/', '\\/')].flatMap(form => [form, escapeJson(form), escapeJson(escapeJson(form))])
  })
}

/** Escaped as the inside of a JSON string. */
export function escapeJson(text: string): string {
  return JSON.stringify(text).slice(1, -1)
}

function unicodeEscapes(character: string, written = (code: string) => code): string {
  return Array.from({ length: character.length }, (_, index) => {
    return `\\u${written(character.charCodeAt(index).toString(16).padStart(4, '0'))}`
  }).join('')
}

/** Encoded for paths, queries and forms. */
export function urlForms(value: string): string[] {
  const component = encodeURIComponent(value)
  const strict = component.replace(/[!'()*~]/g, character => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
  const form = new URLSearchParams([['', value]]).toString().slice(1)
  const normalized = [value, component, encodeURI(value)].flatMap(normalizedForms)
  const forms = [component, strict, form, encodeURI(value), encodeURIComponent(component), ...normalized]
  return forms.flatMap(text => [text, text.replace(/%[0-9A-F]{2}/g, hex => hex.toLowerCase())])
}

/** As `URL` normalizes it in a query and in a path, where some characters are escaped that others leave. */
function normalizedForms(text: string): string[] {
  if (text.includes('#')) return []
  const query = new URL(`http://a/?${text}`).search.slice(1)
  return /[?\\]|(^|\/)\.+(\/|$)/.test(text) ? [query] : [query, new URL(`http://a/-${text}`).pathname.slice(2)]
}

function htmlForms(value: string): string[] {
  const text = value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
  const attribute = text.replaceAll('"', '&quot;')
  const texts = [text, attribute, attribute.replaceAll("'", '&#39;'), attribute.replaceAll("'", '&#x27;')]
  return [...texts, ...htmlDialects.map(entities => entitiesOf(value, entities))]
}

/** The entities of Go's templates, of Mustache, of Handlebars, and of .NET. */
const htmlDialects: Readonly<Record<string, string>>[] = [
  { '"': '&#34;', "'": '&#39;', '+': '&#43;' },
  { '"': '&quot;', "'": '&#39;', '/': '&#x2F;', '`': '&#x60;', '=': '&#x3D;' },
  { '"': '&quot;', "'": '&#x27;', '`': '&#x60;', '=': '&#x3D;' },
  { '"': '&quot;', "'": '&#x27;', '+': '&#x2B;', '`': '&#x60;' },
]

function entitiesOf(value: string, entities: Readonly<Record<string, string>>): string {
  const all: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', ...entities }
  return value.replace(/[&<>"'+/`=]/g, character => all[character] ?? character)
}

/** The base64 characters that encode a value starting `alignment` bytes after a multiple of three, whatever surrounds it. */
function base64At(alignment: number, value: string, alphabet: 'base64' | 'base64url'): { text: string; phase: number } {
  const bytes = Buffer.concat([Buffer.alloc(alignment), Buffer.from(value)])
  const first = Math.ceil((alignment * 8) / 6)
  const end = Math.floor((bytes.length * 8) / 6)
  return { text: bytes.toString(alphabet).slice(first, end), phase: first % 4 }
}

/** Base64 that decodes to asterisks, as long as the match, so that what follows stays decodable. */
function asterisks(phase: number, length: number): Buffer {
  return Buffer.from('Kioq'.repeat(Math.ceil((phase + length) / 4)).slice(phase, phase + length))
}
