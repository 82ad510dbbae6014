import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { request as api } from '@playwright/test'
import { test as base, expect } from '../../testing/test.ts'
import { resolveEnvironment } from '../resolve-environment.ts'
import type { Intent, IntentRule, OpenIntent, Thing } from './entry.ts'
import { type Ending, finish, storedReason } from './finish.ts'
import { RemovedAddresses } from './removed-addresses.ts'
import { senderOf } from './sender.ts'

/** Finishes an intent against a service with these responses; returns the ending, and the requests that were sent. */
type FinishWith = (
  answers: Record<string, (nth: number, headers: IncomingHttpHeaders) => AnswerOf>,
  intent?: Partial<Omit<OpenIntent, 'intent'>> & {
    rule?: IntentRule
    method?: string
    timeoutMs?: number
    rights?: string[]
  },
  more?: {
    patience?: number
    settleMs?: number
    rights?: Record<string, string>
    removed?: string
    /** Of the environment. */
    headers?: Record<string, string>
  },
) => Promise<{ ending: Ending; sent: string[]; notes: Thing[][] }>

/** A status, a body with 200, or both with headers. */
type AnswerOf = string | number | { status: number; headers?: Record<string, string>; body?: string }

const test = base.extend<{ url: string; finishWith: FinishWith; answer: { by: RequestListener } }>({
  answer: async ({}, use) => use({ by: () => undefined }),
  url: async ({ answer }, use) => {
    const server = createServer((request, response) => answer.by(request, response)).listen(0, '127.0.0.1')
    await once(server, 'listening')
    await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
    server.close()
    server.closeAllConnections()
  },
  finishWith: async ({ url, answer }, use) => {
    const sent: string[] = []
    const context = await api.newContext()
    await use(async (answers, { timeoutMs = 20, method = 'POST', rule, rights, ...open } = {}, more = {}) => {
      const target = resolveEnvironment({ baseURL: url, name: 'production', headers: more.headers ?? {} }, {})
      answer.by = async (request, response) => {
        const body = await text(request)
        const line = [`${request.method} ${request.url}`, body].filter(Boolean).join(' ')
        sent.push(line)
        const given = answers[line]?.(sent.filter(other => other === line).length, request.headers) ?? 404
        if (typeof given === 'number') response.writeHead(given).end()
        else if (typeof given === 'string') response.end(given)
        else response.writeHead(given.status, given.headers).end(given.body)
      }
      const intent: Intent = {
        id: '1',
        at: new Date().toISOString(),
        environment: 'production',
        replay: 'r',
        method,
        url: `${url}/orders`,
        token: 't',
        timeoutMs,
        rule: rule ?? {
          remove: [{ send: `DELETE ${url}/orders/{body.id}` }],
          find: `GET ${url}/orders?ref=mine`,
          findValues: ['mine'],
        },
        ...(rights && { rights }),
      }
      const notes: Thing[][] = []
      const removed = new RemovedAddresses()
      if (more.removed) removed.add(more.removed)
      const settling = {
        target,
        send: senderOf(context, target),
        removed,
        note: async (things: Thing[]) => void notes.push(things),
        ...(more.rights && { rights: { origin: url, headers: more.rights } }),
      }
      const limits = { deadline: Date.now() + (more.patience ?? 5000), settleBy: Date.now() + (more.settleMs ?? 160) }
      const ending = await finish({ intent, ...open }, settling, limits)
      return { ending, sent, notes }
    })
    await context.dispose()
  },
})

/** Exists until it is removed. */
function thereUntil(isRemoved: () => boolean): () => AnswerOf {
  return () => (isRemoved() ? 404 : '{"id":7}')
}

const removed = { as: 'removed', count: 1 }
const unverified = { as: 'unverified', count: 1 }
const unresolved = (reason: string) => {
  return expect.objectContaining({ as: 'unresolved', reason: expect.stringContaining(reason) })
}

const mine = JSON.stringify({ id: 7, ref: 'MINE' })
const see = 'GET /orders/7'
const remove = 'DELETE /orders/7'

/** A thing that exists until its removal is answered with this. */
function removable(answer: AnswerOf = 204) {
  let isThere = true
  return {
    [see]: thereUntil(() => !isThere),
    [remove]: () => {
      isThere = false
      return answer
    },
  }
}

