/** The forms in which a secret is found in reports, traces and logs. */

export interface Pattern {
  readonly bytes: Buffer
  /** What is written in place of `length` bytes. */
  replacement(length: number): Buffer
}

/** Every form of a secret: as it is, escaped for JSON (also within JSON), URLs and HTML, and in base64 at each alignment. */
export function patternsOf(name: string, value: string): Pattern[] {
  const texts = new Set([value, ...jsonForms(value), ...urlForms(value), ...htmlForms(value)])
  const label = Buffer.from(`[${name}]`)
  const patterns = new Map<string, Pattern>()
  for (const text of texts) patterns.set(text, { bytes: Buffer.from(text), replacement: () => label })
  for (const text of [value, ...jsonForms(value)]) {
    for (const alignment of [0, 1, 2]) {
      for (const alphabet of ['base64', 'base64url'] as const) {
        const encoded = base64At(alignment, text, alphabet)
        if (!patterns.has(encoded.text)) {
          const replacement = (length: number) => asterisks(encoded.phase, length)
          patterns.set(encoded.text, { bytes: Buffer.from(encoded.text), replacement })
        }
      }
    }
  }
  return [...patterns.values()]
}

// A body of JSON within an event of JSON, which a trace may hold as a string of JSON again: three deep.
function jsonForms(value: string): string[] {
  const once = escapeJson(value)
  const ascii = once.replace(/[^\0-\x7f]|[<>&]/g, character => unicodeEscapes(character))
  const slashes = once.replaceAll('/', '\\/')
  return [once, ascii, slashes].flatMap(form => [form, escapeJson(form), escapeJson(escapeJson(form))])
}

function escapeJson(text: string): string {
  return JSON.stringify(text).slice(1, -1)
}

function unicodeEscapes(character: string): string {
  return Array.from({ length: character.length }, (_, index) => {
    return `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`
  }).join('')
}

function urlForms(value: string): string[] {
  const component = encodeURIComponent(value)
  const strict = component.replace(/[!'()*~]/g, character => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
  const form = new URLSearchParams([['', value]]).toString().slice(1)
  const forms = [component, strict, form, encodeURI(value), encodeURIComponent(component)]
  return forms.flatMap(text => [text, text.replace(/%[0-9A-F]{2}/g, hex => hex.toLowerCase())])
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
