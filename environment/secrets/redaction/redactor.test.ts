import assert from 'node:assert/strict'
import fc from 'fast-check'
import { expect, test } from '../../../testing/test.ts'
import { escapeJson } from './patterns.ts'
import { Redactor } from './redactor.ts'

const token = 'pä"ss/w\\rd & <42>+~=\''
const redactor = new Redactor(new Map([['TOKEN', token]]))

const lowerCode = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
const upperCode = (character: string) => `\\u${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`
const entities = (text: string, own: Record<string, string>) =>
  [...text].map(letter => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', ...own })[letter] ?? letter).join('')
const json = (text: string) => JSON.stringify({ text })
const forms: Record<string, (text: string) => string> = {
  raw: text => text,
  JSON: json,
  'JSON in JSON': text => json(json(text)),
  'JSON in JSON in JSON': text => json(json(json(text))),
  'JSON in ASCII': text =>
    json(text)
      .replace(/ä/g, '\\u00e4')
      .replace(/[<>&]/g, c => `\\u00${c.charCodeAt(0).toString(16)}`),
  'JSON of Gson': text => json(text).replace(/[<>&=']/g, lowerCode),
  'JSON of .NET': text =>
    json(text.replaceAll('"', '@'))
      .replace(/[<>&'+]|[^\0-\x7f]/g, upperCode)
      .replace('@', '\\u0022'),
  'JSON of .NET in JSON': text =>
    json(
      json(text.replaceAll('"', '@'))
        .replace(/[<>&'+]|[^\0-\x7f]/g, upperCode)
        .replace('@', '\\u0022'),
    ),
  'JSON of PHP': text =>
    json(text)
      .replace(/[<>&']/g, upperCode)
      .replace(/[^\0-\x7f]/g, lowerCode)
      .replaceAll('/', '\\/')
      .replace('\\"ss', '\\u0022ss'),
  'a page by Go': text => entities(text, { '"': '&#34;', "'": '&#39;', '+': '&#43;' }),
  'a page by Mustache': text => entities(text, { '"': '&quot;', "'": '&#39;', '/': '&#x2F;', '=': '&#x3D;' }),
  'a literal of SQL': text => `'${text.replaceAll("'", "''")}'`,
  'a header that was read as Latin-1': text => Buffer.from(text).toString('latin1'),
  'a URL': encodeURIComponent,
  'a URL in a URL': text => encodeURIComponent(encodeURIComponent(text)),
  'a URL in lower case': text => encodeURIComponent(text).replace(/%../g, hex => hex.toLowerCase()),
  'a form': text => new URLSearchParams({ text }).toString(),
  HTML: text => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;'),
  'an attribute': text =>
    text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;'),
}

for (const [name, form] of Object.entries(forms)) {
  test(`finds a secret in ${name}`, () => {
    const text = form(`before ${token} after`)
    const redacted = redactor.text(text)
    expect(redacted).not.toContain(form(token).replace(/^\{?\\*"?text\\*"?[:=]?\\*"?|\\*"\}?$/g, ''))
    expect(redacted).toMatch(/before(.+)\[TOKEN\](.+)after|before.*\[TOKEN\].*after/)
    expect(redacted.length).toBeLessThan(text.length)
  })
}

test('finds a secret in base64 at each alignment, and the text around it stays decodable', () => {
  for (const encoding of ['base64', 'base64url'] as const) {
    for (const before of ['', 'u', 'me', 'me:', 'four']) {
      const encoded = Buffer.from(`${before}${token}: after`).toString(encoding)
      const redacted = redactor.text(`Basic ${encoded}`)
      expect(redacted).toHaveLength(`Basic ${encoded}`.length)
      const decoded = Buffer.from(redacted.slice(6), encoding).toString('latin1')
      expect(decoded).toContain('*'.repeat(Buffer.byteLength(token) - 2))
      expect(decoded.startsWith(before)).toBe(true)
      expect(decoded.endsWith(': after')).toBe(true)
    }
  }
})

test('finds a secret in base64 of JSON', () => {
  const encoded = Buffer.from(json(token)).toString('base64')
  const decoded = Buffer.from(redactor.text(encoded), 'base64').toString()
  expect(decoded).not.toContain(JSON.stringify(token).slice(3, -3))
  expect(decoded).toContain('***')
})

test('nothing is left of overlapping secrets', () => {
  const both = new Redactor(
    new Map([
      ['ONE', 'abcdef'],
      ['OTHER', 'defghi'],
      ['PART', 'cdef'],
    ]),
  )
  expect(both.text('abcdefghi')).toBe('[ONE]')
  expect(both.text('abcdef, defghi, xcdefx')).toBe('[ONE], [OTHER], x[PART]x')
})

test('finds a secret in hexadecimal, in another case, and in base64 twice', () => {
  const plain = 'sk_live-Canary4711'
  const one = new Redactor(new Map([['KEY', plain]]))
  for (const form of [
    Buffer.from(plain).toString('hex'),
    Buffer.from(plain).toString('hex').toUpperCase(),
    plain.toUpperCase(),
    plain.toLowerCase(),
  ]) {
    expect(one.text(`before ${form} after`)).toBe('before [KEY] after')
  }
  for (const user of ['', 'a:', 'ab:', 'abc:']) {
    const twice = Buffer.from(Buffer.from(`${user}${plain}`).toString('base64')).toString('base64')
    const decoded = Buffer.from(Buffer.from(one.text(twice), 'base64').toString(), 'base64').toString('latin1')
    for (let at = 0; at + 6 <= plain.length; at++) expect(decoded).not.toContain(plain.slice(at, at + 6))
  }
})

test('a part of a secret at a truncation counts as the secret, a shorter part does not', () => {
  const plain = 'sk_live-Canary4711'
  const one = new Redactor(new Map([['KEY', plain]]))
  for (const mark of ['…', '...', '\\u2026']) {
    expect(one.bytes(Buffer.from(`before ${plain.slice(0, 6)}${mark} after`)).toString()).toBe(
      `before [KEY]${mark} after`,
    )
    expect(one.bytes(Buffer.from(`${mark}${plain.slice(-9)} after`)).toString()).toBe(`${mark}[KEY] after`)
    expect(one.text(`before ${plain.slice(0, 5)}${mark}`)).toBe(`before ${plain.slice(0, 5)}${mark}`)
  }
  expect(one.text(`before ${plain.slice(0, 12)}`)).toBe('before [KEY]')
  expect(one.text(`${plain.slice(4)} after`)).toBe('[KEY] after')
  expect(one.text(`before ${plain.slice(0, 12)} after`)).toContain(plain.slice(0, 12))
})

const thrice = (text: string) => escapeJson(escapeJson(escapeJson(text)))
const inJson: { secret: string; text: string; redacted: string }[] = [
  // With the closing quotation mark, the end is also how the secret begins in JSON in JSON in JSON.
  { secret: '"ABCDEFGH\\', text: `"${thrice('"ABCDEFGH\\')}"`, redacted: '"[TOKEN]"' },
  { secret: 'abcdef"', text: '["abcdef",1]', redacted: '["[TOKEN]",1]' },
  { secret: 'ntoken', text: '{"a":"C:\\ntoken"}', redacted: '{"a":"C:\\\\[TOKEN]"}' },
  { secret: 'e4abcdef', text: '["\\u00e4abcdef"]', redacted: '["\\\\u00[TOKEN]"]' },
  {
    secret: '4711',
    text: '{"pin":4711,"time":1.47110,"none":null}',
    redacted: '{"pin":"[TOKEN]","time":"1.[TOKEN]0","none":null}',
  },
]

for (const { secret, text, redacted } of inJson) {
  test(`JSON stays valid: ${secret} in ${text}`, () => {
    const one = new Redactor(new Map([['TOKEN', secret]]))
    expect(one.text(text)).toBe(redacted)
    expect(one.lines(`${text}\n{}\n`)).toBe(`${redacted}\n{}\n`)
  })
}

test('a secret that is JSON is redacted, although no valid JSON is left', () => {
  const credentials = '{"type":"service_account"}'
  expect(new Redactor(new Map([['KEY', credentials]])).text(`[${credentials}]`)).toBe('[[KEY]]')
})

test('a text without secrets stays the same, and so does any text without configured secrets', () => {
  expect(redactor.text('nothing to hide')).toBe('nothing to hide')
  expect(new Redactor(new Map()).text(token)).toBe(token)
})

test('a stream is redacted like the text, whatever its chunks are', async () => {
  const secrets = fc.array(fc.string({ minLength: 4, maxLength: 12, unit: fc.constantFrom('a', 'b', '"', '/', 'é') }), {
    minLength: 1,
    maxLength: 3,
  })
  const filler = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '"', '{', '\\', 'é') })
  const text = (values: string[]) =>
    fc.array(fc.oneof(filler, fc.constantFrom(...values), fc.constantFrom(...values).map(json)), { maxLength: 12 })
  const input = secrets.chain(values =>
    fc.record({ values: fc.constant(values), pieces: text(values), sizes: fc.array(fc.integer({ min: 1, max: 9 })) }),
  )
  await fc.assert(
    fc.asyncProperty(input, async ({ values, pieces, sizes }) => {
      const small = new Redactor(new Map(values.map((value, index) => [`S${index}`, value])))
      const bytes = Buffer.from(pieces.join(''))
      const stream = small.stream()
      let at = 0
      for (const size of [...sizes, bytes.length]) {
        stream.write(bytes.subarray(at, at + size))
        at += size
      }
      stream.end()
      const output = Buffer.concat(await stream.toArray()).toString()
      // Not by `expect`, which reports each of some thousand steps.
      assert.equal(output, small.bytes(bytes).toString())
      for (const value of values) assert.ok(!output.includes(value), `${value} is in ${output}`)
    }),
    { numRuns: 500 },
  )
})

test('the error for a missing or short secret has its name', () => {
  expect(() => Redactor.of(['TOKEN'], {})).toThrow('The secret TOKEN is not set: set the environment variable TOKEN.')
  expect(() => Redactor.of(['TOKEN'], { TOKEN: 'abc' })).toThrow('The secret TOKEN has 3 characters, too few')
})

test('the beginning of a long value that was found is redacted before a truncation', () => {
  const value = `eyJhbGciOiJIUzI1NiJ9.${'Kq83Wz5Yhx'.repeat(30)}`
  const redactor = new Redactor(new Map(), new Map([[value, 'token']]))
  expect(redactor.text(`fill("${value.slice(0, 200)}…")`)).toBe('fill("[token]…")')
  expect(redactor.lines(`{"title":"fill ${value.slice(0, 200)}..."}\n`)).toBe('{"title":"fill [token]..."}\n')
  expect(redactor.text('eyJhbGci… and others')).toBe('eyJhbGci… and others')
  const pieces = redactor.pieces()
  const printed = [value.slice(0, 100), value.slice(100, 200), '… and more'].flatMap(text =>
    pieces.push(Buffer.from(text)),
  )
  expect(Buffer.concat([...printed, ...pieces.end()]).toString()).toBe('[token]… and more')
})
