/** Tests that of random secrets at random offsets, in every form, truncated and split, no six characters are left. */
import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { text as textOf } from 'node:stream/consumers'
import { stripVTControlCharacters } from 'node:util'
import fc from 'fast-check'
import { formsOfSecret, randomSecret, shownForms } from '../../../testing/random-secret.ts'
import { soak } from '../../../testing/soak.ts'
import { test } from '../../../testing/test.ts'
import { redactEvents } from './json-lines.ts'
import { Redactor } from './redactor.ts'

const forms = Object.entries(formsOfSecret)
const filler = fc.string({ unit: fc.constantFrom('z', 'q', ' ', '\n', 'ö'), maxLength: 60 })
const form = fc.constantFrom(...forms)
const numRuns = soak({ long: 20_000, short: 100 })

function redactorOf(secret: string): Redactor {
  return new Redactor(new Map([['TOKEN', secret]]))
}

test('a complete secret in any form, also with colours inside, and in base64 of a longer text', {
  tag: '@soak',
}, () => {
  fc.assert(
    fc.property(
      randomSecret,
      form,
      filler,
      filler,
      fc.nat(),
      fc.nat(),
      (secret, [name, write], before, after, from, to) => {
        const redactor = redactorOf(secret)
        const written = `${before}${write(secret)}${after}`
        const letters = [...written]
        letters.splice(from % letters.length, 0, '\u001b[7m')
        letters.splice(to % letters.length, 0, '\u001b[31m')
        const split = letters.join('')
        const outputs = [
          redactor.text(written),
          stripVTControlCharacters(redactor.text(split)),
          stripVTControlCharacters(JSON.parse(redactor.text(JSON.stringify(split)))),
          ...(name === 'raw' || name === 'JSON'
            ? [Buffer.from(redactor.text(Buffer.from(written).toString('base64')), 'base64').toString()]
            : []),
        ]
        for (const output of outputs) assert.deepEqual(shownForms(secret, output), [])
      },
    ),
    { numRuns },
  )
})

const marks = ['…', '...', '\u001b[22m', '\n    at f (a.ts:1:2)', '\n```\n', '']

test('a truncated secret before or after a truncation mark', { tag: '@soak' }, () => {
  const cut = fc.record({ at: fc.nat(), mark: fc.constantFrom(...marks), side: fc.constantFrom('before', 'after') })
  fc.assert(
    fc.property(randomSecret, form, filler, filler, cut, (secret, [name, write], before, after, { at, mark, side }) => {
      // A split character can be written only in the forms that do not encode characters as a whole.
      const letters = name === 'raw' || name === 'JSON' ? secret.split('') : [...secret]
      const place = at % letters.length
      const written =
        side === 'before' || mark.startsWith('\n')
          ? `${before}${write(letters.slice(0, place).join(''))}${mark}${mark && after}`
          : `${mark && before}${mark}${write(letters.slice(place).join(''))}${after}`
      const redactor = redactorOf(secret)
      assert.deepEqual(shownForms(secret, redactor.text(written)), [])
      if (mark !== '')
        assert.deepEqual(shownForms(secret, JSON.parse(redactor.text(JSON.stringify({ written }))).written), [])
    }),
    { numRuns },
  )
})

test('a secret in a stream, split into any chunks', { tag: '@soak' }, async () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1 })
  await fc.assert(
    fc.asyncProperty(
      randomSecret,
      fc.array(form, { maxLength: 4 }),
      filler,
      sizes,
      async (secret, written, between, sizes) => {
        const bytes = Buffer.from(written.map(([, write]) => `${between}${write(secret)}`).join(''))
        const redactor = redactorOf(secret)
        const output = await textOf(Readable.from(chunksOf(bytes, sizes)).pipe(redactor.stream()))
        assert.equal(output, redactor.bytes(bytes).toString())
        assert.deepEqual(shownForms(secret, output), [])
      },
    ),
    { numRuns },
  )
})

