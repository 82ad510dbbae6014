import { Readable } from 'node:stream'
import { expect, test } from '../../../testing/test.ts'
import { bodyEnd } from './body-end.ts'

const end = async (chunks: string[], kept: number, most = 100) =>
  (await bodyEnd(Readable.from(chunks.map(text => Buffer.from(text))), { kept, most }))?.toString()

test('the end of a body is kept, wherever its chunks end', async () => {
  expect(await end([], 3)).toBe('')
  expect(await end(['ab'], 3)).toBe('ab')
  expect(await end(['abc', 'de', 'f'], 3)).toBe('def')
  expect(await end(['abcdef'], 3)).toBe('def')
  expect(await end(['a', 'b', 'c', 'd', 'efgh'], 5)).toBe('defgh')
})

test('what has too much is not read to its end', async () => {
  let chunks = 0
  const endless = Readable.from(
    (function* () {
      for (;;) {
        chunks++
        yield Buffer.alloc(10)
      }
    })(),
  )
  expect(await bodyEnd(endless, { kept: 5, most: 100 })).toBeUndefined()
  expect(chunks).toBeLessThan(100)
  expect(endless.destroyed).toBe(false)
  endless.destroy()
})