for (const [what, body] of [
  ['a thing', mine],
  ['an array', `[${mine}]`],
  ['an object that holds an array', `{"orders":[${mine}],"next":null}`],
  ['a thing that has an empty array', '{"id":7,"ref":"mine","items":[]}'],
  ['a thing that has an array of others', '{"id":7,"ref":"mine","items":[{"id":1,"sku":"tea"},{"id":2}]}'],
  ['an object that holds an array and repeats the query', `{"ref":"mine","orders":[${mine}]}`],
] as const) {
  test(`${what} that find returns is removed`, async ({ finishWith }) => {
    const { ending, sent } = await finishWith({ 'GET /orders?ref=mine': () => body, ...removable() })
    expect(ending).toEqual(removed)
    expect(sent).toEqual(['GET /orders?ref=mine', see, remove, see])
  })
}

test('what appears while the request may still be in progress is found after its timeout', async ({ finishWith }) => {
  const { ending, sent } = await finishWith(
    { 'GET /orders?ref=mine': nth => (nth === 1 ? '[]' : mine), ...removable() },
    { timeoutMs: 300 },
  )
  expect(ending).toEqual(removed)
  expect(sent).toHaveLength(5)
})

test('what is not found after the timeout was never created', async ({ finishWith }) => {
  const { ending, sent } = await finishWith(
    { 'GET /orders?ref=mine': nth => (nth === 1 ? '{"orders":[]}' : 404) },
    { timeoutMs: 300 },
  )
  expect(ending).toEqual({ as: 'never created' })
  expect(sent).toHaveLength(2)
})

for (const [what, body, reason] of [
  ['several things', `[${mine},${mine}]`, 'found 2 things'],
  ['what may be a thing or a list', '{"id":7,"ref":"mine","items":[{"id":1,"order":"mine"}]}', 'found 2 things'],
  [
    'something that belongs to others',
    '[{"id":7,"ref":"theirs"}]',
    'does not contain mine: does the service apply the query?',
  ],
  [
    'something without the id for its removal',
    '[{"ref":"mine"}]',
    'without a value that its rule needs for the removal',
  ],
  ['no JSON', '<h1>Login</h1>', 'was answered with no JSON'],
  ['an error', 503, 'was answered with 503'],
] as const) {
  test(`a find that returns ${what} removes nothing, with the reason`, async ({ finishWith }) => {
    const { ending, sent } = await finishWith({ 'GET /orders?ref=mine': () => body, ...removable() })
    expect(ending).toEqual(unresolved(reason))
    expect(sent).toEqual(['GET /orders?ref=mine'])
  })
}

test('a request that may be in progress for longer than the limit is left to a sweep', async ({ finishWith }) => {
  const { ending } = await finishWith({ 'GET /orders?ref=mine': () => '[]' }, { timeoutMs: 60_000 }, { patience: 0 })
  expect(ending).toMatchObject({ as: 'unresolved', reason: expect.stringContaining('`reprise sweep` checks again') })
})

test('the reason of a later attempt does not repeat that of an earlier one', async ({ finishWith }) => {
  const answers = { 'GET /orders?ref=mine': () => 503 }
  const { ending } = await finishWith(answers)
  const stored = ending.as === 'unresolved' ? storedReason(ending) : ''
  expect((await finishWith(answers, { reason: stored })).ending).toEqual(ending)
})

test('a refused removal is left to a sweep', async ({ finishWith }) => {
  const { ending } = await finishWith({ 'GET /orders?ref=mine': () => mine, [see]: () => mine, [remove]: () => 403 })
  expect(ending).toMatchObject({ as: 'unresolved', reason: expect.stringContaining('was answered with 403') })
})

test('a removal with values of the request only needs no find', async ({ url, finishWith }) => {
  const rule = { remove: [{ send: `DELETE ${url}/orders/7` }] }
  expect((await finishWith(removable(), { rule })).ending).toEqual(removed)
  // It is unknown whether it was created.
  expect((await finishWith({}, { rule })).ending).toEqual(unverified)
})

