import { expect, test } from '../../testing/test.ts'
import { until } from './find-element.ts'

test('what is late is asked for less and less often, and a last time when the wait is over', async () => {
  const begun = performance.now()
  const attempts: number[] = []
  const found = await until(1500, async () => {
    attempts.push(performance.now() - begun)
    return undefined
  })
  expect(found).toBeUndefined()
  // Every 50 ms there would be 30.
  expect(attempts.length).toBeLessThan(26)
  expect(attempts.at(-1)).toBeGreaterThan(1490)
})

test('what is there is returned at once', async () => {
  expect(await until(60_000, async () => 'it')).toBe('it')
})
