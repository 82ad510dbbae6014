import { expect } from '@playwright/test'
import { fillHistory, recordDetailed } from '../testing/check-history.ts'
import { test } from '../testing/status-page-fixture.ts'
import { monitor } from '../testing/store-fixture.ts'

const get = async (url: string) => {
  const response = await fetch(url)
  return { status: response.status, text: await response.text() }
}

test('has a check with its history: durations, replays, the first failure and the transitions', async ({
  pool,
  served,
}) => {
  await monitor(pool, { name: 'orders' })
  await fillHistory(pool, 'orders', { hours: 48, everyMinutes: 10 })
  for (const [index, outcome] of (['passed', 'flaky', 'failed', 'failed', 'failed'] as const).entries()) {
    await recordDetailed(pool, 'orders', 900 - 60 * index, outcome)
  }
  const { status, text } = await get(`${served.url}/checks/orders`)
  expect(status).toBe(200)
  expect(text).toContain('<title>orders: Down</title>')
  expect(text).toMatch(/aria-label="Duration of replays in the last 24 hours. In the whole range: p50 \d+ ms, p95/)
  expect(text).toMatch(/<h3>Last success<\/h3><p class="outcome warning">flaky</)
  expect(text).toMatch(/<h3>First failure<\/h3><p class="outcome bad">failed</)
  expect(text).toContain('3 specs, 4 attempts, 2 failed')
  expect(text).toContain('Up → <strong>Down</strong>')
  expect(text).toContain('1 spec was flaky.')
  expect(served.errors).toEqual([])
})

test('a name that no active check has is not found', async ({ pool, served }) => {
  await monitor(pool, { name: 'orders' }, { name: 'removed' })
  await monitor(pool, { name: 'orders' })
  for (const path of ['nothing', 'removed', '%00', 'orders%2F', '%F0%9F', 'orders%0d%0aX-Injected:%201', '..%2f..']) {
    const response = await fetch(`${served.url}/checks/${path}`)
    expect([path, response.status === 400 ? 404 : response.status]).toEqual([path, 404])
    expect(response.headers.get('x-injected')).toBeNull()
  }
  expect((await get(`${served.url}/checks/orders?range=1e9&before=now&before=%00`)).status).toBe(200)
  expect(served.errors).toEqual([])
})
