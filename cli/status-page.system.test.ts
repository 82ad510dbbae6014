/** Tests the monitor's status page in a real browser. */
import { expect, mergeTests, type Page } from '@playwright/test'
import type pg from 'pg'
import { test as base } from '../monitor/testing/status-page-fixture.ts'
import { monitor, replay } from '../monitor/testing/store-fixture.ts'
import { test as browserTest, expectAccessible } from '../testing/browser-fixture.ts'

const test = mergeTests(base, browserTest).extend<{ plain: Page }>({
  plain: async ({ chromiumBrowser }, use) => {
    const context = await chromiumBrowser.newContext({ javaScriptEnabled: false })
    await use(await context.newPage())
    await context.close()
  },
})

// In one worker, because they share its browser.
test.describe.configure({ mode: 'default' })

/** One check in each state. */
async function everyState(pool: pg.Pool) {
  const names = ['users', 'orders', 'search', 'a-check-with-quite-a-long-name.of.the-kind-that-people-write', 'nightly']
  await monitor(pool, ...names.map((name, index) => ({ name, environment: index === 3 ? 'staging' : 'production' })))
  for (const seconds of [1800, 1500]) {
    for (const name of ['users', 'orders', 'search']) await replay(pool, name, seconds, 'passed')
  }
  for (const seconds of [900, 600]) {
    await replay(pool, 'orders', seconds, 'failed')
    await replay(pool, 'search', seconds, 'slow')
  }
  await replay(pool, 'nightly', 300, 'passed')
}

test('shows what is down, since when, and the history, without JavaScript', async ({ pool, served, plain }) => {
  await everyState(pool)
  served.inForce = { ...served.inForce, isInMaintenance: check => check === 'nightly' }
  await plain.goto(served.url)
  await expect(plain).toHaveTitle('Of 5 checks, 1 is down, 1 is degraded, 1 is unknown, 1 is in maintenance. Status')
  await expect(plain.getByRole('heading', { level: 3 })).toHaveText([
    'Incident 1 in production',
    'orders',
    'search',
    /^a-check/,
    'nightly',
    'users',
  ])
  const orders = plain
    .getByRole('listitem')
    .filter({ has: plain.getByRole('heading', { name: 'orders', exact: true }) })
  await expect(orders).toContainText('Down')
  await expect(orders).toContainText('50.00 % of 4 replays')
  const since = orders.locator('time').first()
  await expect(since).toHaveAttribute('datetime', /^\d{4}-\d\d-\d\dT.*Z$/)
  await expect(since).toHaveText(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC$/)
  await orders.getByText('Last replays of orders: failed in 12 ms').click()
  await expect(orders.getByRole('row')).toHaveCount(5)
  await expect(orders.getByRole('row').nth(1)).toContainText('failed')
})

test('a page without checks has a message', async ({ served, plain }) => {
  await plain.goto(served.url)
  await expect(plain.getByText('No check is monitored yet.')).toBeVisible()
  await expect(plain.getByText('None.')).toBeVisible()
})

for (const colorScheme of ['light', 'dark'] as const) {
  for (const width of [320, 375, 1280]) {
    test(`axe finds no violation in ${colorScheme} at a width of ${width}, and nothing is cut off`, async ({
      pool,
      served,
      chromiumBrowser,
    }, testInfo) => {
      await everyState(pool)
      await replay(pool, 'users', 60, 'error')
      await pool.query(
        `insert into reprise.outbox (channel, position, message, last_error, last_failure)
         values ('a-channel-with-quite-a-long-name.of.the-kind-that-people-write', 1, '{}', 'refused', 'answered 503')`,
      )
      served.inForce = { ...served.inForce, isInMaintenance: check => check === 'nightly' }
      const page = await chromiumBrowser.newPage({ colorScheme, viewport: { width, height: 800 } })
      const complaints: string[] = []
      page.on('console', message => complaints.push(message.text()))
      await page.goto(served.url)
      for (const summary of await page.locator('summary').all()) await summary.click()
      await expectAccessible(page)
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width)
      expect(complaints).toEqual([])
      await page.screenshot({ path: testInfo.outputPath('page.png'), fullPage: true })
      await page.close()
    })
  }
}
