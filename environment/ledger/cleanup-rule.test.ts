import { forEachRow } from '../../testing/for-each-row.ts'
import { expect, test } from '../../testing/test.ts'
import type { CleanupRule } from '../environment.ts'
import { parseCleanupRule } from './cleanup-rule.ts'

const remove = 'DELETE /orders/{body.id}'

const nothing = () => undefined
const base = 'https://gateway.example.com/api/v1/'

test('a rule matches its method and path, and gets values from the path', () => {
  const { fits } = parseCleanupRule({
    create: 'POST /shops/{shop}/orders',
    remove: 'DELETE /shops/{path.shop}/{body.id}',
  })
  const fitted = (method: string, path: string) => fits(method, new URL(path, base), base, nothing)
  expect(fitted('POST', '/shops/a%20b/orders')).toEqual({ shop: 'a b' })
  for (const [method, path] of [
    ['PUT', '/shops/7/orders'],
    ['POST', '/shops/7/orders/8'],
    ['POST', '/shops//orders'],
    ['POST', '/other/shops/7/orders'],
  ] as const) {
    expect(fitted(method, path)).toBeUndefined()
  }
})

test("a rule's path is relative to the base URL, in every form that specs use", () => {
  for (const path of ['/things', 'things', '/things/', '/api/v1/things', 'api/v1/things/']) {
    const { fits } = parseCleanupRule({ create: `POST ${path}`, remove })
    for (const asked of ['things', 'things/', '/api/v1/things']) {
      expect([path, asked, fits('POST', new URL(asked, base), base, nothing)]).toEqual([path, asked, {}])
    }
    expect(fits('POST', new URL('/other/things', base), base, nothing)).toBeUndefined()
  }
  // Without a trailing slash, the last segment of the base URL is dropped, as in specs.
  const { fits } = parseCleanupRule({ create: 'POST things', remove })
  expect(fits('POST', new URL('things', 'https://example.com/api/v1'), 'https://example.com/api/v1', nothing)).toEqual(
    {},
  )
})

test('a rule may match only bodies with certain texts', () => {
  const { fits } = parseCleanupRule({ create: 'POST /rpc', when: { method: 'orders.create' }, remove: 'POST /rpc' })
  const fitted = (body: unknown) => fits('POST', new URL('/rpc', base), base, () => body)
  expect(fitted({ method: 'orders.create' })).toEqual({})
  for (const body of [{ method: 'orders.list' }, {}, undefined]) expect(fitted(body)).toBeUndefined()
})

test('a path is literal text, not a pattern', () => {
  const { fits } = parseCleanupRule({ create: 'POST /v1.0/orders(new)', remove })
  expect(fits('POST', new URL('/v1.0/orders(new)', base), base, nothing)).toEqual({})
  expect(fits('POST', new URL('/v1x0/orders(new)', base), base, nothing)).toBeUndefined()
})

const wrong = [
  ['a method in lower case', { create: 'post /orders', remove }, `create is "post /orders"; write a method and a path`],
  ['no path', { create: 'POST', remove }, `create is "POST"; write a method and a path`],
  ['an invalid name', { create: 'POST /{7}', remove }, '{7} is not a valid name for a segment'],
  ['a name twice', { create: 'POST /{a}/{a}', remove }, '{a} is not a valid name for a segment'],
  ['an unknown placeholder', { create: 'POST /orders', remove: 'DELETE /orders/{id}' }, '{id} is not a placeholder'],
  ['an unknown segment', { create: 'POST /{a}', remove: 'DELETE /{path.b}' }, '{path.b} is not a placeholder'],
  [
    'a find with a value of the response',
    { create: 'POST /a', remove, find: 'GET /a/{body.id}' },
    'the response did not arrive',
  ],
  [
    'an address within a path',
    { create: 'POST /a', remove: 'DELETE /a/{location}' },
    'its last segment is {location.id}',
  ],
  ['an invalid list', { create: 'POST /a', remove, each: 'items' }, "such as 'body.items'"],
  ['a member without a list', { create: 'POST /a', remove: 'DELETE /a/{each.id}' }, '{each.id} is not a placeholder'],
  ['an empty removal', { create: 'POST /a', remove: [] }, 'remove is []; write a request'],
  ['gone without an address', { create: 'POST /a', remove: 'POST /a/delete', gone: { field: 'x' } }, 'it needs `get`'],
  [
    'a gone that writes',
    { create: 'POST /a', remove, gone: { get: 'POST /a', field: 'x' } },
    'it only reads; write GET',
  ],
  [
    'a find without a value of the request',
    { create: 'POST /a', remove, find: 'GET /a' },
    'it would find what others have created',
  ],
  [
    'a header that would be stored',
    { create: 'POST /a', remove: { send: 'DELETE /a', headers: { authorization: 'Bearer {body.token}' } } },
    'it would be stored in the ledger',
  ],
  ['a find that writes', { create: 'POST /a', remove, find: 'POST /a/search' }, 'it only reads; write GET'],
] as const

test('what is wrong is an error with the rule', async () => {
  await forEachRow(
    wrong,
    ([what]) => what,
    ([, rule, says]) => {
      const parse = () => parseCleanupRule(rule as CleanupRule)
      expect(parse).toThrow(`The cleanup rule for "${rule.create}": `)
      expect(parse).toThrow(says)
    },
  )
})