test('what a PUT or PATCH names is not removed without find: it may have existed before', async ({
  url,
  finishWith,
}) => {
  const rule = { remove: [{ send: `DELETE ${url}/orders/7` }] }
  for (const method of ['PUT', 'PATCH']) {
    const { ending, sent } = await finishWith(removable(), { rule, method, reason: 'it was answered with 502' })
    expect(ending).toEqual(unresolved('it was answered with 502, and there is no cleanup rule with `find`'))
    expect(sent).toEqual([])
  }
  const find = { find: `GET ${url}/orders?ref=mine`, findValues: ['mine'] }
  const found = await finishWith(
    { 'GET /orders?ref=mine': () => mine, ...removable() },
    { method: 'PUT', rule: { ...rule, ...find } },
  )
  expect(found.ending).toEqual(removed)
})

test('a Retry-After that is not valid counts as a second', async ({ url, finishWith }) => {
  const things = [{ remove: [{ send: `DELETE ${url}/orders/7` }] }]
  for (const value of ['-5', 'soon']) {
    const limited = () => ({ status: 429, headers: { 'retry-after': value } })
    const { sent } = await finishWith({ [see]: limited, [remove]: () => 204 }, { things })
    expect(sent.splice(0), value).toEqual([see, remove, see])
  }
})

test.describe('a thing counts as removed', () => {
  const things = (url: string): Thing[] => [{ remove: [{ send: `DELETE ${url}/orders/7` }] }]

  test('if it existed, was removed and does not exist any more', async ({ url, finishWith }) => {
    for (const answer of [204, 200, 202, 303] as const) {
      const { ending, notes } = await finishWith(removable(answer), { things: things(url) })
      expect(ending).toEqual(removed)
      expect(notes.at(-1)).toEqual([{ ...things(url)[0], seen: true }])
    }
  })

  for (const [what, answers, ending] of [
    ['never found, and not found by the removal', {}, unresolved('it was never found: GET ')],
    ['never found, but removed with 2xx', { [remove]: () => 204 }, unverified],
    ['whose GET is not allowed', { [see]: () => 405, [remove]: () => 204 }, unverified],
    [
      'whose GET is forbidden, and whose removal redirects',
      { [see]: () => 403, [remove]: () => 303 },
      unresolved('which does not show'),
    ],
    [
      'whose GET is forbidden, and that the removal does not find',
      { [see]: () => 403 },
      unresolved('it was never found'),
    ],
    ['that still exists after 204', { [see]: () => '{}', [remove]: () => 204 }, unresolved('it still exists: DELETE ')],
    [
      'that still exists after 200 with an error',
      { [see]: () => '{}', [remove]: () => '{"error":"no"}' },
      unresolved('add `gone` to its cleanup rule'),
    ],
    ['whose removal lacks authorization', { [see]: () => '{}' }, unresolved('it still exists')],
    ['whose removal is forbidden', { [see]: () => '{}', [remove]: () => 403 }, unresolved('was answered with 403')],
    ['that appears with a delay', { [see]: (nth: number) => (nth === 2 ? '{}' : 404), [remove]: () => 204 }, removed],
    ['that disappears with a delay', { [see]: (nth: number) => (nth < 4 ? '{}' : 404), [remove]: () => 202 }, removed],
    [
      'with a rate limit',
      {
        [see]: (nth: number) =>
          nth === 1 ? { status: 429, headers: { 'retry-after': '0.01' } } : nth === 2 ? '{}' : 404,
        [remove]: () => 204,
      },
      removed,
    ],
    [
      'with an empty list instead of 404',
      { [see]: (nth: number) => (nth === 1 ? '{}' : '[]'), [remove]: () => 204 },
      removed,
    ],
  ] as [string, Record<string, (nth: number) => AnswerOf>, unknown][]) {
    test(`a thing ${what}`, async ({ url, finishWith }) => {
      // What is gone at last ends the wait, however slow this machine is.
      const settleMs = ending === removed ? 10_000 : 160
      const finished = await finishWith(answers, { things: things(url) }, { settleMs, patience: 15_000 })
      expect(finished.ending).toEqual(ending)
    })
  }

  test('if it is not found, and the spec itself removed it or its parent', async ({ url, finishWith }) => {
    for (const address of [`${url}/orders/7`, `${url}/orders`]) {
      const { ending, sent } = await finishWith({}, { things: things(url) }, { removed: address })
      expect(ending).toEqual(removed)
      expect(sent.filter(line => line === remove)).toEqual([])
    }
    expect((await finishWith({}, { things: things(url) }, { removed: `${url}/ord` })).ending.as).toBe('unresolved')
  })

  test('if it is not found, and an interrupted removal had found it', async ({ url, finishWith }) => {
    const seen = things(url).map(thing => ({ ...thing, seen: true as const }))
    expect(await finishWith({}, { things: seen })).toMatchObject({ ending: removed, sent: [see] })
  })
})

