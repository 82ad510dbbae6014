import assert from 'node:assert/strict'
import { expect, test } from '../testing/test.ts'
import { uptimePercent, uptimeShare, uptimeText, watchedText } from './uptime-text.ts'

test('uptime is rounded down, and to nothing less', () => {
  for (let whole = 1; whole <= 400; whole++) {
    for (let up = 0; up < whole; up++) {
      const hundredths = BigInt(up * 10_000) / BigInt(whole)
      assert.equal(uptimePercent({ up, down: whole - up }), Number(hundredths) / 100, `${up} of ${whole}`)
    }
  }
  expect(uptimeShare({ up: 23, down: 17 })).toBe('57.50 %')
  expect(watchedText({ up: 20, down: 3, unwatched: 17 })).toBe('of 57.5 % watched')
  expect(uptimeText({ up: 99_999_999, down: 1, unwatched: 1 })).toBe('99.99 % of 99.9 % watched')
  expect(uptimeText({ up: 0, down: 0, unwatched: 1 })).toBe('not watched')
  expect(uptimeText({ up: 0, down: 0, unwatched: 0 })).toBe('no data')
})
