import { expect, test } from '../testing/test.ts'
import { Slowdown } from './slowdown.ts'

const factorOf = (schedstat: string) => new Slowdown(() => schedstat).factor()

test('a process that waits eight times as long as it runs is nine times slower', () => {
  expect(factorOf('1000000 8000000 12\n')).toBe(9)
  expect(factorOf('1000000 0 12\n')).toBe(1)
})

test('a process that has worked on a quiet machine, and starves later, is as slow as in the last ten seconds', () => {
  let seconds = 0
  let times: [running: number, waiting: number] = [4, 0]
  const slowdown = new Slowdown(
    () => `${times.map(time => time * 1e9).join(' ')} 12\n`,
    () => seconds * 1000,
  )
  expect(slowdown.factor()).toBe(1)
  for (; seconds < 60; seconds += 5) slowdown.look()
  expect(slowdown.factor()).toBe(1)
  times = [4.5, 4]
  expect(slowdown.factor()).toBe(9)
  // It goes back to normal as well.
  for (; seconds < 120; seconds += 5) slowdown.look()
  times = [5.5, 4]
  expect(slowdown.factor()).toBe(1)
})

test('there is a limit, so that what hangs ends', () => {
  expect(factorOf('1 1000000 12\n')).toBe(20)
})

test('where the system does not count it, the load of the machine is taken', () => {
  for (const schedstat of ['0 0 0\n', undefined]) {
    const factor = new Slowdown(() => {
      if (schedstat === undefined) throw new Error('ENOENT')
      return schedstat
    }).factor()
    expect(factor).toBeGreaterThanOrEqual(1)
    expect(factor).toBeLessThanOrEqual(20)
  }
})
