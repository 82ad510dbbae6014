/** Executes the code blocks of alerts.md with messages of the monitor. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect } from '@playwright/test'
import { channelSchema } from '../monitor/alerts/channels.ts'
import { messageText } from '../monitor/alerts/message-text.ts'
import { sampleKinds, sampleMessages } from '../monitor/alerts/sample-messages.ts'
import { sendNotice } from '../monitor/alerts/send-notice.ts'
import { loadConfiguration } from '../monitor/config/load-configuration.ts'
import { custom, webhook } from '../monitor/index.ts'
import type { AlertMessage } from '../monitor/store/messages.ts'
import { test as base, type Received } from '../monitor/testing/receiver-fixture.ts'
import { projectFolder, writeFiles } from '../testing/project-folder.ts'
import { blocksOf } from './readme/blocks.ts'

type IsGenuine = (headers: Received['headers'], body: string, key: string | Buffer, now?: number) => boolean

const page = await readFile(path.join(import.meta.dirname, 'alerts.md'), 'utf8')
const blockWith = (text: string) => blocksOf(page).find(block => block.text.includes(text))?.text ?? ''
const key = 'canary-key-4711'

const test = base.extend<{ isGenuine: IsGenuine; send: (signingKey?: string) => Promise<Received> }>({
  isGenuine: async ({}, use) => {
    const folder = await mkdtemp(path.join(tmpdir(), 'reprise-docs-'))
    const file = path.join(folder, 'verified.mjs')
    await writeFile(file, blockWith('// verified.mjs'))
    await use((await import(pathToFileURL(file).href)).isGenuine)
    await rm(folder, { recursive: true })
  },
  send: async ({ receiver }, use) => {
    const {
      version: _version,
      idempotencyKey,
      statusPage,
      incidentPage: _incidentPage,
      ...message
    } = JSON.parse(blockWith('"version": 1'))
    for (const check of message.checks) delete check.reportPage
    await use(async signingKey => {
      const channel = webhook({ url: receiver.url, ...(signingKey && { signingKey }) })
      const notice = { message: message as AlertMessage, idempotencyKey, statusPage }
      await sendNotice({ name: 'desk', channel, env: {} }, notice, AbortSignal.timeout(5000))
      const received = receiver.received.at(-1)
      if (!received) throw new Error('Nothing was received.')
      return received
    })
  },
})

test('a receiver accepts a genuine message, and rejects forged, altered and old ones', async ({ send, isGenuine }) => {
  const { headers, body } = await send(key)
  expect(isGenuine(headers, body, key)).toBe(true)
  expect(isGenuine(headers, body, 'another-key')).toBe(false)
  expect(isGenuine(headers, body.replace('users', 'orders'), key)).toBe(false)
  expect(isGenuine({ ...headers, 'webhook-id': 'another' }, body, key)).toBe(false)
  expect(isGenuine(headers, body, key, Date.now() + 301_000)).toBe(false)
  const later = { ...headers, 'webhook-timestamp': String(Number(headers['webhook-timestamp']) + 60) }
  expect(isGenuine(later, body, key)).toBe(false)
})

test('a key with the prefix whsec_ is decoded from base64', async ({ send, isGenuine }) => {
  const bytes = Buffer.from('0123456789abcdef01234567')
  const { headers, body } = await send(`whsec_${bytes.toString('base64')}`)
  expect(isGenuine(headers, body, bytes)).toBe(true)
})

test('without a key, messages are not signed and not genuine', async ({ send, isGenuine }) => {
  const { headers, body } = await send()
  expect(headers['webhook-signature']).toBeUndefined()
  expect(isGenuine(headers, body, key)).toBe(false)
})

test('the body equals the example', async ({ send }) => {
  expect(JSON.parse((await send(key)).body)).toEqual(JSON.parse(blockWith('"version": 1')))
})

test('the table has all kinds of messages', () => {
  const [, section = ''] = page.split('## Kinds of messages')
  const [table = ''] = section.split('\n## ')
  const kinds = [...table.matchAll(/^\| `(\w+)` /gm)].map(([, kind]) => kind)
  expect(kinds).toEqual(['kind', ...sampleKinds])
})

const [, channels = ''] = /^## Channels\n([\s\S]*?)^## /m.exec(page) ?? []
const parts = channels.split(/^### /m).slice(1)
/** The first two cells of each row of the table. */
const rows = [...channels.matchAll(/^\| ([^|]*?) +\| ([^|]*?) +\|/gm)].map(([, ...cells]) => cells)

test('each kind of channel has a part of its own, with the same points, and an example that a configuration may have', async () => {
  const folder = projectFolder()
  const examples = parts.map(part => blocksOf(part).find(({ language }) => language === 'ts')?.text ?? '')
  await writeFiles(folder, {
    ...Object.fromEntries(examples.map((text, index) => [`part-${index}.ts`, text])),
    'monitor.config.ts': [
      ...parts.map((_, index) => `import * as part${index} from './part-${index}.ts'`),
      'const channels = Object.fromEntries(',
      `  [${parts.map((_, index) => `part${index}`)}].map((part, index) => ['part-' + index, Object.values(part)[0]]))`,
      `const environments = { production: { baseURL: 'https://api.example.com' } }`,
      'export default { environments, checks: {}, channels }',
    ].join('\n'),
  })
  const { channels } = await loadConfiguration(folder).finally(() => rm(folder, { recursive: true }))
  const documented = Object.values(channels).map(({ kind }) => kind)
  const known = channelSchema.options.map(({ shape }) => Object(shape.kind).value)
  expect(documented.toSorted()).toEqual(known.toSorted())
  for (const [index, part] of parts.entries()) {
    const kind = documented[index]
    const points = [...part.matchAll(/^- \*\*(.*?):\*\* \S/gm)].map(([, point]) => point)
    expect(points, kind).toEqual(['Set up', 'Message', 'Acknowledge and resolve', 'Limits'])
    const [heading = ''] = part.split('\n')
    const row = [`[${heading}](#${heading.toLowerCase().replaceAll(' ', '-')})`, `\`${kind}()\``]
    expect(rows).toContainEqual(row)
  }
})

test('the text of the example is that of a sample', () => {
  const [down] = sampleMessages('down', new Date('2030-03-01T08:00:00Z'))
  if (!down) throw new Error('There is no sample.')
  const { title, lines, footer } = messageText(down)
  expect(
    blocksOf(channels)
      .find(({ language }) => language === 'text')
      ?.text.split('\n'),
  ).toEqual([title, ...lines, ...footer])
})

test('the function of the example rejects unless the pager has accepted the message', async ({ receiver }) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'reprise-docs-'))
  const file = path.join(folder, 'pager.mjs')
  const source = blockWith('export const pager').replace('https://pager.example.com/events', receiver.url)
  await writeFile(file, source.replace(/^import .*$/m, 'const custom = send => send'))
  const { pager } = await import(pathToFileURL(file).href)
  await rm(folder, { recursive: true })
  const send = () =>
    sendNotice(
      { name: 'pager', channel: custom(pager), env: { PAGER_TOKEN: 'canary-4711' } },
      { message: { kind: 'test', at: '2030-03-01T00:00:00+00:00' }, idempotencyKey: 'key-1' },
      AbortSignal.timeout(5000),
    )
  await send()
  expect(receiver.received).toMatchObject([{ headers: { authorization: 'Bearer canary-4711' } }])
  receiver.answers = [(_request, response) => void response.writeHead(503).end()]
  await expect(send()).rejects.toThrow('The function of channel pager failed: The pager answered 503.')
})