test('a thing with an empty array exists, at an address with a query as well', async ({ url, finishWith }) => {
  const things = [{ remove: [{ send: `DELETE ${url}/orders/7?api-version=1` }] }]
  const at = (body: string) => ({ [`${see}?api-version=1`]: () => body, [`${remove}?api-version=1`]: () => 200 })
  for (const body of ['{"id":7,"tags":[]}', '{"number":7,"tags":[]}']) {
    expect((await finishWith(at(body), { things })).ending, body).toEqual(unresolved('it still exists'))
  }
  expect((await finishWith(at('{"orders":[],"total":0}'), { things })).ending).toEqual(unverified)
})

test('a soft delete counts as gone by its rule', async ({ url, finishWith }) => {
  const removal = [{ send: `DELETE ${url}/orders/7` }]
  const answers = {
    [see]: (nth: number) => `{"status":{"name":"${nth % 2 === 1 ? 'open' : 'archived'}"}}`,
    [remove]: () => 200,
  }
  const gone = { field: 'status.name', value: 'archived' }
  expect((await finishWith(answers, { things: [{ remove: removal, gone }] })).ending).toEqual(removed)
  const elsewhere = {
    'GET /archive/7': (nth: number) => (nth === 1 ? '{"at":null}' : '{"at":"2026"}'),
    [remove]: () => 200,
  }
  const things = [{ remove: removal, gone: { get: `GET ${url}/archive/7`, field: 'at' } }]
  expect((await finishWith(elsewhere, { things })).ending).toEqual(removed)
})

test('a soft delete by the spec itself counts as gone, and an empty list then does not', async ({
  url,
  finishWith,
}) => {
  const gone = { field: 'status', value: 'archived' }
  const things = [{ remove: [{ send: `DELETE ${url}/orders/7` }], gone, shown: true as const }]
  const archived = { [see]: () => '{"status":"archived"}', [remove]: () => 404 }
  expect((await finishWith(archived, { things })).ending).toEqual(removed)
  const empty = { [see]: () => '[]', [remove]: () => 404 }
  expect((await finishWith(empty, { things })).ending).toEqual(unresolved('it was not found any more'))
})

test('a removal has steps, headers and a body', async ({ url, finishWith }) => {
  let isThere = true
  const things = [
    {
      remove: [
        { send: `POST ${url}/orders/7/cancel`, body: { why: 'test' } },
        { send: `DELETE ${url}/orders/7`, headers: { 'if-match': '{header.etag}' } },
      ],
      headers: { etag: '"of the creation"' },
    },
  ]
  const { ending, sent } = await finishWith(
    {
      [see]: () => (isThere ? { status: 200, headers: { etag: '"2"' } } : 404),
      'POST /orders/7/cancel {"why":"test"}': () => 200,
      [remove]: (_nth, headers) => {
        isThere = headers['if-match'] !== '"2"'
        return isThere ? 428 : 204
      },
    },
    { things },
  )
  expect(ending).toEqual(removed)
  expect(sent).toEqual([see, 'POST /orders/7/cancel {"why":"test"}', remove, see])
})

test('a form is sent as a form, and without `gone` its result is unverified', async ({ url, finishWith }) => {
  const remove = [{ send: `POST ${url}/orders/delete`, form: { id: '7' } }]
  const line = 'POST /orders/delete id=7'
  expect((await finishWith({ [line]: () => 200 }, { things: [{ remove }] })).ending).toEqual(unverified)
  const { ending } = await finishWith({ [line]: () => 303 }, { things: [{ remove }] })
  expect(ending).toEqual(unresolved('nothing shows whether it is gone; add `gone` to its rule'))
  const gone = { get: `GET ${url}/orders/7` }
  let isThere = true
  const answers = {
    [see]: thereUntil(() => !isThere),
    [line]: () => {
      isThere = false
      return 303
    },
  }
  expect((await finishWith(answers, { things: [{ remove, gone }] })).ending).toEqual(removed)
})

