import { createWriteStream } from 'node:fs'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { buffer } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { gunzipSync, gzipSync } from 'node:zlib'
import { openPromise } from 'yauzl'
import { ZipFile } from 'yazl'
import { test as base, expect } from '../../../testing/test.ts'
import { redactArchive } from './archive.ts'
import { Redactor } from './redactor.ts'

const test = base.extend<{ folder: string }>({
  folder: async ({}, use) => {
    const folder = await mkdtemp(path.join(tmpdir(), 'reprise-archive-'))
    await use(folder)
    await rm(folder, { recursive: true })
  },
})

const redactor = new Redactor(new Map([['TOKEN', 'canary-4711']]))

test('redacts entries, nested archives, and names', async ({ folder }) => {
  const trace = await zip(folder, 'trace.zip', { 'trace.network': '{"authorization":"canary-4711"}' })
  const attachment = await zip(folder, 'attachment.zip', {
    'inner/trace.zip': trace,
    'log.gz': gzipSync('canary-4711'),
  })
  const large = `${'x'.repeat(70_000)}canary-4711`.repeat(20)
  await zip(folder, 'blob.zip', {
    'report.jsonl': 'Cookie: id=canary-4711\n',
    'resources/canary-4711.txt': '',
    'resources/large.txt': large,
    'resources/attachment.zip': attachment,
  })
  await redactArchive(path.join(folder, 'blob.zip'), path.join(folder, 'clean.zip'), redactor, 'kept')

  const clean = await unzip(path.join(folder, 'clean.zip'))
  expect(Object.keys(clean)).toEqual([
    'report.jsonl',
    'resources/[TOKEN].txt',
    'resources/large.txt',
    'resources/attachment.zip',
  ])
  expect(clean['report.jsonl']?.toString()).toBe('Cookie: id=[TOKEN]\n')
  expect(clean['resources/large.txt']?.toString()).toBe(large.replaceAll('canary-4711', '[TOKEN]'))
  await writeFile(path.join(folder, 'inner.zip'), clean['resources/attachment.zip'] ?? '')
  const inner = await unzip(path.join(folder, 'inner.zip'))
  expect(gunzipSync(inner['log.gz'] ?? '').toString()).toBe('[TOKEN]')
  await writeFile(path.join(folder, 'innermost.zip'), inner['inner/trace.zip'] ?? '')
  const innermost = await unzip(path.join(folder, 'innermost.zip'))
  expect(innermost['trace.network']?.toString()).toBe('{"authorization":"[TOKEN]"}')
  expect((await readdir(folder)).filter(name => name.startsWith('unpacked'))).toEqual([])
})

test('blanks or keeps pictures and videos at every level', async ({ folder }) => {
  const png = Buffer.concat([Buffer.from([0x89, 0x50, 0x4e, 0x47]), Buffer.from('what a page has shown')])
  const film = Buffer.concat([Buffer.from([0x1a, 0x45, 0xdf, 0xa3]), Buffer.from('what a page has shown')])
  const trace = await zip(folder, 'trace.zip', { 'resources/frame.jpeg': Buffer.from([0xff, 0xd8, 0xff, 0xe0]) })
  const event = { params: { attachments: [{ name: 'inline', base64: png.toString('base64') }] } }
  await zip(folder, 'blob.zip', {
    'report.jsonl': `${JSON.stringify(event)}\n`,
    'resources/page.png': png,
    'resources/page.webm': film,
    'resources/trace.zip': trace,
    'resources/note.txt': 'a text',
  })
  const [from, blank, kept] = ['blob.zip', 'blank.zip', 'kept.zip'].map(name => path.join(folder, name))
  await redactArchive(String(from), String(blank), redactor, 'blank')
  const blanked = await unzip(String(blank))
  for (const name of ['resources/page.png', 'resources/page.webm']) {
    expect(blanked[name]?.subarray(1, 4).toString()).toBe('PNG')
    expect(blanked[name]?.toString()).not.toContain('shown')
  }
  expect(blanked['resources/note.txt']?.toString()).toBe('a text')
  const [, inline = ''] = /"base64":"([^"]+)"/.exec(String(blanked['report.jsonl'])) ?? []
  expect(Buffer.from(inline, 'base64').toString()).not.toContain('shown')
  await writeFile(path.join(folder, 'inner.zip'), blanked['resources/trace.zip'] ?? '')
  const inner = await unzip(path.join(folder, 'inner.zip'))
  expect(inner['resources/frame.jpeg']?.subarray(1, 4).toString()).toBe('PNG')

  await redactArchive(String(from), String(kept), redactor, 'kept')
  expect((await unzip(String(kept)))['resources/page.png']).toEqual(png)
})

