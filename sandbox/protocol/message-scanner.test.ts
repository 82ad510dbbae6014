import { deepEqual } from 'node:assert/strict'
import fc from 'fast-check'
import { test } from '../../testing/test.ts'
import { frame } from './backend-messages.ts'
import { MessageScanner } from './message-scanner.ts'

test('each message is seen by its first bytes and its length, however the bytes were cut', () => {
  const message = fc.tuple(fc.integer({ min: 1, max: 255 }), fc.uint8Array({ maxLength: 60 }))
  fc.assert(
    fc.property(fc.array(message, { maxLength: 8 }), fc.integer({ min: 1, max: 20 }), (messages, step) => {
      const frames = messages.map(([type, body]) => frame(type, Buffer.from(body)))
      const bytes = Buffer.concat(frames)
      const scanner = new MessageScanner(8)
      const seen: unknown[] = []
      for (let at = 0; at < bytes.length; at += step) {
        // The same memory may be read into again.
        const chunk = Buffer.from(bytes.subarray(at, at + step))
        scanner.read(chunk, head => seen.push({ ...head, bytes: head.bytes.toString('hex') }))
        chunk.fill(0)
      }
      // Not by `expect`, which reports each of some hundred steps.
      deepEqual(
        seen,
        frames.map(one => ({ type: one[0], bytes: one.toString('hex', 0, 8), length: one.length })),
      )
    }),
    { numRuns: 500 },
  )
})
