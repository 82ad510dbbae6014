import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { Redactor } from '../environment/secrets/redaction/redactor.ts'
import { test as base, expect } from '../testing/test.ts'
import { declaredSecrets } from './declared-secrets.ts'
import { redactOutput } from './redacted-output.ts'
import { redactRun } from './redacted-run.ts'

const test = base.extend<{ folder: string }>({
  folder: async ({}, use) => {
    const folder = await mkdtemp(path.join(tmpdir(), 'reprise-run-'))
    await use(folder)
    await rm(folder, { recursive: true })
  },
})

test('the output folders are redacted although the blob cannot be read', async ({ folder }) => {
  const output = path.join(folder, 'test-results')
  await mkdir(output)
  const files = {
    'error-context.md': 'token canary-4711',
    'log.gz': gzipSync('token canary-4711'),
    'answer.json': '{"access_token":"Rm40-Jw8Pz2Cxk","again":"Rm40-Jw8Pz2Cxk"}',
    'half.zip': 'PK\x03\x04 canary-4711',
  }
  for (const [name, content] of Object.entries(files)) await writeFile(path.join(output, name), content)
  const raw = path.join(folder, 'raw.zip')
  await writeFile(raw, 'PK\x03\x04 no archive')
  const redaction = redactRun(
    { raw, clean: path.join(folder, 'clean.zip'), pictures: 'kept', summary: '' },
    { secrets: new Map([['TOKEN', 'canary-4711']]), personal: [] },
    [path.join(folder, 'missing'), output],
  )
  await expect(redaction).rejects.toThrow()
  const left = async (name: string) => readFile(path.join(output, name))
  expect(String(await left('error-context.md'))).toBe('token [TOKEN]')
  expect(gunzipSync(await left('log.gz')).toString()).toBe('token [TOKEN]')
  expect(String(await left('answer.json'))).toBe('{"access_token":"[access_token]","again":"[access_token]"}')
  expect(String(await left('half.zip'))).toContain('This archive was left out')
})

test('a file that cannot be redacted is removed, and the error names it', async ({ folder }) => {
  const file = path.join(folder, 'too-many.json')
  await writeFile(file, JSON.stringify(Array.from({ length: 20_001 }, (_, n) => ({ token: `Value-${n}` }))))
  const raw = path.join(folder, 'missing.zip')
  const redaction = redactRun(
    { raw, clean: path.join(folder, 'clean.zip'), pictures: 'kept', summary: '' },
    { secrets: new Map([['TOKEN', 'canary-4711']]), personal: [] },
    [folder],
  )
  await expect(redaction).rejects.toThrow(/Removed, since they could not be redacted: .*too-many\.json/)
  await expect(readFile(file)).rejects.toThrow('ENOENT')
})

test('a file that can be neither redacted nor removed is named, and the others are redacted', async ({ folder }) => {
  for (const name of ['a.txt', 'b.txt', 'c.txt']) await writeFile(path.join(folder, name), 'token canary-4711')
  const redactor = new Redactor(new Map([['TOKEN', 'canary-4711']]))
  const { left, removed } = await redactOutput(
    folder,
    async file => {
      // As on a system that does not let go of it.
      if (file.endsWith('b.txt')) await rm(file).then(() => mkdir(file))
      return redactor
    },
    'kept',
  )
  expect({ left, removed }).toEqual({ left: [path.join(folder, 'b.txt')], removed: [] })
  for (const name of ['a.txt', 'c.txt']) expect(await readFile(path.join(folder, name), 'utf8')).toBe('token [TOKEN]')
})

test('secrets are those of placeholders, of the target and of the option', () => {
  const use: Record<string, unknown> = { extraHTTPHeaders: { a: `\${secret:A_TOKEN}` }, count: 1n }
  use.itself = use
  const uses = [use, { target: { secrets: ['B_TOKEN'] } }, { target: undefined }]
  const env = { A_TOKEN: 'canary-a', B_TOKEN: 'canary-b', C_TOKEN: 'canary-c', SHORT: 'abc' }
  const { values, unusable } = declaredSecrets(uses, ['C_TOKEN', 'SHORT', 'UNSET'], env)
  expect([...values.keys()]).toEqual(['A_TOKEN', 'B_TOKEN', 'C_TOKEN'])
  expect(unusable).toEqual(['SHORT', 'UNSET'])
})
