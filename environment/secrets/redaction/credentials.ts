/** Finds credentials where reports and traces keep them: headers, cookies, fields with telling names, and password inputs. */
import { readFile } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { gunzipSync } from 'node:zlib'
import { type Entry, fromBufferPromise, openPromise, type ZipFile } from 'yauzl'
import { deepest, kindOf, largestText, peek } from './archive.ts'
import { type FailingRow, failingRows, fieldsInErrors } from './error-fields.ts'
import { isHarmless, isVocabulary } from './harmless-values.ts'
import { holdsEvents } from './json-lines.ts'
import { type Field, fieldsInSql, insertedFields } from './sql-fields.ts'

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

/** Ends of names of fields, in lower case and without separators, whose values are credentials. */
const credentialWords = [
  'password',
  'passwd',
  'pwd',
  'passphrase',
  'secret',
  'token',
  'apikey',
  'accesskey',
  'secretkey',
  'signingkey',
  'privatekey',
  'otp',
  'jwt',
]

/** Also `newPassword`, `password_confirmation` and `password2`. */
const credentialField = new RegExp(
  `(${credentialWords.join('|')})(confirmation|confirm|repeat|again|hash|digest)?\\d?$`,
)

/** Tokens that point to a place in a list. */
const listPosition = /(page|continuation|sync|cursor)token$/

const isCredentialField = (plain: string) => credentialField.test(plain) && !listPosition.test(plain)

/** Whether a field, variable or header of this name holds a credential, by the words in it: `sessionToken`, `x-api-key`. */
export function isCredentialName(name: string): boolean {
  const plain = plainName(name)
  return plain === 'authorization' || isCredentialField(plain)
}

/** Whether the value of a header of this name is a credential: also `cookie` and `set-cookie`. */
export function isCredentialHeader(name: string): boolean {
  return credentialHeaders.has(name.toLowerCase()) || isCredentialName(name)
}

/** What a locator of a field for a credential has in it. */
const credentialLocator = /passw|passphrase|secret|token|api.?key|\botp\b|\bpin\b/i

/** Whether a locator is that of a field for a credential, by the words in it: `getByLabel('Password')`. */
export const isCredentialLocator = (locator: string): boolean => credentialLocator.test(locator)

/** Shorter values occur in ordinary text. */
const shortestFound = 6

/** More than these cannot be searched for in reasonable time. */
const mostFound = 20_000

/**
 * Where a value stands. Names of personal data are also those of members of Playwright's own events, such as `name`, so
 * that they count only in the arguments of a call and in what a service or a test has sent.
 */
type Place = 'event' | 'arguments' | 'content'

export class Credentials {
  /** Names by value. */
  readonly found = new Map<string, string>()
  readonly #personal: ReadonlySet<string>
  /** A text without any of these has no credential. */
  readonly #hint: RegExp
  /** What the statement inserts whose outcome is searched. */
  #inserted: readonly Field[] | undefined

