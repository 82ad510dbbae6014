import { expect, test } from '@playwright/test'
import { resolveEnvironment } from '../resolve-environment.ts'
import { Ledger } from './ledger.ts'

const url = 'https://api.example.com/orders'

/** The summary of a ledger with one order, after these responses to the spec; the clean-up gets 404 for everything. */
async function endedAfter(responses: [method: string, path: string, status: number][]) {
  const target = resolveEnvironment({ baseURL: 'https://api.example.com', name: 'production' }, {})
  const ledger = new Ledger(target, { append: async () => undefined, close: () => undefined }, { replay: 'r' })
  const request = { method: 'POST', url: new URL(url), token: 't', timeoutMs: 0, body: () => undefined }
  const settle = await ledger.recordIntent(request)
  await settle?.({ status: 201, headers: { location: '/orders/7' }, body: async () => undefined })
  for (const [method, path, status] of responses) ledger.observeResponse(method, new URL(path, url), status)
  return ledger.cleanUp(async () => async () => ({ status: 404, headers: {}, body: '' }), Date.now() + 300, false)
}

test('a removal by the spec counts, also with a query or a slash, or of a resource above', async () => {
  for (const path of ['/orders/7', '/orders/7/', '/orders/7?force=true', '/orders']) {
    expect(await endedAfter([['DELETE', path, 204]]), path).toMatchObject({ removed: 1, unresolved: [] })
  }
})

test('what the spec has seen counts, also with a query', async () => {
  expect(await endedAfter([['GET', '/orders/7?expand=items', 200]])).toMatchObject({ removed: 1, unresolved: [] })
})

test('a removal of something else, or by a query, does not count', async () => {
  const responses: [string, string, number][] = [
    ['DELETE', '/orders/8', 204],
    ['DELETE', '/orders?id=7', 204],
    ['DELETE', '/orders/7', 403],
    ['GET', '/orders/7', 404],
  ]
  expect(await endedAfter(responses)).toMatchObject({ removed: 0, unresolved: [{ method: 'POST', url }] })
})
