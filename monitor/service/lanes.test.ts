import { expect, test } from '@playwright/test'
import { Lanes } from './lanes.ts'

const limits = { usual: 2, most: 4, stillMs: 10_000 }

test('an environment whose runs all stand still has room for one more, up to a limit; another has its own', () => {
  let now = 0
  const lanes = new Lanes(limits, () => now)
  const first = lanes.enter('production')
  expect(lanes.full()).toEqual([])
  const second = lanes.enter('production')
  lanes.enter('staging')
  expect([lanes.full(), lanes.nextRoomInMs()]).toEqual([['production'], 10_000])
  now = 6000
  second.goesOn()
  now = 10_000
  expect([lanes.full(), lanes.nextRoomInMs()]).toEqual([['production'], 6000])
  now = 16_000
  expect([lanes.full(), lanes.nextRoomInMs()]).toEqual([[], undefined])
  // What has just begun does not stand still.
  const third = lanes.enter('production')
  expect([lanes.full(), lanes.nextRoomInMs()]).toEqual([['production'], 10_000])
  // One that ends leaves its room, since the others stand still as before.
  third.leave()
  expect(lanes.full()).toEqual([])
  for (now = 16_000; now <= 26_000; now += 10_000) lanes.enter('production')
  now = 1e9
  expect([lanes.full(), lanes.nextRoomInMs()]).toEqual([['production'], undefined])
  first.leave()
  second.leave()
  expect(lanes.full()).toEqual([])
})
