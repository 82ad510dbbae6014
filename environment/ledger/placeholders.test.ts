import { expect, test } from '../../testing/test.ts'
import { secret } from '../secrets/secret.ts'
import { memberAt, renderAddress, renderJson, renderText } from './placeholders.ts'

const remove = 'DELETE /orders/{body.id}'

test('values are encoded, and placeholders of sources that are not given stay', () => {
  const sources = { request: { ref: 'a/b&c', at: { home: true } }, token: '00-1' }
  expect(renderAddress('GET /o?ref={request.ref}&home={request.at.home}&t={token}', sources)).toEqual({
    text: 'GET /o?ref=a%2Fb%26c&home=true&t=00-1',
    values: ['a/b&c', 'true', '00-1'],
  })
  expect(renderAddress('DELETE /orders/{body.id}', sources)?.text).toBe('DELETE /orders/{body.id}')
})

test('a missing value, or one that would change the path, is refused', () => {
  for (const id of [undefined, null, '', '.', '..', {}, [7]])
    expect(renderAddress(remove, { body: { id } })).toBeUndefined()
  for (const body of [undefined, null, 'text', []]) expect(renderAddress(remove, { body })).toBeUndefined()
  expect(renderAddress('DELETE /orders/{body.constructor}', { body: {} })).toBeUndefined()
  expect(renderAddress(remove, { body: { id: 0 } })?.text).toBe('DELETE /orders/0')
  expect(renderAddress(remove, { body: { id: '../users' } })?.text).toBe('DELETE /orders/..%2Fusers')
})

test('elements of a list are accessed by index, and a complete URL is not encoded', () => {
  expect(
    renderAddress('DELETE /bulk/{body.items.1.id}/{body.items[0].id}', { body: { items: [{ id: 7 }, { id: 8 }] } })
      ?.text,
  ).toBe('DELETE /bulk/8/7')
  const location = { href: 'https://example.com/a/b?c=1', id: 'b' }
  expect(renderAddress('DELETE {location}', { location })?.text).toBe('DELETE https://example.com/a/b?c=1')
  expect(renderAddress('DELETE /a/{location.id}', { location })?.text).toBe('DELETE /a/b')
  expect(memberAt({ status: { name: 'gone' } }, 'status.name')).toBe('gone')
})

test('values in a header are not encoded; values in a body keep their types, and other braces stay', () => {
  expect(renderText('"{header.etag}"', { header: { etag: 'a/b' } })).toBe('"a/b"')
  expect(renderText('{header.etag}', { header: {} })).toBeUndefined()
  const template = {
    query: 'mutation($id: Int!) { deleteThing(id: $id) }',
    variables: { id: '{body.data.id}', why: 'of {body.data.id}' },
  }
  expect(renderJson(template, { body: { data: { id: 7 } } })).toEqual({
    query: 'mutation($id: Int!) { deleteThing(id: $id) }',
    variables: { id: 7, why: 'of 7' },
  })
  expect(renderJson(template, { body: {} })).toBeUndefined()
})

test('an empty value in a body or a header is refused: a removal with it may remove everything', () => {
  const body = { ref: '', count: 0 }
  expect(renderText('{body.ref}', { body })).toBeUndefined()
  expect(renderText('of {body.ref}', { body })).toBeUndefined()
  expect(renderJson({ filter: { ref: '{body.ref}' } }, { body })).toBeUndefined()
  expect(renderJson({ count: '{body.count}', ref: '' }, { body })).toEqual({ count: 0, ref: '' })
})

test('a rounded number, a lone surrogate and the placeholder of a secret are refused', () => {
  const ours = secret('TOKEN')
  for (const id of [2 ** 53 + 2, '\ud83d', `${ours}/7`]) {
    expect(renderAddress(remove, { body: { id } })).toBeUndefined()
  }
  for (const id of [2 ** 53 + 2, ours]) {
    expect(renderText('{body.id}', { body: { id } })).toBeUndefined()
    expect(renderJson({ id: '{body.id}' }, { body: { id } })).toBeUndefined()
  }
  expect(renderAddress(remove, { body: { id: 1.5 } })?.text).toBe('DELETE /orders/1.5')
})
