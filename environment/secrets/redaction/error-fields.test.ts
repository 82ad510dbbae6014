import { expect, test } from '../../../testing/test.ts'
import { failingRows, fieldsInErrors } from './error-fields.ts'

test('keys in errors', () => {
  expect(fieldsInErrors('Key (lower(email::text))=(ann@x.dev) already exists.')).toContainEqual(['email', 'ann@x.dev'])
  const two = 'detail: Key (tenant, "e mail")=(7, ann@x.dev) is not present in table "users".'
  expect(fieldsInErrors(two)).toEqual([
    ['tenant', '7'],
    ['e mail', 'ann@x.dev'],
  ])
  expect(fieldsInErrors('Key (a)=(b)')).toEqual([])
})

test('keys of unique indexes and of exclusion constraints', () => {
  expect(fieldsInErrors('DETAIL:  Key (email)=(ann@x.dev) is duplicated.')).toEqual([['email', 'ann@x.dev']])
  for (const word of ['existing key', 'key']) {
    expect(fieldsInErrors(`Key (email)=(ann (a). b@x.dev) conflicts with ${word} (email)=(bob@x.dev).`)).toEqual([
      ['email', 'ann (a). b@x.dev'],
      ['email', 'bob@x.dev'],
    ])
  }
})

test('a value with a comma is not told apart from others', () => {
  expect(fieldsInErrors('Key (tenant, full_name)=(7, Lovelace, Ada) already exists.')).toEqual([
    ['tenant', '7, Lovelace, Ada'],
    ['full_name', '7, Lovelace, Ada'],
  ])
})

test('rows that failed', () => {
  expect(failingRows('DETAIL:  Failing row contains (7, a (b)\nc, null).\nSTATEMENT: …')).toEqual([
    { values: '7, a (b)\nc, null' },
  ])
  expect(failingRows('Failing row contains (7, ann@x')).toEqual([{ values: '7, ann@x' }])
  expect(failingRows('Failing row contains (id, email) = (7, ann@x.dev).')).toEqual([
    {
      values: '7, ann@x.dev',
      fields: [
        ['id', '7'],
        ['email', 'ann@x.dev'],
      ],
    },
  ])
})
