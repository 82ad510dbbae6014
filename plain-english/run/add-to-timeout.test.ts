import { expect, test } from '../../testing/test.ts'
import { addToTimeout } from './add-to-timeout.ts'

test('a time is added to the timeout of a test that has one', () => {
  const { timeout } = test.info()
  test.setTimeout(60_000)
  addToTimeout(30_000)
  expect(test.info().timeout).toBe(90_000)
  test.setTimeout(0)
  addToTimeout(30_000)
  expect(test.info().timeout).toBe(0)
  test.setTimeout(timeout)
})
