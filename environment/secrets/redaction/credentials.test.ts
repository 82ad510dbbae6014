/** Tests which values count as credentials, and which do not. */
import { createWriteStream } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import { gzipSync } from 'node:zlib'
import { ZipFile } from 'yazl'
import { expect, test } from '../../../testing/test.ts'
import { Credentials, isCredentialName } from './credentials.ts'

function foundIn(value: unknown, personal: readonly string[] = []): string[] {
  const credentials = new Credentials(personal)
  credentials.in(value)
  return [...credentials.found.keys()]
}

async function foundInArchive(
  entries: Record<string, string | Buffer>,
  personal: readonly string[] = [],
): Promise<string[]> {
  const folder = await mkdtemp(path.join(tmpdir(), 'reprise-credentials-'))
  try {
    const credentials = new Credentials(personal)
    await write(path.join(folder, 'blob.zip'), entries)
    await credentials.inArchive(path.join(folder, 'blob.zip'))
    return [...credentials.found.keys()]
  } finally {
    await rm(folder, { recursive: true })
  }
}

async function write(file: string, entries: Record<string, string | Buffer>): Promise<void> {
  const archive = new ZipFile()
  for (const [name, content] of Object.entries(entries)) archive.addBuffer(Buffer.from(content), name)
  archive.end()
  await pipeline(archive.outputStream, createWriteStream(file))
}

const names = [
  'password',
  'newPassword',
  'current_password',
  'password_confirmation',
  'password2',
  'csrfToken',
  'session_token',
  'api_token',
  'webhookSecret',
  'x-api-key',
  'jwt',
]

for (const name of names) {
  test(`the field ${name} holds a credential`, () => {
    expect(isCredentialName(name)).toBe(true)
    expect(foundIn({ [name]: 'Kq83-Wz5Yhx' })).toEqual(['Kq83-Wz5Yhx'])
    expect(foundIn(JSON.stringify({ user: { [name]: 'Kq83-Wz5Yhx' } }))).toEqual(['Kq83-Wz5Yhx'])
  })
}

test('a position in a list is no credential', () => {
  expect(foundIn({ nextPageToken: 'Kq83-Wz5Yhx', pageToken: 'Kq83-Wz5Yhx', desktop: 'Kq83-Wz5Yhx' })).toEqual([])
})

test('personal names are found in each notation, also with letters beyond ASCII', () => {
  const text = JSON.stringify({ email_address: 'ada@example.com', straße: 'Ährenweg 7', plan: 'free plan' })
  expect(foundIn(text, ['emailAddress', 'Straße'])).toEqual(['ada@example.com', 'Ährenweg 7'])
  expect(foundIn({ ключ: 'значение-1' }, ['имя'])).toEqual([])
  expect(foundIn({ _: 'Kq83-Wz5Yhx' }, ['--'])).toEqual([])
})

test('values in URLs are found, decoded and as they stand there', () => {
  const text = 'GET https://a.example/reset?lang=en&reset_token=Kq83%2DWz5Yhx#access_token=Rm40-Jw8Pz2Cxk'
  expect(foundIn(text)).toEqual(['Kq83-Wz5Yhx', 'Kq83%2DWz5Yhx', 'Rm40-Jw8Pz2Cxk'])
  expect(foundIn({ url: 'https://a.example/?email=ada@example.com' }, ['email'])).toEqual(['ada@example.com'])
})

test('ordinary words and the vocabulary of reports are not credentials', () => {
  for (const value of ['passed', 'required', 'expired', 'content-type', 'onTestEnd', 'new-password', 'testId']) {
    expect(foundIn({ password: value }), value).toEqual([])
  }
  expect(foundIn({ password: 'correcthorse' })).toEqual(['correcthorse'])
})

test('a word is a credential where nothing else can be: in a password input, and in Basic authentication', () => {
  expect(foundIn(['INPUT', { type: 'password', __playwright_value_: 'swordfish' }])).toEqual(['swordfish'])
  expect(foundIn({ authorization: `Basic ${btoa('ada:swordfish')}` })).toContain('swordfish')
})

