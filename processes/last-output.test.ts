import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import { Redactor } from '../environment/secrets/redaction/redactor.ts'
import { expect, test } from '../testing/test.ts'
import { lastOutputOf } from './last-output.ts'

const secret = 'schlüssel-4711-ßtimmt'
const kept = 16_384
const redactor = new Redactor(new Map([['KEY', secret]]))

test('what one stream prints in several writes stays together, and lines stay in their order', async () => {
  const [out, err] = [new PassThrough(), new PassThrough()]
  const words = lastOutputOf([out, err, null], kept)
  const bytes = Buffer.from(`its key is ${secret}, says the spec\n`)
  out.write('first\n')
  // In the middle of a character.
  const middle = bytes.indexOf('ü') + 1
  out.write(bytes.subarray(0, middle))
  await setImmediate()
  err.write('a warning\n')
  await setImmediate()
  out.write(bytes.subarray(middle))
  err.write('unfinished')
  await setImmediate()
  expect(redactor.text(words.text())).toBe('first\na warning\nits key is [KEY], says the spec\nunfinished')
})

test('of much that is printed the end is kept, without the part of a secret that is left at the cut', async () => {
  for (let left = 1; left < secret.length; left++) {
    const stream = new PassThrough()
    const words = lastOutputOf([stream], kept)
    const end = `${'x'.repeat(16_383 - left)}\n`
    stream.end(`${'y'.repeat(70_000)} ${secret}${end}`)
    await stream.resume().toArray()
    const redacted = redactor.text(words.text())
    assert.ok(redacted.startsWith('…'))
    for (let at = 0; at + 6 <= secret.length; at++) assert.ok(!redacted.includes(secret.slice(at, at + 6)), `${left}`)
    assert.ok(redacted.endsWith('x'.repeat(10_000)))
  }
})
