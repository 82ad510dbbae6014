import { forEachRow } from './for-each-row.ts'
import { expect, test } from './test.ts'

test('every row is tried, and a failure names its row and the line of its assertion', async () => {
  const tried: number[] = []
  const error = await forEachRow(
    [1, 2, 3, 4],
    row => `row ${row}`,
    async row => {
      tried.push(row)
      expect(row % 2).toBe(1)
    },
  ).catch(error => error)
  expect(tried).toEqual([1, 2, 3, 4])
  expect(error.message).toMatch(
    /^2 of 4 rows failed\.\n\nrow 2\n[\s\S]*Expected: .*1[\s\S]*for-each-row\.test\.ts:11[\s\S]*row 4\n/,
  )
})

test('a list without rows is a failure', async () => {
  await expect(forEachRow([], String, () => undefined)).rejects.toThrow('There is no row to check.')
})