test('of several steps, one that the spec has done does not stand for the others, nor one that finds nothing', async ({
  finishWith,
  url,
}) => {
  const remove = ['/orders/7', '/customers/5'].map(path => ({ send: `DELETE ${url}${path}` }))
  const done = await finishWith({ 'DELETE /customers/5': () => 204 }, { things: [{ remove, seen: true }] })
  expect(done.ending).toEqual({ as: 'unverified', count: 1 })
  expect(done.sent).toContain('DELETE /customers/5')
  let isThere = true
  const answers = {
    'GET /orders/7': () => (isThere ? '{}' : 404),
    'DELETE /orders/7': () => {
      isThere = false
      return 204
    },
  }
  expect((await finishWith(answers, { things: [{ remove }] })).ending).toEqual({ as: 'unverified', count: 1 })
})

test('the things that were not removed stay in the ledger', async ({ url, finishWith }) => {
  const thing = (id: number): Thing => ({ remove: [{ send: `DELETE ${url}/orders/${id}` }] })
  const open = { things: [thing(7), thing(8), thing(9)] }
  const stays = { 'GET /orders/8': () => '{}', 'DELETE /orders/8': () => 403 }
  const gone = { 'GET /orders/9': (nth: number) => (nth === 1 ? '{}' : 404), 'DELETE /orders/9': () => 204 }
  const { ending, notes } = await finishWith({ ...removable(), ...stays, ...gone }, open)
  expect(ending).toEqual(unresolved('DELETE '))
  expect(notes.at(-1)?.map(({ remove }) => remove[0]?.send)).toEqual([
    `DELETE ${url}/orders/7`,
    `DELETE ${url}/orders/8`,
  ])
})

test("the request's own authorization is used, then the environment's, and a sweep reports that it lacks the former", async ({
  url,
  finishWith,
}) => {
  const things: Thing[] = [{ remove: [{ send: `DELETE ${url}/orders/7` }] }]
  const guarded = (token: string | undefined) => {
    let isThere = true
    return {
      [see]: (_nth: number, { authorization }: IncomingHttpHeaders) =>
        isThere && authorization === token ? '{}' : 404,
      [remove]: (_nth: number, { authorization }: IncomingHttpHeaders) => {
        if (authorization !== token) return 404
        isThere = false
        return 204
      },
    }
  }
  const own = { authorization: 'Bearer alice' }
  expect((await finishWith(guarded('Bearer alice'), { things }, { rights: own })).ending).toEqual(removed)
  expect((await finishWith(guarded(undefined), { things }, { rights: own })).ending).toEqual(removed)
  const swept = await finishWith(guarded('Bearer alice'), { things, rights: ['authorization'] })
  expect(swept.ending).toEqual(unresolved('with its own authorization, which is not stored'))
})

test("what was created with another token than the environment's is not removed with the latter", async ({
  url,
  finishWith,
}) => {
  // Each user has their own orders, numbered from 1 on.
  const orders = new Set(['Bearer smoke 7'])
  const answers = (own: { get: AnswerOf; delete: AnswerOf }) => ({
    [see]: (_nth: number, { authorization }: IncomingHttpHeaders) =>
      authorization === 'Bearer alice' ? own.get : orders.has(`${authorization} 7`) ? '{"id":7}' : 404,
    [remove]: (_nth: number, { authorization }: IncomingHttpHeaders) =>
      authorization === 'Bearer alice' ? own.delete : orders.delete(`${authorization} 7`) ? 204 : 404,
  })
  const alice = { rights: { authorization: 'Bearer alice' }, headers: { authorization: 'Bearer smoke' } }
  const rights = ['authorization']
  const thing: Thing = { remove: [{ send: `DELETE ${url}/orders/7` }] }
  for (const [name, things, own] of [
    ['the spec has removed it', [{ ...thing, seen: true }], { get: 404, delete: 404 }],
    ['its session has ended', [thing], { get: 401, delete: 401 }],
    ['it is not visible', [thing], { get: 404, delete: 404 }],
    ['its removal is forbidden', [thing], { get: '{}', delete: 403 }],
  ] as [string, Thing[], { get: AnswerOf; delete: AnswerOf }][]) {
    const { ending } = await finishWith(answers(own), { things, rights }, alice)
    expect([name, ending.as]).toEqual([name, things[0]?.seen ? 'removed' : 'unresolved'])
  }
  const { headers } = alice
  const swept = await finishWith(answers({ get: 404, delete: 404 }), { things: [thing], rights }, { headers })
  expect(swept.ending).toEqual(
    unresolved("was not sent: with the environment's headers it may name something else. The"),
  )
  expect([...orders]).toEqual(['Bearer smoke 7'])
  // A removal that the spec has registered names its address.
  const things = [{ ...thing, unannounced: true as const }]
  expect((await finishWith(answers({ get: 404, delete: 404 }), { things, rights }, alice)).ending).toEqual(removed)
})

