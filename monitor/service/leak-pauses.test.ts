import type { Intent } from '../../environment/ledger/entry.ts'
import { expect, test } from '../../testing/test.ts'
import { LeakPauses } from './leak-pauses.ts'

const minute = 60_000
const intent = (id: string) => ({ id }) as Intent

test('the pauses between attempts on a leak grow to six hours', () => {
  let now = 0
  const pauses = new LeakPauses(() => now)
  const leak = intent('leak')
  const looks: number[] = []
  for (; now < 24 * 60 * minute; now += minute) {
    if (!pauses.isDue(leak)) continue
    looks.push(now / minute)
    pauses.ended(leak, { as: 'unresolved', reason: 'still there' })
  }
  expect(looks).toEqual([0, 1, 3, 7, 14, 28, 55, 109, 216, 430, 790, 1150])
  expect(pauses.isDue(intent('another'))).toBe(true)
  pauses.ended(leak, { as: 'removed', count: 1 })
  expect(pauses.isDue(leak)).toBe(true)
})
