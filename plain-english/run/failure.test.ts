import { expect, test } from '@playwright/test'
import { failureOf } from './failure.ts'

test('of several elements with a name, the remedy is for a sentence that names one', async () => {
  const strict = "locator.click: Error: strict mode violation: getByRole('button') resolved to 2 elements:\n    1) ..."
  const place = { location: { file: '/a.txt', line: 2, column: 1 }, secrets: [], info: test.info() }
  const failed = async (text: string, namesElement: boolean) => {
    const error = await failureOf(new Error(strict), undefined, { ...place, text, namesElement })
    return Object(error).message
  }
  expect(await failed('Click "Delete"', true)).toMatch(/^Click "Delete": 2 elements have this name: write first, 2nd/)
  expect(await failed('I delete all', false)).toBe(strict)
})
