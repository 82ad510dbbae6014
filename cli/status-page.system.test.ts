/** Tests the monitor's overview in a real browser. */
import { expect, mergeTests, type Page } from '@playwright/test'
import { fillHistory } from '../monitor/testing/history-fixture.ts'
import { test as base } from '../monitor/testing/status-page-fixture.ts'
import { replay } from '../monitor/testing/store-fixture.ts'
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

test('shows what is down, since when, and the history, and filters by keyboard, without JavaScript', async ({
  pool,
  served,
  plain,
}) => {
  await fillHistory(pool, served)
  await plain.goto(served.url)
  await expect(plain).toHaveTitle('checkout is down · Status')
  await expect(plain.getByRole('heading', { level: 1 })).toHaveText('checkout is down')
  await expect(
    plain.getByText('Of 6 checks, 1 is down, 1 is degraded, 1 is unknown, 1 is in maintenance, 2 are up.'),
  ).toBeVisible()
  const incident = plain.getByRole('link', { name: 'Incident 3 in production' })
  await expect(incident).toHaveAttribute('href', '/incidents/3')
  const rows = plain.getByRole('listitem').filter({ has: plain.getByRole('heading') })
  const headings = plain.getByRole('heading', { level: 3 })
  await expect(headings).toHaveText([
    'Incident 3 in production',
    'checkout',
    'search',
    /^a-check/,
    'nightly-export',
    'sign-in',
    'users',
  ])
  const checkout = rows.filter({ has: plain.getByRole('heading', { name: 'checkout' }) })
  await expect(checkout).toContainText('Down')
  await expect(checkout.getByRole('link', { name: 'checkout' })).toHaveAttribute('href', '/checks/checkout')
  const since = checkout.locator('time').first()
  await expect(since).toHaveAttribute('datetime', /^\d{4}-\d\d-\d\dT.*Z$/)
  await expect(since).toHaveText(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC$/)
  await expect(checkout.getByRole('img', { name: /^Last 90 days: \d+ up, / })).toBeVisible()
  await expect(checkout.getByRole('img', { name: /^Response times of the last 24 hours: half / })).toBeVisible()

  // By keyboard only: to the name, and on.
  await plain.getByLabel('Name').focus()
  await plain.keyboard.type('S')
  await plain.keyboard.press('Tab')
  await plain.keyboard.type('Up')
  await plain.keyboard.press('Tab')
  await plain.keyboard.type('@account')
  for (const _ of ['Environment', 'Group by', 'Filter']) await plain.keyboard.press('Tab')
  await plain.keyboard.press('Enter')
  await expect(plain).toHaveURL(/\?q=S&state=up&tag=%40account&environment=&group=$/)
  await expect(plain.getByText('2 of 6 checks match.')).toBeVisible()
  await expect(headings).toHaveText(['Incident 3 in production', 'sign-in', 'users'])
  await expect(plain.getByRole('heading', { level: 1 })).toHaveText('checkout is down')
})

test('a page without checks has a message', async ({ served, plain }) => {
  await plain.goto(served.url)
  await expect(plain.getByText('No check is monitored yet')).toBeVisible()
  await expect(plain.getByRole('form')).toHaveCount(0)
})

test('axe finds no violation in light and dark, narrow and wide, and nothing is cut off', async ({
  pool,
  served,
  chromiumBrowser,
}, testInfo) => {
  await fillHistory(pool, served)
  await replay(pool, 'users', 60, 'error')
  await pool.query(
    `insert into reprise.outbox (channel, position, message, last_error, last_failure)
     values ('a-channel-with-quite-a-long-name.of.the-kind-that-people-write', 1, '{}', 'refused', 'answered 503')`,
  )
  const page = await chromiumBrowser.newPage()
  const complaints: string[] = []
  page.on('console', message => complaints.push(message.text()))
  for (const [colorScheme, width] of [
    ['light', 360],
    ['dark', 360],
    ['light', 1280],
    ['dark', 1280],
  ] as const) {
    await page.setViewportSize({ width, height: 800 })
    await page.emulateMedia({ colorScheme })
    await page.goto(`${served.url}/?group=tag`)
    await expectAccessible(page)
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width)
    await page.screenshot({ path: testInfo.outputPath(`${colorScheme}-${width}.png`), fullPage: true })
  }
  expect(complaints).toEqual([])
  await page.close()
})
