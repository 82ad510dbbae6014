import { once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { request as api } from '@playwright/test'
import { test as base, expect } from '../../testing/test.ts'
import { type Intent, type LedgerEntry, openIntents } from './entry.ts'
import { type LedgerFile, readLedgerFile } from './file.ts'
import { senderOf } from './sender.ts'
import { type SweepOptions, sweep } from './sweep.ts'

interface Sweeping {
  url: string
  /** Of a process that has exited. */
  write(entries: readonly LedgerEntry[], environment?: string): Promise<void>
  read(): LedgerFile
  options: SweepOptions
  stopping: AbortController
  /** Resolves with the next request. */
  asked(): Promise<unknown>
}

const test = base.extend<{ answer: { by: RequestListener }; sweeping: Sweeping }>({
  answer: async ({}, use) => use({ by: () => undefined }),
  sweeping: async ({ answer }, use, info) => {
    const server = createServer((request, response) => answer.by(request, response)).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const folder = info.outputPath('ledger')
    const fileOf = (environment: string) => path.join(folder, `1-${environment}.jsonl`)
    const head = { entry: 'ledger', version: 2, pid: 1, started: 'never', settings: { baseURL: url } }
    const stopping = new AbortController()
    await use({
      ...{ url, stopping },
      write: async (entries, environment = 'shop') => {
        await mkdir(folder, { recursive: true })
        const lines = [{ ...head, environment }, ...entries].map(line => `${JSON.stringify(line)}\n`)
        await writeFile(fileOf(environment), lines.join(''))
      },
      read: () => readLedgerFile(fileOf('shop')),
      options: {
        folder,
        environment: () => undefined,
        env: {},
        stopped: stopping.signal,
        connect: async target => {
          const context = await api.newContext()
          return { send: senderOf(context, target), close: () => context.dispose() }
        },
      },
      asked: () => once(server, 'request'),
    })
    server.closeAllConnections()
    server.close()
  },
})

function intentOf(url: string, id: string, more: Partial<Intent> = {}): Intent {
  return {
    ...{ id, at: new Date(Date.now() - 60_000).toISOString(), environment: 'shop', replay: 'r' },
    ...{ method: 'POST', url: `${url}/orders`, token: 't', timeoutMs: 1000 },
    ...more,
  }
}

const order = (url: string, id: string): LedgerEntry[] => [
  { entry: 'intent', intent: intentOf(url, id) },
  { entry: 'created', id, things: [{ remove: [{ send: `DELETE ${url}/orders/${id}` }] }] },
]

test('a stop interrupts the removals of a service that hangs, and leaves them to the next sweep', async ({
  sweeping: { url, write, read, options, stopping, asked },
  answer,
}) => {
  const left = new Set(['1', '2', '3'])
  let hangs = false
  answer.by = ({ method, url = '' }, response) => {
    const id = url.split('/').at(-1) ?? ''
    if (hangs) return
    // The second one is removed, and that is not answered.
    hangs = method === 'DELETE' && id === '2'
    const isThere = method === 'DELETE' ? left.delete(id) : left.has(id)
    if (!hangs) response.writeHead(isThere ? 200 : 404).end('{}')
  }
  const reason = { entry: 'unresolved' as const, id: '1', reason: 'the first attempt failed' }
  await write([...order(url, '1'), reason, ...order(url, '2'), ...order(url, '3')])
  const sweeps = sweep(options)
  while (!hangs) await asked()
  stopping.abort()
  const why = 'its removal was interrupted; `reprise sweep` goes on'
  expect(await sweeps).toMatchObject({
    removed: 1,
    leaks: [
      { intent: { id: '2' }, reason: why, isEarly: true },
      { intent: { id: '1' }, reason: why, isEarly: true },
    ],
  })
  expect(openIntents(read().entries)).toMatchObject([
    { intent: { id: '1' }, things: [{}], reason: 'the first attempt failed' },
    { intent: { id: '2' }, things: [{ seen: true }] },
  ])

  hangs = false
  const { stopped: _, ...goingOn } = options
  expect(await sweep(goingOn)).toEqual({ removed: 2, unverified: 0, neverCreated: 0, leaks: [] })
  expect([...left]).toEqual([])
})

test('a stop does not wait for a request that may still be in progress', async ({
  sweeping: { url, write, read, options, stopping, asked },
  answer,
}) => {
  answer.by = (_, response) => response.end('[]')
  const rule = { remove: [{ send: `DELETE ${url}/orders/{body.id}` }], find: `GET ${url}/orders?ref=mine` }
  const intent = intentOf(url, '1', { at: new Date().toISOString(), timeoutMs: 100_000, rule })
  await write([{ entry: 'intent', intent }])
  const sweeps = sweep(options)
  await asked()
  stopping.abort()
  const reason = 'its response did not arrive, and its removal was interrupted; `reprise sweep` goes on'
  expect((await sweeps).leaks).toMatchObject([{ reason, isEarly: true }])
  expect(openIntents(read().entries)).toEqual([{ intent, reason: 'its response did not arrive' }])
})

test('an environment that hangs does not delay the files of another one', async ({
  sweeping: { url, write, options, stopping },
  answer,
}) => {
  let isThere = true
  answer.by = ({ method, url = '' }, response) => {
    if (url === '/orders/1') return
    response.writeHead(isThere ? 200 : 404).end('{}')
    if (method === 'DELETE') isThere = false
  }
  await write(order(url, '1'), 'a-hanging-one')
  await write(order(url, '2'))
  const onEnding = ({ id }: Intent) => {
    if (id === '2') stopping.abort()
  }
  expect(await sweep({ ...options, onEnding })).toMatchObject({
    removed: 1,
    leaks: [{ intent: { id: '1' }, isEarly: true }],
  })
})

test('after a stop no file is begun', async ({ sweeping: { url, write, read, options, stopping } }) => {
  await write(order(url, '1'))
  stopping.abort()
  expect(await sweep(options)).toEqual({ removed: 0, unverified: 0, neverCreated: 0, leaks: [] })
  expect(openIntents(read().entries)).toHaveLength(1)
})
