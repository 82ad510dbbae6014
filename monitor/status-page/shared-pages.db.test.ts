/** Readers who request the same page at the same time share its rendering, if they see the same. */
import { expect } from '@playwright/test'
import { test } from '../testing/status-page-fixture.ts'
import { monitor, replay } from '../testing/store-fixture.ts'

const textOf = async (url: string) => (await fetch(url)).text()

test('twenty readers of a check or of incidents cost the database about as much as two', async ({ pool, served }) => {
  await monitor(pool, { name: 'users' })
  for (const seconds of [120, 60]) await replay(pool, 'users', seconds, 'failed')
  let queries = 0
  pool.on('acquire', () => queries++)
  const queriesOf = async (path: string, readers: number) => {
    queries = 0
    const texts = await Promise.all(Array.from({ length: readers }, () => textOf(served.url + path)))
    for (const text of texts) expect(text).toContain('users')
    return queries
  }
  for (const path of ['/checks/users', '/incidents/1', '/incidents']) {
    const single = await queriesOf(path, 1)
    // Requests that come late begin another round.
    expect(await queriesOf(path, 20), path).toBeLessThan(8 * single)
  }
})

test('a page that was requested before the configuration released less is not shared with later readers', async ({
  pool,
  served,
}) => {
  await monitor(pool, { name: 'users' }, { name: 'ledger' })
  const lock = await pool.connect()
  try {
    await lock.query('begin; lock table reprise.checks in access exclusive mode')
    const earlier = [textOf(served.url)]
    await expect
      .poll(async () => {
        const { rowCount } = await lock.query(
          `select from pg_locks where relation = 'reprise.checks'::regclass and not granted`,
        )
        return rowCount
      })
      .toBeGreaterThan(0)
    // Waits for the first, and shares its work with those that come meanwhile.
    earlier.push(textOf(served.url))
    await textOf(`${served.url}/healthz`)
    const { configuration } = served.inForce
    const statusPage = { public: ['users'], shows: [] }
    served.inForce = { ...served.inForce, configuration: { ...configuration, statusPage } }
    const later = textOf(served.url)
    await textOf(`${served.url}/healthz`)
    await lock.query('commit')
    for (const text of await Promise.all(earlier)) expect(text).toContain('ledger')
    const released = await later
    expect(released).toContain('users')
    expect(released).not.toContain('ledger')
  } finally {
    lock.release(true)
  }
})
