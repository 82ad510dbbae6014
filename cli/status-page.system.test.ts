/** Tests the monitor's overview in a real browser. */
import { expect, mergeTests, type Page } from '@playwright/test'
import { fillHistory } from '../monitor/testing/history-fixture.ts'
import { test as base } from '../monitor/testing/status-page-fixture.ts'
import { monitor, replay } from '../monitor/testing/store-fixture.ts'
import { test as browserTest, expectAccessible, takePicture } from '../testing/browser-fixture.ts'

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

test('the page changes without a reload, keeps the focus, and waits while a field is edited or the tab is hidden', async ({
  pool,
  served,
  chromiumBrowser,
}) => {
  await monitor(pool, { name: 'orders' }, { name: 'users' })
  for (const name of ['orders', 'users']) await replay(pool, name, 900, 'passed')
  const page = await chromiumBrowser.newPage({ viewport: { width: 800, height: 300 } })
  await page.goto(served.url)
  await expect(page.getByText('Live', { exact: true })).toBeVisible()
  const headline = page.getByRole('heading', { level: 1 })
  await expect(headline).toHaveText('All 2 checks are up')
  await page.evaluate(() => Object.assign(window, { isSame: true }))
  const link = page.getByRole('link', { name: 'users' })
  await link.focus()
  const top = await page.evaluate(() => scrollY)
  expect(top).toBeGreaterThan(0)
  for (const secondsAgo of [800, 700]) await replay(pool, 'orders', secondsAgo, 'slow')
  await expect(headline).toHaveText('orders is degraded')
  await expect(page).toHaveTitle('orders is degraded · Status')
  await expect(link).toBeFocused()
  expect(await page.evaluate(() => scrollY)).toBe(top)

  // While a field is edited: the page is not replaced, until it is as it was and left.
  // Resolves when the page would have been replaced as well.
  const nextChange = () =>
    page.evaluate(async () => {
      await new Promise(resolve => new EventSource('/events').addEventListener('change', resolve, { once: true }))
      for (const _ of [1, 2]) await (await fetch('/')).text()
    })
  await page.getByLabel('Name').fill('ord')
  await page.getByRole('button', { name: 'Filter' }).focus()
  let changed = nextChange()
  for (const secondsAgo of [600, 500]) await replay(pool, 'users', secondsAgo, 'failed')
  await changed
  await expect(headline).toHaveText('orders is degraded')
  await expect(page.getByLabel('Name')).toHaveValue('ord')
  await page.getByLabel('Name').fill('')
  await page.getByLabel('Name').blur()
  await expect(headline).toHaveText('users is down')
  await expect(page.getByRole('link', { name: 'Incident 1 in production' })).toBeVisible()

  // As if the tab was hidden, and shown again.
  const hide = (isHidden: boolean) =>
    page.evaluate(isHidden => {
      Object.defineProperty(document, 'hidden', { configurable: true, value: isHidden })
      document.dispatchEvent(new Event('visibilitychange'))
    }, isHidden)
  await hide(true)
  changed = nextChange()
  await replay(pool, 'users', 400, 'passed')
  await changed
  await expect(headline).toHaveText('users is down')
  await hide(false)
  await expect(headline).toHaveText('orders is degraded')
  expect(await page.evaluate(() => 'isSame' in window)).toBe(true)
  await page.close()
})

test('axe finds no violation in light and dark, narrow and wide, and nothing is cut off', async ({
  pool,
  served,
  chromiumBrowser,
}, testInfo) => {
  await fillHistory(pool, served)
  await replay(pool, 'users', 60, 'error')
  await pool.query(
    `insert into reprise.outbox (stream, channel, position, message, last_error, last_failure)
     values ('incident 1', 'a-channel-with-quite-a-long-name.of.the-kind-that-people-write', 1, '{}', 'refused', 'answered 503')`,
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
    await takePicture(page, testInfo, `${colorScheme}-${width}`)
  }
  expect(complaints).toEqual([])
  await page.close()
})