test('a secret printed in several writes, which stay in order', { tag: '@soak' }, async () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1 })
  const printing = fc.record({
    sizes,
    isBase64: fc.boolean(),
    inTrace: fc.boolean(),
    isCut: fc.boolean(),
    between: filler,
    order: fc.infiniteStream(fc.boolean()),
  })
  await fc.assert(
    fc.asyncProperty(
      randomSecret,
      form,
      printing,
      async (secret, [, write], { sizes, isBase64, inTrace, isCut, between, order }) => {
        const letters = [...`${between}${write(secret)}${between}`]
        const printed = (type: string) => {
          const chunks = isBase64 ? chunksOf(Buffer.from(letters.join('')), sizes) : lettersOf(letters, sizes)
          return chunks.map(chunk => eventOf(type, chunk, inTrace))
        }
        const [one, other] = [printed('stdout'), printed('stderr')]
        const all: object[] = []
        while (one.length + other.length > 0) {
          const next = (order.next().value ? one.shift() : other.shift()) ?? one.shift() ?? other.shift()
          if (next) all.push(next, { method: 'onStepBegin', params: { number: all.length } })
        }
        // The worker may exit at any time.
        const events = isCut ? all.slice(0, Math.ceil(all.length / 2)) : all
        const source = Readable.from([Buffer.from(events.map(event => `${JSON.stringify(event)}\n`).join(''))])
        const output = (await textOf(Readable.from(redactEvents(redactorOf(secret), async body => body)(source))))
          .trim()
          .split('\n')
          .map(line => JSON.parse(line))
        assert.deepEqual(output.map(shape), events.map(shape))
        for (const type of ['stdout', 'stderr']) {
          const text = Buffer.concat(output.flatMap(event => bytesOf(event, type))).toString()
          assert.deepEqual(shownForms(secret, text), [])
          if (!isCut) assert.ok(text.startsWith(between) && text.endsWith(between), text)
        }
      },
    ),
    { numRuns },
  )
})

test('JSON stays valid with a short secret of characters that it escapes', { tag: '@soak' }, () => {
  const shortSecret = fc.string({ minLength: 4, maxLength: 8, unit: fc.constantFrom(...'\\"ntu0a%漢😀') })
  const part = fc.tuple(form, fc.nat(8), fc.constantFrom('whole', 'beginning', 'end'))
  const parts = fc.array(part, { maxLength: 3 })
  fc.assert(
    fc.property(shortSecret, parts, parts, (secret, key, value) => {
      const written = (parts: typeof value) => {
        return parts.map(([[, write], length, side]) => {
          const text = write(secret)
          return side === 'whole' ? text : side === 'beginning' ? text.slice(0, length) : text.slice(-length)
        })
      }
      const text = JSON.stringify({
        [written(key).join('')]: [written(value).join('\n'), JSON.stringify(written(value))],
      })
      const redactor = redactorOf(secret)
      for (const redacted of [redactor.text(text), redactor.lines(text)]) {
        assert.ok(!redacted.includes(secret), redacted)
        const document: Record<string, string[]> = JSON.parse(redacted)
        const left = Object.entries(document).flat(2)
        assert.deepEqual(
          left.filter(text => text.includes(secret)),
          [],
        )
      }
    }),
    { numRuns },
  )
})

function chunksOf(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  const chunks: Buffer[] = []
  for (let at = 0, count = 0; at < bytes.length; at += sizes[(count - 1) % sizes.length] ?? 1) {
    chunks.push(bytes.subarray(at, at + (sizes[count++ % sizes.length] ?? 1)))
  }
  return chunks
}

function lettersOf(letters: readonly string[], sizes: readonly number[]): string[] {
  const chunks: string[] = []
  for (let at = 0, count = 0; at < letters.length; at += sizes[(count - 1) % sizes.length] ?? 1) {
    chunks.push(letters.slice(at, at + (sizes[count++ % sizes.length] ?? 1)).join(''))
  }
  return chunks
}

/** The events of printed output in Playwright's blob report and in a trace. */
function eventOf(type: string, chunk: Buffer | string, inTrace: boolean): object {
  const isBase64 = typeof chunk !== 'string'
  const data = isBase64 ? chunk.toString('base64') : chunk
  if (!inTrace) return { method: 'onStdIO', params: { testId: 'a', resultId: 'b', type, data, isBase64 } }
  return { type, timestamp: 1, ...(isBase64 ? { base64: data } : { text: data }) }
}

function bytesOf(event: Record<string, unknown>, type: string): Buffer[] {
  const { type: own, data, isBase64, base64, text } = Object(event.params ?? event)
  return own === type ? [Buffer.from(data ?? base64 ?? text, isBase64 || base64 ? 'base64' : 'utf8')] : []
}

/** Everything but printed output. */
function shape(event: object): unknown {
  return JSON.parse(
    JSON.stringify(event, (key, value) => (['data', 'text', 'base64'].includes(key) ? undefined : value)),
  )
}
