import { assertProportionalTime } from './proportional-time.ts'
import { expect, test } from './test.ts'

test('the time may grow with the size, and not with its square', () => {
  let now = 0
  const assertTime = (timeOf: (size: number) => number) =>
    assertProportionalTime(
      80,
      size => {
        now += timeOf(size)
      },
      () => now,
    )
  assertTime(size => 1000 + size * Math.log(size))
  expect(() => assertTime(size => size ** 2)).toThrow(
    'The time grows faster than the size: 10 and 80 take 100 and 6400 ms, 100 and 6400 ms, 100 and 6400 ms.',
  )
})

test('what slows one of three attempts does not count', () => {
  let now = 0
  let disturbances = 2
  const work = (size: number) => {
    now += size
    if (size === 80 && disturbances-- > 0) now += 10_000
  }
  assertProportionalTime(80, work, () => now)
  expect(disturbances).toBe(-1)
})
