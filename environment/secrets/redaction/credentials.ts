/** Finds credentials where reports and traces keep them: headers, cookies, fields with telling names, and password inputs. */
import { createInterface } from 'node:readline'
import { buffer } from 'node:stream/consumers'
import { type Entry, fromBufferPromise, openPromise, type ZipFile } from 'yauzl'
import { holdsEvents } from './json-lines.ts'

/** Header names, in lower case, whose values are credentials. */
const credentialHeaders: ReadonlySet<string> = new Set([
  'authorization',
  'proxy-authorization',
  'cookie',
  'set-cookie',
  'x-api-key',
  'api-key',
  'x-auth-token',
  'x-access-token',
  'x-csrf-token',
  'x-xsrf-token',
])

/** Names of fields, in lower case and without separators, whose values are credentials. */
const credentialFields = [
  'password',
  'passwd',
  'pwd',
  'passphrase',
  'secret',
  'clientsecret',
  'token',
  'accesstoken',
  'refreshtoken',
  'idtoken',
  'authtoken',
  'apikey',
  'privatekey',
  'otp',
]

/** Whether a field, variable or header of this name holds a credential, by the words in it: `sessionToken`, `x-api-key`. */
export function isCredentialName(name: string): boolean {
  const plain = plainName(name)
  return plain === 'authorization' || credentialFields.some(field => plain.endsWith(field))
}

/** What a locator of a field for a credential has in it. */
const credentialLocator = /passw|passphrase|secret|token|api.?key|\botp\b|\bpin\b/i

/** Shorter values occur in ordinary text. */
const shortestFound = 6

/** Of a whole file that is read as one JSON value, in bytes. */
const largestJson = 20_000_000

/** More than these cannot be searched for in reasonable time. */
const mostFound = 20_000

export class Credentials {
  /** Names by value. */
  readonly found = new Map<string, string>()
  readonly #fields: ReadonlySet<string>
  /** A line without any of these has no credential. */
  readonly #hint: RegExp

  /** @param personal Further names of fields and columns whose values are found. */
  constructor(personal: readonly string[] = []) {
    this.#fields = new Set([...credentialFields, ...personal.map(plainName)])
    const hints = [
      'authorization',
      'cookie',
      'token',
      'key',
      'passw',
      'passphrase',
      'pwd',
      'secret',
      'otp',
      'pin',
      '"base64":',
    ]
    this.#hint = new RegExp([...hints, ...personal.map(name => name.replace(/[^a-z0-9]/gi, '.?'))].join('|'), 'i')
  }

  /** Searches an archive, such as Playwright's blob report, and those in it. Throws if one cannot be read. */
  async inArchive(file: string): Promise<void> {
    await this.#inZip(await openPromise(file))
  }

  /** Searches any JSON value. */
  in(value: unknown): void {
    if (typeof value === 'string') this.#inText(value)
    else if (Array.isArray(value)) this.#inArray(value)
    else if (typeof value === 'object' && value !== null) this.#inObject(value as Record<string, unknown>)
  }