test('redacts attachments and output in base64 in events', async ({ folder }) => {
  const inner = await zip(folder, 'inner.zip', { 'log.txt': 'canary-4711' })
  const encoded = (content: string | Buffer) => Buffer.from(content).toString('base64')
  const url = 'https://a.example/?token=%63anary-4711&again=canary-4711'
  const events = [
    { method: 'onConfigure', params: { text: 'base64 \u2028 canary-4711' } },
    {
      method: 'onAttach',
      params: { attachments: [{ name: 'twice', base64: encoded(encoded(`Bearer canary-4711`)) }] },
    },
    { method: 'onAttach', params: { attachments: [{ name: 'archive', base64: encoded(inner) }] } },
    { method: 'onStdIO', params: { type: 'stdout', data: encoded(url), isBase64: true } },
    { method: 'onEnd', params: { base64: 'no attachment' } },
  ]
  await zip(folder, 'blob.zip', { 'report.jsonl': events.map(event => `${JSON.stringify(event)}\n`).join('') })
  await redactArchive(path.join(folder, 'blob.zip'), path.join(folder, 'clean.zip'), redactor, 'kept')
  const report = (await unzip(path.join(folder, 'clean.zip')))['report.jsonl']?.toString() ?? ''
  const [configured, twice, archive, printed, ended, ...more] = report.split('\n').map(line => line && JSON.parse(line))
  expect(configured.params.text).toBe('base64 \u2028 [TOKEN]')
  const once = Buffer.from(twice.params.attachments[0].base64, 'base64').toString()
  expect(Buffer.from(once, 'base64').toString()).toMatch(/^Bearer .*\*{9}/)
  await writeFile(path.join(folder, 'found.zip'), Buffer.from(archive.params.attachments[0].base64, 'base64'))
  expect((await unzip(path.join(folder, 'found.zip')))['log.txt']?.toString()).toBe('[TOKEN]')
  expect(Buffer.from(printed.params.data, 'base64').toString()).toContain('again=[TOKEN]')
  expect(ended.params.base64).toBe('no attachment')
  expect(more).toEqual([''])
})

test('a body in JSON stays valid without a number that was found', async ({ folder }) => {
  const found = new Redactor(new Map(), new Map([['123456789', 'otp']]))
  const event = {
    params: { attachments: [{ name: 'body', base64: Buffer.from('{"otp":123456789}').toString('base64') }] },
  }
  await zip(folder, 'blob.zip', {
    'report.jsonl': `${JSON.stringify(event)}\n`,
    'resources/body.dat': '{\n  "otp": 123456789,\n  "note": "123456789"\n}',
    'resources/note.txt': 'otp: 123456789',
  })
  await redactArchive(path.join(folder, 'blob.zip'), path.join(folder, 'clean.zip'), found, 'kept')
  const clean = await unzip(path.join(folder, 'clean.zip'))
  expect(clean['resources/body.dat']?.toString()).toBe('{\n  "otp": "[otp]",\n  "note": "[otp]"\n}')
  expect(clean['resources/note.txt']?.toString()).toBe('otp: [otp]')
  const { base64 } = JSON.parse(String(clean['report.jsonl'])).params.attachments[0]
  expect(Buffer.from(base64, 'base64').toString()).toBe('{"otp":"[otp]"}')
})

test('replaces archives that cannot be read by a note, whatever their names are', async ({ folder }) => {
  const whole = await zip(folder, 'whole.zip', { 'log.txt': 'canary-4711 '.repeat(500) })
  const packed = gzipSync('canary-4711 '.repeat(500))
  const half = (bytes: Buffer) => bytes.subarray(0, bytes.length - 30)
  const event = { params: { attachments: [{ name: 'half', base64: half(packed).toString('base64') }] } }
  await zip(folder, 'blob.zip', {
    'report.jsonl': `${JSON.stringify(event)}\n`,
    'resources/half.dat': half(whole),
    'resources/text.zip': 'no archive: canary-4711',
    'resources/half.gz': half(packed),
    'resources/whole.txt': whole,
    'resources/lines.jsonl': gzipSync('canary-4711'),
  })
  const clean = path.join(folder, 'clean.zip')
  await redactArchive(path.join(folder, 'blob.zip'), clean, redactor, 'kept')
  const entries = await unzip(clean)
  const note = 'This archive was left out: it cannot be read, and thus not be redacted.\n'
  expect(entries['resources/half.dat']?.toString()).toBe(note)
  expect(entries['resources/half.gz']?.toString()).toBe(note)
  expect(entries['resources/text.zip']?.toString()).toBe('no archive: [TOKEN]')
  expect(gunzipSync(entries['resources/lines.jsonl'] ?? '').toString()).toBe('[TOKEN]')
  expect(entries['report.jsonl']?.toString()).toContain(Buffer.from(note).toString('base64'))
  await writeFile(path.join(folder, 'inner.zip'), entries['resources/whole.txt'] ?? '')
  expect(Object.keys(await unzip(path.join(folder, 'inner.zip')))).toEqual(['log.txt'])
  expect((await readdir(folder)).filter(name => name.startsWith('unpacked'))).toEqual([])
})

test('the error for an unreadable archive has its path', async ({ folder }) => {
  const broken = path.join(folder, 'broken.zip')
  const bytes = await zip(folder, 'whole.zip', { 'report.jsonl': 'text '.repeat(1000) })
  await writeFile(broken, bytes.subarray(0, bytes.length - 40))
  await expect(redactArchive(broken, path.join(folder, 'clean.zip'), redactor, 'kept')).rejects.toThrow(
    `The archive ${broken} cannot be redacted: `,
  )
  expect((await readdir(folder)).filter(name => name.startsWith('unpacked'))).toEqual([])
})

async function zip(folder: string, name: string, entries: Record<string, string | Buffer>): Promise<Buffer> {
  const archive = new ZipFile()
  for (const [entry, content] of Object.entries(entries)) archive.addBuffer(Buffer.from(content), entry)
  archive.end()
  await pipeline(archive.outputStream, createWriteStream(path.join(folder, name)))
  return readFile(path.join(folder, name))
}

async function unzip(file: string): Promise<Record<string, Buffer>> {
  const archive = await openPromise(file)
  const entries: Record<string, Buffer> = {}
  for await (const entry of archive.eachEntry()) {
    entries[entry.fileName] = await buffer(await archive.openReadStreamPromise(entry))
  }
  return entries
}
