/** Secrets for tests about what must be nowhere: random ones, and what is shown of one in a text. */
import { inspect } from 'node:util'
import fc from 'fast-check'

const shortestShown = 6

/** Letters and digits, what JSON, HTML, URLs and quotes escape, and characters of two, three and four bytes. */
const characters = [
  ...'ABCDEFGHJKMNPQRSTUVWXYZabcdefghjkmnpqrstuvwxyz23456789',
  ...`"'\\/<>&%+=~!?#;:@|$`,
  ...'äß€漢😀',
]

/** Of 16 characters and more, so that no six of them stand anywhere by chance. */
export const randomSecret = fc
  .string({ minLength: 16, maxLength: 40, unit: fc.constantFrom(...characters) })
  // A repetition could be mistaken for a filler.
  .filter(secret => new Set(secret).size >= 12)

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&#34;',
  "'": '&#39;',
  '+': '&#43;',
}

/** How a secret may stand in what is written, by the names of the forms. */
export const formsOfSecret: Record<string, (text: string) => string> = {
  raw: text => text,
  JSON: text => inner(JSON.stringify(text)),
  'JSON of .NET': text =>
    [...text]
      .map(letter => (/["&'+<>]|[^\0-\x7f]/.test(letter) ? codesOf(letter) : inner(JSON.stringify(letter))))
      .join(''),
  'JSON in JSON': text => inner(JSON.stringify(JSON.stringify(text)), 3),
  URL: encodeURIComponent,
  'URL in lower case': text => encodeURIComponent(text).replace(/%../g, hex => hex.toLowerCase()),
  form: text => new URLSearchParams({ '': text }).toString().slice(1),
  HTML: text => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;'),
  'HTML of Go': text => text.replace(/[&<>"'+]/g, letter => entities[letter] ?? ''),
  'quoted by Node': text => inspect(text).slice(1, -1),
  hex: text => Buffer.from(text).toString('hex'),
  'hex in upper case': text => Buffer.from(text).toString('hex').toUpperCase(),
  'a buffer': text =>
    Buffer.from(text)
      .toString('hex')
      .replace(/..(?=.)/g, '$& '),
  'upper case': text => text.toUpperCase(),
  'lower case': text => text.toLowerCase(),
}

interface Shown {
  form: string
  part: string
}

/** The parts of six characters that stand in a text, and so what is longer as well, in any form: at best none. */
export function shownForms(secret: string, text: string): Shown[] {
  const index = known.get(secret) ?? indexOf(partsOf(secret))
  known.set(secret, index)
  const found = new Set<Shown>()
  for (let at = 0; at + beginning <= text.length; at++) {
    const key = keyAt(text, at)
    if (index.keys[key] === 0) continue
    for (const shown of index.parts.get(key) ?? []) if (text.startsWith(shown.part, at)) found.add(shown)
  }
  return [...found]
}

/**
 * By how parts begin, since a search for each of some 500 would take minutes for the megabytes of a report. Different beginnings
 * may have the same key.
 */
interface Index {
  keys: Uint8Array
  parts: Map<number, Shown[]>
}

const known = new Map<string, Index>()
const beginning = 3
const keyBits = 13

function indexOf(parts: readonly Shown[]): Index {
  const index: Index = { keys: new Uint8Array(2 ** keyBits), parts: new Map() }
  for (const shown of parts) {
    const key = keyAt(shown.part, 0)
    index.keys[key] = 1
    index.parts.set(key, [...(index.parts.get(key) ?? []), shown])
  }
  return index
}

function keyAt(text: string, at: number): number {
  const mixed = (text.charCodeAt(at) * 961 + text.charCodeAt(at + 1) * 31 + text.charCodeAt(at + 2)) | 0
  return (mixed ^ (mixed >> keyBits)) & (2 ** keyBits - 1)
}

function partsOf(secret: string): Shown[] {
  const letters = [...secret]
  const parts = Array.from({ length: letters.length - shortestShown + 1 }, (_, at) =>
    letters.slice(at, at + shortestShown).join(''),
  )
  const forms = {
    ...Object.fromEntries(Object.entries(formsOfSecret).map(([name, form]) => [name, parts.map(form)])),
    base64: parts.flatMap(part => [0, 1, 2].map(before => base64At(before, part, 'base64'))),
    base64url: parts.flatMap(part => [0, 1, 2].map(before => base64At(before, part, 'base64url'))),
  }
  return Object.entries(forms).flatMap(([form, parts]) => parts.map(part => ({ form, part })))
}

/** What no other text around it changes. */
function base64At(before: number, part: string, alphabet: 'base64' | 'base64url'): string {
  const bytes = Buffer.concat([Buffer.alloc(before), Buffer.from(part)])
  return bytes.toString(alphabet).slice(Math.ceil((before * 4) / 3), Math.floor((bytes.length * 4) / 3))
}

function codesOf(letter: string): string {
  return letter
    .split('')
    .map(unit => `\\u${unit.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`)
    .join('')
}

function inner(json: string, quotes = 1): string {
  return json.slice(quotes, -quotes)
}