  /** @param personal Further names of fields and columns whose values are found. */
  constructor(personal: readonly string[] = []) {
    const names = personal.map(plainName).filter(name => name !== '')
    this.#personal = new Set(names)
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
      'jwt',
      'pin',
      'failing row',
      '"base64":',
    ]
    // `emailAddress` is `email_address` in another notation.
    const separated = names.map(name => [...name].join('[^\\p{L}\\p{N}]?'))
    this.#hint = new RegExp([...hints, ...separated].join('|'), 'iu')
  }

  /**
   * Searches an archive, such as Playwright's blob report, and those in it. Throws if it cannot be read; what cannot be read
   * in it is left out, as `redactArchive` leaves it out.
   */
  async inArchive(file: string): Promise<void> {
    await this.#inZip(await openPromise(file), 1)
  }

  /** Searches a file, which may be an archive. */
  async inFile(file: string): Promise<void> {
    const content = await readFile(file)
    const kind = kindOf(content)
    if (kind === 'zip') await this.#inNested(content, 1)
    else if (kind === 'gzip' || (kind === 'other' && !isBinary(content.subarray(0, 1000)))) this.#inBody(content)
  }

  /** Searches any JSON value, such as the body of a response. */
  in(value: unknown): void {
    this.#in(value, 'content')
  }

  #in(value: unknown, place: Place): void {
    if (typeof value === 'string') this.#inText(value)
    else if (Array.isArray(value)) this.#inArray(value, place)
    else if (typeof value === 'object' && value !== null) this.#inObject(value as Record<string, unknown>, place)
  }

  async #inZip(zip: ZipFile, depth: number): Promise<void> {
    try {
      for await (const entry of zip.eachEntry()) {
        if (!entry.fileName.endsWith('/') && !entry.isEncrypted()) await this.#inEntry(zip, entry, depth)
      }
    } finally {
      zip.close()
    }
  }

  /** What an entry is depends on its content: its name comes from a media type that a test or a service has declared. */
  async #inEntry(zip: ZipFile, entry: Entry, depth: number): Promise<void> {
    const content = await zip.openReadStreamPromise(entry)
    const { kind, first } = await peek(content)
    // The stream of an empty entry has ended already, for which readline would wait.
    if (first.length === 0) content.destroy()
    else if (kind === 'zip') await this.#inNested(await buffer(content), depth + 1)
    else if (kind === 'other' && holdsEvents(entry.fileName)) await this.#inEvents(content)
    else if (kind === 'picture' || (kind === 'other' && isBinary(first)) || entry.uncompressedSize > largestText)
      content.destroy()
    else this.#inBody(await buffer(content))
  }

  async #inEvents(content: Readable): Promise<void> {
    for await (const line of createInterface({ input: content, crlfDelay: Number.POSITIVE_INFINITY })) {
      if (this.#hint.test(line)) this.#inJson(line, 'event')
    }
  }

  async #inNested(content: Buffer, depth: number): Promise<void> {
    if (depth > deepest) return
    try {
      await this.#inZip(await fromBufferPromise(content), depth)
    } catch (error) {
      if (error instanceof TooManyCredentials) throw error
    }
  }

  #inBody(body: Buffer): void {
    if (kindOf(body) !== 'gzip') {
      this.#inText(body.toString())
      return
    }
    let content: Buffer
    try {
      content = gunzipSync(body, { maxOutputLength: largestText })
    } catch {
      return
    }
    if (kindOf(content) === 'other' && !isBinary(content)) this.#inText(content.toString())
  }

  /** Returns whether it is JSON. */
  #inJson(text: string, place: Place): boolean {
    let value: unknown
    try {
      value = JSON.parse(text)
    } catch {
      return false
    }
    this.#in(value, place)
    return true
  }

  /** A body in an event is a text; so is a form. */
  #inText(text: string): void {
    if (!this.#hint.test(text)) return
    if (/^\s*[[{]/.test(text)) {
      if (this.#inJson(text, 'content')) return
      // One value a line.
      for (const line of text.split('\n')) if (this.#hint.test(line)) this.#inJson(line, 'content')
    } else if (/^[\w.%+-]+=[^\s]*$/.test(text)) {
      for (const [name, value] of new URLSearchParams(text)) this.#inField(name, value, 'content')
      return
    } else {
      // A header in a trace's log.
      const [, name = '', value = ''] = /^\s*(?:[→←] )?([\w-]+): (.+)$/.exec(text) ?? []
      this.#inHeader(name, value)
    }
    for (const [column, value] of fieldsInErrors(text)) this.#inField(column, value, 'content')
    for (const row of failingRows(text)) this.#inFailingRow(row)
    for (const [, name = '', value = ''] of text.matchAll(/[?&#]([\w.%[\]-]{1,100})=([^&#\s"'`<>\\]+)/g)) {
      const [field, decoded] = [percentDecoded(name), percentDecoded(value)]
      this.#inField(field, decoded, 'content')
      if (decoded !== value) this.#inField(field, value, 'content')
    }
  }

  #inArray(values: readonly unknown[], place: Place): void {
    const [name, value] = values
    if (values.length === 2 && typeof name === 'string' && typeof value === 'string') this.#inHeader(name, value)
    for (const one of values) this.#in(one, place)
  }

  #inObject(object: Record<string, unknown>, place: Place): void {
    const { name, value, cookies, columns } = object
    const isPair = typeof name === 'string' && typeof value === 'string'
    if (isPair) {
      this.#inHeader(name, value)
      // A header of an event may have the name of personal data; a parameter and a field of a form are content.
      this.#inField(name, value, 'content')
    }
    if (Array.isArray(cookies)) for (const cookie of cookies) this.#inCookie(cookie)
    const { base64, contentType } = object
    if (typeof base64 === 'string' && typeof contentType === 'string') this.#inAttachment(base64)
    // A field of a form in a page, as a trace's snapshot has it.
    if (object.type === 'password') this.#add('password', object.__playwright_value_, 'certain')
    const locator = [object.locator, object.selector].find(text => typeof text === 'string')
    if (typeof locator === 'string' && isCredentialLocator(locator)) this.#add('password', value ?? object.text)
    if (Array.isArray(columns)) this.#inTable(columns, object)
    // A statement of a timeline.
    const { sql, parameters = [] } = object
    const inserted = this.#inserted
    if (typeof sql === 'string' && Array.isArray(parameters)) {
      this.#inserted = insertedFields(sql, parameters)
      for (const [column, given] of fieldsInSql(sql, parameters)) this.#inField(column, given, 'content')
    }
    // The arguments of a call, as a trace has them; an event of a report has its members there.
    const isCall = place === 'event' && typeof object.type === 'string' && typeof object.callId === 'string'
    for (const [key, content] of Object.entries(object)) {
      this.#inHeader(key, content)
      const isOfPair = isPair && place === 'arguments' && (key === 'name' || key === 'value')
      this.#inField(key, content, isOfPair ? 'event' : place)
      this.#in(content, isCall && key === 'params' ? 'arguments' : place)
    }
    this.#inserted = inserted
  }

  /** It has every column of the table, in an order that is not known here: all of it counts, unless the personal values in it are known. */
  #inFailingRow({ values, fields }: FailingRow): void {
    if (fields) {
      for (const [column, value] of fields) this.#inField(column, value, 'content')
      return
    }
    const personal = this.#inserted?.filter(([column]) => this.#isField(column, 'content'))
    if (!personal?.every(([, value]) => values.includes(value))) this.#add('failing row', values)
  }

  #inAttachment(base64: string): void {
    const body = Buffer.from(base64, 'base64')
    const kind = kindOf(body)
    if (kind === 'gzip' || (kind === 'other' && !isBinary(body.subarray(0, 1000)))) this.#inBody(body)
  }

  /** The rows of a table, at any depth, have the values of its columns in their order. */
  #inTable(columns: readonly unknown[], table: Record<string, unknown>): void {
    const places = columns.flatMap((column, index) =>
      typeof column === 'string' && this.#isField(column, 'content') ? [{ index, column }] : [],
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
    this.#add('password', password, 'certain')
  }

  #inField(name: string, value: unknown, place: Place): void {
    if (this.#isField(name, place)) this.#add(name, value)
  }

  #isField(name: string, place: Place): boolean {
    const plain = plainName(name)
    return isCredentialField(plain) || (place !== 'event' && this.#personal.has(plain))
  }

  #inCookie(cookie: unknown): void {
    this.#add('cookie', Object(cookie).value)
  }

  /** @param place certain: it holds nothing but credentials. */
  #add(name: string, value: unknown, place: 'certain' | 'likely' = 'likely'): void {
    const text = typeof value === 'number' ? String(value) : value
    if (typeof text !== 'string' || text.length < shortestFound || this.found.has(text)) return
    if (isName(text) || (place === 'certain' ? isVocabulary(text) : isHarmless(text))) return
    if (this.found.size >= mostFound) {
      throw new TooManyCredentials(
        `it has more than ${mostFound} different credentials. Keep traces of failed tests only: use: { trace: 'retain-on-failure' }.`,
      )
    }
    this.found.set(text, name)
  }
}

class TooManyCredentials extends Error {}

const plainName = (name: string) => name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '')

/** The name of a field is no credential, although tests use it as one: it is in every page with such a field. */
const isName = (text: string) => fieldNames.has(plainName(text))

const fieldNames: ReadonlySet<string> = new Set([
  ...credentialWords,
  ...['access', 'refresh', 'id', 'auth', 'csrf', 'session', 'api'].map(word => `${word}token`),
  ...['newpassword', 'currentpassword', 'oldpassword', 'confirmpassword', 'passwordconfirmation', 'clientsecret'],
])

const isBinary = (bytes: Buffer) => bytes.includes(0)

function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

const isCell = (value: unknown) => value === null || typeof value === 'string' || typeof value === 'number'