test('personal names are not those of the members of events', async () => {
  const report = [
    { method: 'onProject', params: { project: { name: 'Chromium 1', suites: [{ title: 'signs in › secret' }] } } },
    { method: 'onTestEnd', params: { result: { token: 'Kq83-Wz5Yhx', title: 'a key title' } } },
  ]
  const trace = [
    { type: 'before', callId: 'call@1', name: 'a name of the key', params: { name: 'Ada Lovelace', key: 'x' } },
    {
      type: 'before',
      callId: 'call@2',
      params: { headers: [{ name: 'x-key-id-of-mine', value: '1' }], data: '{"name":"Eva Lovelace","token":1}' },
    },
  ]
  const lines = (events: readonly object[]) => events.map(event => `${JSON.stringify(event)}\n`).join('')
  const found = await foundInArchive({ 'report.jsonl': lines(report), 'trace.trace': lines(trace) }, ['name', 'title'])
  expect(found.toSorted()).toEqual(['Ada Lovelace', 'Eva Lovelace', 'Kq83-Wz5Yhx'])
})

test('bodies are read whatever the names of their files are', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'reprise-credentials-'))
  const inner = path.join(folder, 'inner.zip')
  await write(inner, { 'a.har': '{"token":"Value-1234-e"}' })
  const found = await foundInArchive({
    'trace.network': '',
    'resources/empty.json': '',
    'resources/a.dat': ' \n{"token":"Value-1234-a"}',
    'resources/b.dat': '{"token":"Value-1234-b"}\n{"token":"Value-1234-c"}\n',
    'resources/c.bin': 'user=ada&password=Value-1234-d',
    'resources/d.dat': await readFile(inner),
    'resources/e.json': gzipSync('{"token":"Value-1234-f"}'),
    'resources/f.zip': 'no archive, token',
    'resources/g.gz': gzipSync('{"token":"Value-1234-g"}').subarray(0, 20),
  })
  await rm(folder, { recursive: true })
  expect(found.map(value => value.at(-1)).join('')).toBe('abcdef')
})

test('personal values in statements and in errors of PostgreSQL', () => {
  const credentials = new Credentials(['email'])
  credentials.in({
    entries: [
      { sql: 'select 1 from users where email = $1 and plan = $2', parameters: ['ann.lee@x.dev', 'enterprise-plan'] },
      { sql: "update users set password = 'Gd66-Lq1Nv5Swh' where id = 1" },
      { error: { detail: 'Key (lower(email::text))=(bob.lee@x.dev) already exists.' } },
    ],
  })
  expect([...credentials.found]).toEqual([
    ['ann.lee@x.dev', 'email'],
    ['Gd66-Lq1Nv5Swh', 'password'],
    ['bob.lee@x.dev', 'email'],
  ])
})

test('a row that failed is redacted as a whole, unless the personal values that its statement inserts are known', () => {
  const detail = 'Failing row contains (7, ada@example.com, null).'
  const row = '7, ada@example.com, null'
  const inserted = { sql: 'insert into users (email, plan) values ($1, null)', parameters: ['ada@example.com'] }
  expect(foundIn(detail)).toEqual([row])
  expect(foundIn({ ...inserted, error: { detail } }, ['email'])).toEqual(['ada@example.com'])
  expect(foundIn({ ...inserted, parameters: ['Ada@example.com'], error: { detail } }, ['email'])).toEqual([
    'Ada@example.com',
    row,
  ])
  expect(foundIn({ sql: 'update users set plan = null', error: { detail } }, ['email'])).toEqual([row])
  const named = 'Failing row contains (email, plan) = (ada@example.com, enterprise-plan).'
  expect(foundIn({ error: { detail: named } }, ['email'])).toEqual(['ada@example.com'])
  expect(foundIn('Key (tenant, full_name)=(7, Lovelace, Ada) already exists.', ['fullName'])).toEqual([
    '7, Lovelace, Ada',
  ])
})
