/** What is shown of one check is read by its name, not found among the states of all. */
import { expect } from '@playwright/test'
import type pg from 'pg'
import { test } from '../testing/status-page-fixture.ts'
import { monitor, replay } from '../testing/store-fixture.ts'

/** Counts the rows that the database returns. */
function countRows(pool: pg.Pool) {
  const counted = { rows: 0 }
  const query = pool.query.bind(pool) as (text: string, values?: unknown[]) => Promise<pg.QueryResult>
  Object.assign(pool, {
    query: async (text: string, values?: unknown[]) => {
      const result = await query(text, values)
      counted.rows += result.rows.length
      return result
    },
  })
  return counted
}

test('the page, the JSON and the badge of a check cost as much with thirty others as alone', async ({
  pool,
  served,
}) => {
  const others = Array.from({ length: 30 }, (_, index) => ({ name: `other-${index}` }))
  await monitor(pool, { name: 'users' })
  await replay(pool, 'users', 60, 'failed')
  const counted = countRows(pool)
  const rowsOf = async (path: string) => {
    counted.rows = 0
    const response = await fetch(served.url + path)
    expect([path, response.status]).toEqual([path, 200])
    await response.arrayBuffer()
    return counted.rows
  }
  const paths = ['/checks/users', '/api/checks/users', '/badges/users.svg']
  const alone: Record<string, number> = {}
  for (const path of paths) alone[path] = await rowsOf(path)
  await monitor(pool, { name: 'users' }, ...others)
  for (const { name } of others) await replay(pool, name, 60, 'failed')
  const among: Record<string, number> = {}
  for (const path of paths) among[path] = await rowsOf(path)
  expect(among).toEqual(alone)
  // It is the state that is listed among the others.
  const json = async (path: string) => (await fetch(served.url + path)).json()
  const { checks } = await json('/api/checks')
  expect(checks).toContainEqual(await json('/api/checks/users'))
  expect((await json('/api/checks/users')).confirming).not.toBeNull()
  expect(served.errors).toEqual([])
})