  async #inZip(zip: ZipFile): Promise<void> {
    try {
      for await (const entry of zip.eachEntry()) await this.#inEntry(zip, entry)
    } finally {
      zip.close()
    }
  }

  async #inEntry(zip: ZipFile, entry: Entry): Promise<void> {
    const { fileName, uncompressedSize } = entry
    if (holdsEvents(fileName)) {
      const lines = createInterface({
        input: await zip.openReadStreamPromise(entry),
        crlfDelay: Number.POSITIVE_INFINITY,
      })
      for await (const line of lines) if (this.#hint.test(line)) this.#inJson(line)
    } else if (fileName.endsWith('.zip')) {
      const content = await buffer(await zip.openReadStreamPromise(entry))
      await this.#inZip(await fromBufferPromise(content))
    } else if (fileName.endsWith('.json') && uncompressedSize <= largestJson) {
      this.#inJson((await buffer(await zip.openReadStreamPromise(entry))).toString())
    }
  }

  #inJson(text: string): void {
    let value: unknown
    try {
      value = JSON.parse(text)
    } catch {
      return
    }
    this.in(value)
  }

  /** A body in an event is a text; so is a form. */
  #inText(text: string): void {
    if (!this.#hint.test(text)) return
    if (/^\s*[[{]/.test(text)) this.#inJson(text)
    else if (/^[\w.%+-]+=[^\s]*$/.test(text)) {
      for (const [name, value] of new URLSearchParams(text)) this.#inField(name, value)
    } else {
      // A header in a trace's log.
      const [, name = '', value = ''] = /^\s*([\w-]+): (.+)$/.exec(text) ?? []
      this.#inHeader(name, value)
    }
  }

  #inArray(values: readonly unknown[]): void {
    const [name, value] = values
    if (values.length === 2 && typeof name === 'string' && typeof value === 'string') this.#inHeader(name, value)
    for (const one of values) this.in(one)
  }

  #inObject(object: Record<string, unknown>): void {
    const { name, value, cookies, columns } = object
    if (typeof name === 'string' && typeof value === 'string') {
      this.#inHeader(name, value)
      this.#inField(name, value)
    }
    if (Array.isArray(cookies)) for (const cookie of cookies) this.#inCookie(cookie)
    const { base64, contentType } = object
    if (typeof base64 === 'string' && typeof contentType === 'string' && /[/+]json\b/.test(contentType)) {
      this.#inJson(Buffer.from(base64, 'base64').toString())
    }
    // A field of a form in a page, as a trace's snapshot has it.
    if (object.type === 'password') this.#add('password', object.__playwright_value_)
    const locator = [object.locator, object.selector].find(text => typeof text === 'string')
    if (typeof locator === 'string' && credentialLocator.test(locator)) this.#add('password', value ?? object.text)
    if (Array.isArray(columns)) this.#inTable(columns, object)
    for (const [key, content] of Object.entries(object)) {
      this.#inHeader(key, content)
      this.#inField(key, content)
      this.in(content)
    }
  }

  /** The rows of a table, at any depth, have the values of its columns in their order. */
  #inTable(columns: readonly unknown[], table: Record<string, unknown>): void {
    const places = columns.flatMap((column, index) =>
      typeof column === 'string' && this.#fields.has(plainName(column)) ? [{ index, column }] : [],
    )
    if (places.length === 0) return
    const visit = (value: unknown): void => {
      if (Array.isArray(value) && value.length === columns.length && value.every(isCell)) {
        for (const { index, column } of places) this.#add(column, value[index])
      } else if (Array.isArray(value)) value.forEach(visit)
      else if (typeof value === 'object' && value !== null) Object.values(value).forEach(visit)
    }
    for (const [key, content] of Object.entries(table)) if (key !== 'columns' && key !== 'primaryKey') visit(content)
  }

  #inHeader(name: string, value: unknown): void {
    const header = name.toLowerCase()
    if (typeof value !== 'string' || !credentialHeaders.has(header)) return
    this.#add(header, value)
    if (header === 'cookie' || header === 'set-cookie') {
      const pairs = header === 'cookie' ? value.split(';') : value.split('\n').map(line => line.split(';')[0] ?? '')
      for (const pair of pairs) this.#add('cookie', pair.slice(pair.indexOf('=') + 1).trim())
      return
    }
    const [, scheme = '', rest = ''] = /^(\S+)\s+(\S.*)$/.exec(value) ?? []
    this.#add(header, rest)
    if (scheme.toLowerCase() !== 'basic') return
    const [, password = ''] = /^[^:]*:(.*)$/s.exec(Buffer.from(rest, 'base64').toString()) ?? []
    this.#add('password', password)
  }

  #inField(name: string, value: unknown): void {
    if (this.#fields.has(plainName(name))) this.#add(name, value)
  }

  #inCookie(cookie: unknown): void {
    this.#add('cookie', Object(cookie).value)
  }

  #add(name: string, value: unknown): void {
    const text = typeof value === 'number' ? String(value) : value
    if (typeof text !== 'string' || text.length < shortestFound || isName(text) || this.found.has(text)) return
    if (this.found.size >= mostFound) {
      throw new Error(
        `it has more than ${mostFound} different credentials. Keep traces of failed tests only: use: { trace: 'retain-on-failure' }.`,
      )
    }
    this.found.set(text, name)
  }
}

const plainName = (name: string) => name.toLowerCase().replace(/[^a-z0-9]/g, '')

/** The name of a field is no credential, although tests use it as one: it is in every page with such a field. */
const isName = (text: string) => credentialFields.includes(plainName(text))

const isCell = (value: unknown) => value === null || typeof value === 'string' || typeof value === 'number'
