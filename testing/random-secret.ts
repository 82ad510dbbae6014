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

/** How a secret may stand in what is written, by the names of the forms. */
export const formsOfSecret: Record<string, (text: string) => string> = {
  raw: text => text,
  JSON: text => inner(JSON.stringify(text)),
  'JSON in JSON': text => inner(JSON.stringify(JSON.stringify(text)), 3),
  URL: encodeURIComponent,
  'URL in lower case': text => encodeURIComponent(text).replace(/%../g, hex => hex.toLowerCase()),
  form: text => new URLSearchParams({ '': text }).toString().slice(1),
  HTML: text => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;'),
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

/** The parts of six characters that stand in a text, and so what is longer as well, in any form: at best none. */
export function shownForms(secret: string, text: string): { form: string; part: string }[] {
  return Object.entries(partsOf(secret)).flatMap(([form, parts]) =>
    parts.filter(part => text.includes(part)).map(part => ({ form, part })),
  )
}

const known = new Map<string, Record<string, string[]>>()

function partsOf(secret: string): Record<string, string[]> {
  const letters = [...secret]
  const parts = Array.from({ length: letters.length - shortestShown + 1 }, (_, at) =>
    letters.slice(at, at + shortestShown).join(''),
  )
  const found = known.get(secret) ?? {
    ...Object.fromEntries(Object.entries(formsOfSecret).map(([name, form]) => [name, parts.map(form)])),
    base64: parts.flatMap(part => [0, 1, 2].map(before => base64At(before, part, 'base64'))),
    base64url: parts.flatMap(part => [0, 1, 2].map(before => base64At(before, part, 'base64url'))),
  }
  known.set(secret, found)
  return found
}

/** What no other text around it changes. */
function base64At(before: number, part: string, alphabet: 'base64' | 'base64url'): string {
  const bytes = Buffer.concat([Buffer.alloc(before), Buffer.from(part)])
  return bytes.toString(alphabet).slice(Math.ceil((before * 4) / 3), Math.floor((bytes.length * 4) / 3))
}

function inner(json: string, quotes = 1): string {
  return json.slice(quotes, -quotes)
}
