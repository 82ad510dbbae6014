import { forEachRow } from '../../testing/for-each-row.ts'
import { expect, test } from '../../testing/test.ts'
import { UserChange, UserDraft } from './schema.ts'

const email = 'ada@example.com'

test('surrounding white space is trimmed from an email and a name', () => {
  expect(UserDraft.parse({ email: ' ada@example.com\n', name: '\tAda  King ' })).toEqual({ email, name: 'Ada  King' })
})

const names = ['Ada', '李', 'O’Brien-Ñuñez', 'ليلى', '👩‍👩‍👧', '👩🏽‍🚀'.repeat(25), 'Ж'.repeat(100), '🙂'.repeat(100)]

test('valid names', async () => {
  await forEachRow(
    names,
    name => `${name} is a valid name`,
    name => {
      expect(UserDraft.parse({ email, name }).name).toBe(name)
    },
  )
})

const wrongNames = [
  '',
  '   ',
  '\u200b',
  'a\0b',
  'a\nb',
  '\u009b31m',
  'a\ud800',
  '\udc00b',
  'x'.repeat(101),
  '🙂'.repeat(101),
  null,
  7,
  ['a'],
]

test('what is not a valid name', async () => {
  await forEachRow(
    wrongNames,
    name => `${JSON.stringify(name)} is not a valid name`,
    name => {
      expect(UserDraft.safeParse({ email, name }).success).toBe(false)
    },
  )
})

const wrongAddresses = [
  '',
  'ada',
  'ada@',
  '@example.com',
  'a b@example.com',
  'ada@example',
  'a\0@example.com',
  'ада@example.com',
  null,
]

test('what is not a valid email address', async () => {
  await forEachRow(
    wrongAddresses,
    wrong => `${JSON.stringify(wrong)} is not a valid email address`,
    wrong => {
      expect(UserDraft.safeParse({ email: wrong, name: 'Ada' }).success).toBe(false)
    },
  )
})

test('an email address has up to 255 characters', () => {
  const long = (length: number) => ({ name: 'Ada', email: `${'a'.repeat(length - '@example.com'.length)}@example.com` })
  expect(UserDraft.safeParse(long(255)).success).toBe(true)
  expect(UserDraft.safeParse(long(256)).success).toBe(false)
})

test('a change needs at least one member, and only known members', () => {
  expect(UserChange.safeParse({}).success).toBe(false)
  expect(UserChange.safeParse({ emial: email }).success).toBe(false)
  expect(UserChange.parse({ name: 'Ada' })).toEqual({ name: 'Ada' })
})

test('an invalid id of a plan is refused without a query', () => {
  expect(UserDraft.safeParse({ email, name: 'Ada', plan: 'free\0' }).success).toBe(false)
})
