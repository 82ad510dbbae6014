import { expect, test } from '../../testing/test.ts'
import { decodeCursor, encodeCursor } from './cursor.ts'

const id = '5f8c9a44-6f5e-4c1a-9d0b-1f2e3d4c5b6a'

test('a cursor is decoded to its position, and is safe in a URL', () => {
  const position = { createdAt: new Date('2026-03-01T12:00:00.123Z'), id }
  const cursor = encodeCursor(position)
  expect(cursor).toMatch(/^[\w-]+$/)
  expect(decodeCursor(cursor)).toEqual(position)
})

const foreign = [
  '',
  'x',
  id,
  `1.${id}x`,
  `-1.${id}`,
  `1e3.${id}`,
  `99999999999999.${id}`,
  `1.${id}\0`,
  `1.${id};drop`,
  '💥',
]
for (const text of foreign) {
  test(`${JSON.stringify(text)} is not a cursor, encoded or not`, () => {
    expect(decodeCursor(Buffer.from(text).toString('base64url'))).toBeUndefined()
    expect(decodeCursor(text)).toBeUndefined()
  })
}
