import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test as base, expect } from '@playwright/test'
import { resolveTarget } from '../target.ts'
import { type Ending, finish } from './finish.ts'
import { senderOf } from './sender.ts'

/** Finishes an intent with a service that answers like this; gives the ending, and the requests that were sent. */
type FinishWith = (
  answers: Record<string, (nth: number) => string | number>,
  intent?: { timeoutMs?: number; removalIsKnown?: true },
  patience?: number,
) => Promise<{ ending: Ending; sent: string[] }>

const test = base.extend<{ finishWith: FinishWith }>({
  finishWith: async ({ playwright }, use) => {
    const sent: string[] = []
    let answer: RequestListener = () => undefined
    const server = createServer((request, response) => answer(request, response)).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const target = resolveTarget({ baseURL: url, name: 'production' }, {})
    const context = await playwright.request.newContext()
    await use(async (answers, { timeoutMs = 300, removalIsKnown } = {}, patience = 5000) => {
      answer = (request, response) => {
        const line = `${request.method} ${request.url}`
        sent.push(line)
        const given = answers[line]?.(sent.filter(other => other === line).length) ?? 404
        if (typeof given === 'number') response.writeHead(given).end()
        else response.end(given)
      }
      const open = {
        intent: {
          id: '1',
          at: new Date().toISOString(),
          environment: 'production',
          replay: 'r',
          method: 'POST',
          url: `${url}/orders`,
          token: 't',
          timeoutMs,
          ...(removalIsKnown
            ? { remove: `DELETE ${url}/orders/7` }
            : { remove: `DELETE ${url}/orders/{body.id}`, find: `GET ${url}/orders?ref=mine`, findValues: ['mine'] }),
        },
      }
      const ending = await finish(open, target, senderOf(context, target), Date.now() + patience)
      return { ending, sent }
    })
    await context.dispose()
    server.close()
    server.closeAllConnections()
  },
})

const mine = JSON.stringify({ id: 7, ref: 'MINE' })
const removes = { 'DELETE /orders/7': () => 204 }

for (const [what, body] of [
  ['a thing', mine],
  ['an array', `[${mine}]`],
  ['an object that holds an array', `{"orders":[${mine}],"next":null}`],
] as const) {
  test(`what is found as ${what} is removed`, async ({ finishWith }) => {
    const { ending, sent } = await finishWith({ 'GET /orders?ref=mine': () => body, ...removes })
    expect(ending).toEqual({ as: 'removed' })
    expect(sent).toEqual(['GET /orders?ref=mine', 'DELETE /orders/7'])
  })
}

test('what appears while the request may still be at work is found when its timeout has passed', async ({
  finishWith,
}) => {
  const { ending, sent } = await finishWith({ 'GET /orders?ref=mine': nth => (nth === 1 ? '[]' : mine), ...removes })
  expect(ending).toEqual({ as: 'removed' })
  expect(sent).toHaveLength(3)
})

test('what is not there when the timeout has passed was never created', async ({ finishWith }) => {
  const { ending, sent } = await finishWith({ 'GET /orders?ref=mine': nth => (nth === 1 ? '{"orders":[]}' : 404) })
  expect(ending).toEqual({ as: 'never created' })
  expect(sent).toHaveLength(2)
})

for (const [what, body, reason] of [
  ['several things', `[${mine},${mine}]`, 'found 2 things'],
  ['a thing of others', '[{"id":7,"ref":"theirs"}]', 'does not hold mine: does the service heed what it is asked for?'],
  ['something without what its removal needs', '[{"ref":"mine"}]', 'lacks what its rule needs to remove it'],
  ['no JSON', '<h1>Login</h1>', 'was answered with no JSON'],
  ['an error', 503, 'was answered with 503'],
] as const) {
  test(`a find that gives ${what} removes nothing, and says so`, async ({ finishWith }) => {
    const { ending, sent } = await finishWith({ 'GET /orders?ref=mine': () => body, ...removes })
    expect(ending).toEqual({ as: 'unresolved', reason: expect.stringContaining(reason) })
    expect(sent).toEqual(['GET /orders?ref=mine'])
  })
}

test('a request that may be at work for longer than anybody waits is left to a sweep', async ({ finishWith }) => {
  const { ending } = await finishWith({ 'GET /orders?ref=mine': () => '[]' }, { timeoutMs: 60_000 }, 0)
  expect(ending).toMatchObject({ as: 'unresolved', reason: expect.stringContaining('`reprise sweep` looks again') })
})

test('a removal that is refused is tried again by a sweep', async ({ finishWith }) => {
  const { ending } = await finishWith({ 'GET /orders?ref=mine': () => mine, 'DELETE /orders/7': () => 403 })
  expect(ending).toMatchObject({ as: 'unresolved', reason: expect.stringContaining('was answered with 403') })
})

test('a removal that follows from the request alone needs no find', async ({ finishWith }) => {
  for (const status of [204, 404]) {
    const { ending } = await finishWith({ 'DELETE /orders/7': () => status }, { removalIsKnown: true })
    expect(ending).toEqual({ as: 'removed' })
  }
})
