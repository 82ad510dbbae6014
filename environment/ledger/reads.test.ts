import { forEachRow } from '../../testing/for-each-row.ts'
import { expect, test } from '../../testing/test.ts'
import { isGraphqlQuery, parseRead } from './reads.ts'

const base = 'https://api.example.com/v1/'
const at = (path: string) => new URL(path, base)

test('a read has a method and a path relative to the base URL', () => {
  const { fits } = parseRead('POST /search/{kind}')
  expect(fits('POST', at('search/orders'), base, () => undefined)).toBe(true)
  expect(fits('PUT', at('search/orders'), base, () => undefined)).toBe(false)
  expect(fits('POST', at('orders'), base, () => undefined)).toBe(false)
})

const bodies = [
  ['a query', { query: '{ things { id } }' }, true],
  ['a query that has mutation for a name', { query: 'query mutation { mutation: things { id } }' }, true],
  ['a subscription', { query: 'subscription { things { id } }' }, true],
  ['a mutation', { query: 'mutation { createThing(name: "a") { id } }' }, false],
  ['a mutation behind a comment', { query: '# query\n mutation { a }' }, false],
  ['the query of two operations', { query: 'query a { x } mutation b { y }', operationName: 'a' }, true],
  ['the mutation of two operations', { query: 'query a { x } mutation b { y }', operationName: 'b' }, false],
  ['two operations of which none is chosen', { query: 'query a { x } query b { y }' }, false],
  ['a batch of queries', [{ query: '{ a }' }, { query: '{ b }' }], true],
  ['a batch with a mutation', [{ query: '{ a }' }, { query: 'mutation { b }' }], false],
  ['an empty batch', [], false],
  ['a persisted query', { extensions: { persistedQuery: { sha256Hash: 'a' } } }, false],
  ['what is no document', { query: 'select 1' }, false],
  ['no body', undefined, false],
] as const

test('which bodies only read', async () => {
  await forEachRow(
    bodies,
    ([what]) => what,
    ([, body, is]) => {
      expect(isGraphqlQuery(body)).toBe(is)
      expect(parseRead('POST /graphql query').fits('POST', at('graphql'), base, () => body)).toBe(is)
    },
  )
})

test('a GraphQL document in the URL, which servers may prefer to that in the body, makes no read', () => {
  const body = () => ({ query: '{ a }' })
  expect(parseRead('POST /graphql query').fits('POST', at('graphql?query=mutation{a}'), base, body)).toBe(false)
})

test('a read whose body has a text is not one whose body has a longer word', () => {
  const { fits } = parseRead({ send: 'POST /rpc', when: { method: 'user.get' } })
  for (const [method, is] of [
    ['user.get', true],
    ['admin.user.get', true],
    ['user.get.purge', false],
    ['user.get-or-create', false],
    ['user.getOrCreate', false],
    ['superuser.get', false],
    ['user.get_or_create', false],
  ] as const) {
    expect([method, fits('POST', at('rpc'), base, () => ({ method }))]).toEqual([method, is])
  }
})

for (const [text, says] of [
  ['/search', "write a method and a path, such as 'POST /search'"],
  ['post /search', 'write a method and a path'],
  ['POST /search mutation', 'write a method and a path'],
  ['DELETE /orders/{id}', 'a DELETE is not a read'],
  ['POST /{1}', '{1} is not a valid name for a segment'],
] as const) {
  test(`"${text}" is an error`, () => {
    expect(() => parseRead(text)).toThrow(`reads has "${text}"; ${says}`)
  })
}
