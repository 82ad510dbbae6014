import { expect, test } from '../../testing/test.ts'
import { withoutCallers } from './without-callers.ts'

async function inner(): Promise<string> {
  await Promise.resolve()
  return String(new Error('here').stack)
}

async function outer(): Promise<string> {
  return await withoutCallers(inner)
}

test('a stack trace ends with the function that runs without its callers', async () => {
  const stack = await outer()
  expect(stack).toContain('inner')
  expect(stack).not.toContain('outer')
})

test('its value and its error are those of the function', async () => {
  await expect(withoutCallers(async () => 7)).resolves.toBe(7)
  const error = new Error('no')
  await expect(withoutCallers(() => Promise.reject(error))).rejects.toBe(error)
})
