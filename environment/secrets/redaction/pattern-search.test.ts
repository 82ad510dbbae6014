import assert from 'node:assert/strict'
import fc from 'fast-check'
import { test } from '../../../testing/test.ts'
import { PatternSearch } from './pattern-search.ts'

test('the unfinished beginning of a pattern is the one that a comparison with each of them finds', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 1, maxLength: 12 })
  fc.assert(
    fc.property(fc.array(text, { maxLength: 5 }), text, fc.nat(12), (patterns, content, cut) => {
      const search = new PatternSearch(
        patterns.map(each => ({ bytes: Buffer.from(each), replacement: () => Buffer.of() })),
      )
      const last = Math.min(cut, content.length)
      const isUnfinished = (at: number) =>
        patterns.some(each => each.length > last - at && each.startsWith(content.slice(at, last)))
      const expected = Array.from({ length: last }, (_, at) => at).find(isUnfinished)
      const found = search.unfinished(Buffer.from(content), last)
      assert.equal(found?.at, expected)
      if (found) assert.ok(String(found.pattern.bytes).startsWith(content.slice(found.at, last)))
    }),
    { numRuns: 2000 },
  )
})
