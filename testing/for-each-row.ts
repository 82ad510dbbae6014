/** One test of many rows: each test of Playwright costs about ten milliseconds, however short it is. */

/**
 * Checks each row, also after one that fails. Throws the failures together, each with the name of its row and its stack.
 * @param name What a failure calls a row.
 */
export async function forEachRow<Row>(
  rows: Iterable<Row>,
  name: (row: Row) => string,
  check: (row: Row) => void | Promise<void>,
): Promise<void> {
  const failures: string[] = []
  let count = 0
  for (const row of rows) {
    count++
    try {
      await check(row)
    } catch (error) {
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
      failures.push(`${name(row)}\n${text}`)
    }
  }
  if (count === 0) throw new Error('There is no row to check.')
  if (failures.length > 0) throw new Error(`${failures.length} of ${count} rows failed.\n\n${failures.join('\n\n')}`)
}