test('a thing that was never found counts as removed if find returns nothing, unless authorization is missing', async ({
  url,
  finishWith,
}) => {
  // The spec removed it, and was killed before that was recorded.
  const things: Thing[] = [{ remove: [{ send: `DELETE ${url}/orders/7` }] }]
  const answers = { 'GET /orders?ref=mine': () => '{"orders":[]}' }
  expect((await finishWith(answers, { things })).ending).toEqual(unverified)
  expect((await finishWith(answers, { things, rights: ['authorization'] })).ending.as).toBe('unresolved')
})

test.describe("without the request's own authorization", () => {
  const rights = ['authorization']
  const lacking = unresolved('with its own authorization, which is not stored')

  test('a thing that is not found does not count as gone', async ({ url, finishWith }) => {
    const seen: Thing[] = [{ remove: [{ send: `DELETE ${url}/orders/7` }], seen: true }]
    expect((await finishWith({}, { things: seen, rights })).ending).toEqual(lacking)
    const rule = { remove: [{ send: `DELETE ${url}/orders/7` }] }
    expect((await finishWith({}, { rule, rights })).ending).toEqual(lacking)
  })

  test('a find that is refused has the reason', async ({ finishWith }) => {
    expect((await finishWith({ 'GET /orders?ref=mine': () => 401 }, { rights })).ending).toEqual(lacking)
  })

  test('a find that returns nothing does not mean that nothing was created', async ({ finishWith }) => {
    expect((await finishWith({ 'GET /orders?ref=mine': () => '[]' }, { rights })).ending).toEqual(lacking)
  })
})

test('a thing that the spec has seen is removed even if it is not found at once', async ({ url, finishWith }) => {
  const things: Thing[] = [{ remove: [{ send: `DELETE ${url}/orders/7` }], shown: true }]
  const { ending, sent } = await finishWith({ [remove]: () => 204 }, { things })
  expect(ending).toEqual(removed)
  expect(sent).toContain(remove)
})

test('what the spec has seen does not count as removed without evidence', async ({ url, finishWith }) => {
  const things: Thing[] = [{ remove: [{ send: `DELETE ${url}/orders/7` }], shown: true }]
  // A session that has ended: the service responds with 404 to everything.
  const rights = { cookie: 'sid=alice' }
  const ended = await finishWith({}, { things: [...things] }, { rights })
  expect(ended.ending).toEqual(unresolved('the session or token of the spec may have ended'))
  // A resource that is an empty list itself, and a removal with an error in its body.
  const empty = { [see]: () => '[]', [remove]: () => '{"error":"not allowed"}' }
  expect((await finishWith(empty, { things: [...things] })).ending).toEqual(unverified)
  // With the same headers, 404 means that it is gone.
  expect((await finishWith({}, { things: [...things] })).ending).toEqual(removed)
})

test('what is found has to contain each value; a short one has to match as a whole', async ({ url, finishWith }) => {
  const findWith = async (findValues: string[], body: string) => {
    const rule = {
      remove: [{ send: `DELETE ${url}/orders/{body.id}` }],
      find: `GET ${url}/orders?ref=mine`,
      findValues,
    }
    return (await finishWith({ 'GET /orders?ref=mine': () => body, ...removable() }, { rule })).ending
  }
  const reason = unresolved('found something that does not contain')
  expect(await findWith(['1'], '{"id":7,"price":12}')).toEqual(reason)
  expect(await findWith(['mine', 'tea'], '{"id":7,"ref":"mine"}')).toEqual(reason)
  expect(await findWith(['1', 'tea'], '{"id":7,"qty":1,"of":{"name":"green tea"}}')).toEqual(reason)
  expect(await findWith(['1', 'tea'], '{"id":7,"qty":1,"of":{"name":"tea"}}')).toEqual(removed)
  expect(await findWith(['Order 7'], '{"id":7,"title":"[test] order 7"}')).toEqual(removed)
  expect(await findWith(['Order 7'], '{"id":7,"title":"order 70 and reorder 7"}')).toEqual(reason)
})
