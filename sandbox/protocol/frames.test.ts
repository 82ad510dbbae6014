import assert from 'node:assert/strict'
import fc from 'fast-check'
import { expect, test } from '../../testing/test.ts'
import { frame } from './backend-messages.ts'
import { FrameReader } from './frames.ts'

const row = 0x44

/** Splits bytes at the given positions and reads the chunks. */
function readInPieces(bytes: Buffer, cuts: readonly number[], reader = new FrameReader()): Array<[number, string]> {
  const seen: Array<[number, string]> = []
  const ends = [...new Set(cuts.map(cut => cut % (bytes.length + 1)))].sort((a, b) => a - b)
  let from = 0
  for (const to of [...ends, bytes.length]) {
    reader.read(bytes.subarray(from, to), (type, piece) => seen.push([type, piece.toString('hex')]))
    from = to
  }
  return seen
}

// Not by `expect`, which reports each of some thousand steps.
test('returns complete frames, however the bytes were split', () => {
  const message = fc.tuple(fc.integer({ min: 1, max: 255 }), fc.uint8Array({ maxLength: 60 }))
  fc.assert(
    fc.property(fc.array(message, { maxLength: 8 }), fc.array(fc.nat(), { maxLength: 12 }), (messages, cuts) => {
      const frames = messages.map(([type, body]) => frame(type, Buffer.from(body)))
      const expected = frames.map(bytes => [bytes[0], bytes.toString('hex')])
      assert.deepEqual(readInPieces(Buffer.concat(frames), cuts), expected)
    }),
    { numRuns: 500 },
  )
})

test('passes a streamed frame on in parts, without loss or buffering', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 1, maxLength: 200 }),
      fc.array(fc.nat(), { maxLength: 12 }),
      (body, cuts) => {
        const bytes = Buffer.concat([frame(row, Buffer.from(body)), frame(0x43, 'SELECT 1\0')])
        const seen = readInPieces(bytes, cuts, new FrameReader(new Set([row])))
        assert.equal(seen.map(([, hex]) => hex).join(''), bytes.toString('hex'))
        assert.equal(seen.at(-1)?.[0], 0x43)
      },
    ),
    { numRuns: 500 },
  )
})

test('passes adjacent streamed frames on together, whatever follows them', () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ maxLength: 60 }), { minLength: 1, maxLength: 8 }),
      fc.array(fc.nat(), { maxLength: 6 }),
      (bodies, cuts) => {
        const rows = Buffer.concat(bodies.map(body => frame(row, Buffer.from(body))))
        const done = frame(0x43, 'SELECT 1\0')
        const seen = readInPieces(Buffer.concat([rows, done, rows]), cuts, new FrameReader(new Set([row])))
        const at = seen.findIndex(([type]) => type === 0x43)
        const textOf = (pieces: typeof seen) => pieces.map(([, hex]) => hex).join('')
        assert.equal(textOf(seen.slice(0, at)), rows.toString('hex'))
        assert.deepEqual(seen[at], [0x43, done.toString('hex')])
        assert.equal(textOf(seen.slice(at + 1)), rows.toString('hex'))
        if (cuts.length === 0) assert.equal(seen.length, 3)
      },
    ),
    { numRuns: 500 },
  )
})

for (const [name, length] of [
  ['shorter than its own length field', 3],
  ['longer than any message', 0x4000_0000],
] as const) {
  test(`a frame ${name} is refused with its type and length`, () => {
    const bytes = Buffer.from([0x51, 0, 0, 0, 0, 0])
    bytes.writeUInt32BE(length, 1)
    expect(() => new FrameReader().read(bytes, () => undefined)).toThrow(`type 0x51 with a length of ${length}`)
  })
}
