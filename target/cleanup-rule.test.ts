import { expect, test } from '@playwright/test'
import { parseCleanupRule, render } from './cleanup-rule.ts'

const remove = 'DELETE /orders/{body.id}'

test('a rule fits its method and path, and takes values from the path', () => {
  const { fits } = parseCleanupRule({
    create: 'POST /shops/{shop}/orders',
    remove: 'DELETE /shops/{path.shop}/{body.id}',
  })
  expect(fits('POST', '/shops/a%20b/orders')).toEqual({ shop: 'a b' })
  for (const [method, path] of [
    ['PUT', '/shops/7/orders'],
    ['POST', '/shops/7/orders/8'],
    ['POST', '/shops//orders'],
    ['POST', '/api/shops/7/orders'],
  ] as const) {
    expect(fits(method, path)).toBeUndefined()
  }
})

test('a path is text, whatever it looks like', () => {
  const { fits } = parseCleanupRule({ create: 'POST /v1.0/orders(new)', remove })
  expect(fits('POST', '/v1.0/orders(new)')).toEqual({})
  expect(fits('POST', '/v1x0/orders(new)')).toBeUndefined()
})

for (const [what, rule, says] of [
  ['a method in lower case', { create: 'post /orders', remove }, `create is "post /orders"; write a method and a path`],
  ['no path', { create: 'POST', remove }, `create is "POST"; write a method and a path`],
  ['a name that is none', { create: 'POST /{7}', remove }, '{7} names no segment of the path'],
  ['a name twice', { create: 'POST /{a}/{a}', remove }, '{a} names no segment of the path'],
  ['a placeholder of nothing', { create: 'POST /orders', remove: 'DELETE /orders/{id}' }, '{id} stands for nothing'],
  ['a segment that is not there', { create: 'POST /{a}', remove: 'DELETE /{path.b}' }, '{path.b} stands for nothing'],
  ['a find by the answer', { create: 'POST /a', remove, find: 'GET /a/{body.id}' }, 'the answer did not arrive'],
  ['a find that writes', { create: 'POST /a', remove, find: 'POST /a/search' }, 'it only reads; write GET'],
] as const) {
  test(`${what} is a fault, and named with its rule`, () => {
    const parse = () => parseCleanupRule(rule)
    expect(parse).toThrow(`The cleanup rule for "${rule.create}": `)
    expect(parse).toThrow(says)
  })
}

test('values are encoded, and those of sources that are not known yet stay', () => {
  const sources = { request: { ref: 'a/b&c', at: { home: true } }, token: '00-1' }
  expect(render('GET /o?ref={request.ref}&home={request.at.home}&t={token}', sources)).toEqual({
    text: 'GET /o?ref=a%2Fb%26c&home=true&t=00-1',
    values: ['a/b&c', 'true'],
  })
  expect(render('DELETE /orders/{body.id}', sources)?.text).toBe('DELETE /orders/{body.id}')
})

test('what is missing, or would lead elsewhere, makes no line', () => {
  for (const id of [undefined, null, '', '.', '..', {}, [7]]) expect(render(remove, { body: { id } })).toBeUndefined()
  for (const body of [undefined, null, 'text', []]) expect(render(remove, { body })).toBeUndefined()
  expect(render('DELETE /orders/{body.constructor}', { body: {} })).toBeUndefined()
  expect(render(remove, { body: { id: 0 } })?.text).toBe('DELETE /orders/0')
  expect(render(remove, { body: { id: '../users' } })?.text).toBe('DELETE /orders/..%2Fusers')
})
