import { expect, test } from '@playwright/test'
import { slowdown } from './slowdown.ts'

test('a process that waits eight times as long as it runs is nine times slower', () => {
  expect(slowdown(() => '1000000 8000000 12\n')).toBe(9)
  expect(slowdown(() => '1000000 0 12\n')).toBe(1)
})

test('there is a limit, so that what hangs ends', () => {
  expect(slowdown(() => '1 1000000 12\n')).toBe(20)
})

test('where the system does not count it, the load of the machine is taken', () => {
  for (const schedstat of ['0 0 0\n', undefined]) {
    const factor = slowdown(() => {
      if (schedstat === undefined) throw new Error('ENOENT')
      return schedstat
    })
    expect(factor).toBeGreaterThanOrEqual(1)
    expect(factor).toBeLessThanOrEqual(20)
  }
})
