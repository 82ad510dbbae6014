import { expect, test } from '../../testing/test.ts'
import { RunQuota } from './run-quota.ts'

const limits = { usual: 2, most: 4, stillMs: 10_000 }

test('an environment whose runs all hang has room for one more, up to a limit; another environment has its own', () => {
  let now = 0
  const quota = new RunQuota(limits, () => now)
  const first = quota.admit('production')
  expect(quota.full()).toEqual([])
  const second = quota.admit('production')
  quota.admit('staging')
  expect([quota.full(), quota.nextRoomInMs()]).toEqual([['production'], 10_000])
  now = 6000
  second.goesOn()
  now = 10_000
  expect([quota.full(), quota.nextRoomInMs()]).toEqual([['production'], 6000])
  now = 16_000
  expect([quota.full(), quota.nextRoomInMs()]).toEqual([[], undefined])
  // A run that has just begun does not hang.
  const third = quota.admit('production')
  expect([quota.full(), quota.nextRoomInMs()]).toEqual([['production'], 10_000])
  // A run that ends leaves its room, since the others still hang.
  third.end()
  expect(quota.full()).toEqual([])
  for (now = 16_000; now <= 26_000; now += 10_000) quota.admit('production')
  now = 1e9
  expect([quota.full(), quota.nextRoomInMs()]).toEqual([['production'], undefined])
  first.end()
  second.end()
  expect(quota.full()).toEqual([])
})
