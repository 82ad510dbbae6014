import { expect, test } from '../../testing/test.ts'
import { resolveEnvironment } from '../resolve-environment.ts'
import type { RequestResult } from './answer.ts'
import type { LedgerEntry } from './entry.ts'
import { Ledger } from './ledger.ts'
import type { CleanupRequest } from './send.ts'

const url = 'https://api.example.com/orders'

const created: RequestResult = { status: 201, headers: { location: '/orders/7' }, body: async () => undefined }

/**
 * The summary of a ledger with one order, after these responses to the spec, some to its own token; the clean-up gets `status` for
 * everything. `creator`: the token with which the order was created, if it is not the environment's.
 */
async function endedAfter(
  responses: [method: string, path: string, status: number, token?: string][],
  answer = created,
  stored: LedgerEntry[] = [],
  status: (request: CleanupRequest) => number = () => 404,
  creator?: string,
) {
  const target = resolveEnvironment({ baseURL: 'https://api.example.com', name: 'production' }, {})
  const rightsBy = (token: string | undefined) =>
    token === undefined ? undefined : { origin: new URL(url).origin, headers: { authorization: token } }
  const store = {
    append: async (entries: readonly LedgerEntry[]) => void stored.push(...entries),
    close: () => undefined,
  }
  const ledger = new Ledger(target, store, { replay: 'r' })
  const request = {
    method: 'POST',
    url: new URL(url),
    token: 't',
    timeoutMs: 0,
    body: () => undefined,
    rights: rightsBy(creator),
  }
  const settle = await ledger.recordIntent(request)
  await settle?.(answer)
  for (const [method, path, status, token] of responses) {
    ledger.observeResponse(method, new URL(path, url), status, async () => rightsBy(token))
  }
  return ledger.cleanUp(
    async () => async request => ({ status: status(request), headers: {}, body: '' }),
    Date.now() + 300,
    false,
  )
}

test('a removal by the spec counts, also with a query or a slash, or of a resource above', async () => {
  for (const path of ['/orders/7', '/orders/7/', '/orders/7?force=true', '/orders']) {
    expect(await endedAfter([['DELETE', path, 204]]), path).toMatchObject({ removed: 1, unresolved: [] })
  }
})

test('what the spec has seen counts, also with a query', async () => {
  expect(await endedAfter([['GET', '/orders/7?expand=items', 200]])).toMatchObject({ removed: 1, unresolved: [] })
})

test('what the spec has seen with a token that the creation had not may still be there', async () => {
  for (const removal of [404, 204]) {
    const ended = endedAfter([['GET', '/orders/7', 200, 'Bearer alice']], created, [], ({ method }) =>
      method === 'DELETE' ? removal : 404,
    )
    expect(await ended, `${removal}`).toMatchObject(
      removal === 404 ? { removed: 0, unresolved: [{ url }] } : { removed: 0, unverified: 1 },
    )
  }
})

test('what the spec has removed, and then has not found, is not removed again: others may have its address', async () => {
  const sent: string[] = []
  const theirs = ({ method }: CleanupRequest) => {
    sent.push(method)
    return 200
  }
  const removal = ['DELETE', '/orders/7', 204] as const
  expect(await endedAfter([[...removal], ['GET', '/orders/7', 404]], created, [], theirs)).toMatchObject({ removed: 1 })
  expect(sent).toEqual([])
  await endedAfter([[...removal], ['GET', '/orders/7', 404, 'Bearer of another']], created, [], theirs)
  expect(sent).toContain('DELETE')
  sent.length = 0
  const alice = 'Bearer alice'
  await endedAfter([[...removal], ['GET', '/orders/7', 404]], created, [], theirs, alice)
  expect(sent).toContain('DELETE')
})

test('what was created without a session is removed with that which its response begins', async () => {
  const answer = {
    ...created,
    headers: { ...created.headers, 'set-cookie': 'old=; Max-Age=0\ncart=7; Path=/; HttpOnly' },
  }
  let isThere = true
  const cart = ({ method, rights }: CleanupRequest) => {
    if (rights?.headers.cookie !== 'cart=7' || !isThere) return 404
    if (method === 'DELETE') isThere = false
    return 200
  }
  expect(await endedAfter([], answer, [], cart)).toMatchObject({ removed: 1, unresolved: [] })
  expect(isThere).toBe(false)
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

test('a redirect to another place is only a remark, which a sweep repeats only after a crash', async () => {
  const stored: LedgerEntry[] = []
  const login = { status: 302, headers: { location: '/dashboard' }, body: async () => undefined }
  expect(await endedAfter([], login, stored)).toMatchObject({
    unresolved: [],
    suspected: [{ route: 'POST /orders', isRemark: true }],
  })
  expect(stored.map(({ entry }) => entry)).toEqual(['intent', 'unresolved', 'ended'])
  const form = { ...login, headers: { location: '/orders/7' } }
  expect(Object((await endedAfter([], form)).suspected[0]).isRemark).toBeUndefined()
})

test('a removal with a query that may name a part of it does not count', async () => {
  for (const query of ['item=3', 'dryRun=All', 'force=true&item=3', 'hard=false']) {
    const found = await endedAfter([['DELETE', `/orders/7?${query}`, 204]])
    expect(found, query).toMatchObject({ removed: 0, unresolved: [{ method: 'POST', url }] })
  }
  for (const query of ['_rev=1-abc', 'If-Match=7', 'hardDelete=1', 'api-version=2', 'permanent=true', 'if_seq_no=4']) {
    expect(await endedAfter([['DELETE', `/orders/7?${query}`, 204]]), query).toMatchObject({ removed: 1 })
  }
})

test('what a response seems to have created is not suspected if the spec has removed it', async () => {
  const seeming: RequestResult = { status: 200, headers: {}, body: async () => ({ id: 7 }) }
  for (const path of ['/orders/7', '/orders/7?force=true']) {
    expect(await endedAfter([['DELETE', path, 204]], seeming), path).toMatchObject({ suspected: [] })
  }
  for (const path of ['/orders?id=7', '/orders/7?item=3']) {
    expect(await endedAfter([['DELETE', path, 204]], seeming), path).toMatchObject({ suspected: [{ url }] })
  }
})

test('what the spec has removed is suspected all the same if it still exists', async () => {
  const seeming: RequestResult = { status: 200, headers: {}, body: async () => ({ id: 7 }) }
  // An error in the body of the response, and the removal of others by a body.
  for (const path of ['/orders/7', '/orders']) {
    const reason = expect.stringContaining(`it still exists: GET ${url}/7 was answered with 200`)
    const found = await endedAfter([['DELETE', path, 200]], seeming, [], () => 200)
    expect(found, path).toMatchObject({ suspected: [{ url, reason }] })
  }
})
