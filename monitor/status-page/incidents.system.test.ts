import { type Browser, expect, mergeTests, type Page } from '@playwright/test'
import { test as browserTest, expectAccessible, takePicture } from '../../testing/browser-fixture.ts'
import { failedDetail, realPast, replayWith } from '../testing/incident-scenario.ts'
import { test as pageTest } from '../testing/status-page-fixture.ts'

const test = mergeTests(pageTest, browserTest)

const views = [
  ['light', 360],
  ['dark', 360],
  ['light', 1280],
  ['dark', 1280],
] as const

test('the pages are accessible and fit, narrow and wide, light and dark, and the first screen has the answers', async ({
  pool,
  served,
  chromiumBrowser,
}, testInfo) => {
  await realPast(pool)
  for (const [colorScheme, width] of views) {
    const page = await chromiumBrowser.newPage({ colorScheme, viewport: { width, height: 740 } })
    const complaints = complaintsOf(page)
    // Visitors see the same without the evidence.
    for (const url of width === 360 ? [served.operatorUrl] : [served.url, served.operatorUrl]) {
      for (const path of url === served.url ? ['incidents/5'] : ['incidents', 'incidents/5', 'incidents/4']) {
        await page.goto(`${url}/${path}`)
        // Once a colour and a width: of their other two pairs, axe would see what it has seen.
        if ((colorScheme === 'light') === (width === 360)) await expectAccessible(page)
        expect(await page.evaluate('document.documentElement.scrollWidth'), path).toBe(width)
        const name = `${path.replace('/', '-')}-${url === served.url ? 'public' : 'operator'}-${colorScheme}-${width}`
        await takePicture(page, testInfo, name)
        if (path !== 'incidents/5' || url === served.url) continue
        // What broke, since when, what changed, who knows, and what the failing step looks like.
        const first = page.locator('.headline')
        for (const text of ['orders and checkout are down.', /for 3\d min/, '2.37.0', 'oncall', 'Received: 500']) {
          await expect(first.getByText(text).first()).toBeInViewport({ ratio: 0.5 })
        }
        await expect(first.getByText('POST https://api.example.com/orders')).toBeInViewport()
      }
    }
    expect(complaints).toEqual([])
    await page.close()
  }
})

test('what a reader has opened stays open when the page changes, also among failures of the same spec', async ({
  pool,
  served,
  chromiumBrowser,
}) => {
  await realPast(pool)
  const page = await chromiumBrowser.newPage()
  await page.goto(`${served.operatorUrl}/incidents/5`)
  await expect(page.getByText('Live', { exact: true })).toBeVisible()
  const failures = page.getByRole('region', { name: 'Failed replays' }).locator('details')
  const count = await failures.count()
  expect(count).toBeGreaterThan(3)
  await failures.nth(2).locator('summary').click()
  const focused = failures.nth(3).locator('summary')
  await focused.focus()
  await replayWith(pool, 'orders', 600, 'failed', { detail: failedDetail() })
  await expect(failures).toHaveCount(count + 1)
  // The newest is open, and comes before the others.
  for (const [index, isOpen] of [true, true, false, true, false].entries()) {
    await expect(failures.nth(index), `failure ${index}`).toHaveJSProperty('open', isOpen)
  }
  await expect(failures.nth(4).locator('summary')).toBeFocused()

  // Nothing is replaced while a note is written.
  const [note, status] = [page.getByLabel('Note'), page.getByRole('status')]
  await expect(status).toHaveText('Live')
  await note.fill('rolled back')
  await note.blur()
  await expect(status).toHaveText('Paused while you edit')
  await replayWith(pool, 'orders', 500, 'failed', { detail: failedDetail() })
  await note.fill('')
  await expect(status).toHaveText('Paused while you edit')
  await expect(failures).toHaveCount(count + 1)
  await note.blur()
  await expect(failures).toHaveCount(count + 2)
  await expect(status).toHaveText('Live')
  await page.close()
})

test('the history is filtered with the keyboard and without JavaScript, and an open page follows the incident', async ({
  pool,
  served,
  chromiumBrowser,
}) => {
  await realPast(pool)
  const plain = await newPlainPage(chromiumBrowser)
  await plain.goto(`${served.url}/incidents`)
  await plain.getByLabel('Environment').focus()
  await plain.keyboard.type('staging')
  await plain.keyboard.press('Tab')
  await plain.keyboard.press('Enter')
  await expect(plain).toHaveURL(/\?check=&environment=staging$/)
  await expect(plain.getByRole('link', { name: 'flappy, legacy' })).toBeVisible()
  await expect(plain.getByRole('link', { name: 'orders, checkout' })).toHaveCount(0)
  await plain.close()

  const page = await chromiumBrowser.newPage()
  const complaints = complaintsOf(page)
  await page.clock.install()
  await page.goto(`${served.url}/incidents/5`)
  await expect(page.getByText('Live', { exact: true })).toBeVisible()
  // Once a minute without any change.
  const fetched = page.waitForRequest(`${served.url}/incidents/5`)
  await page.clock.fastForward(60_000)
  await fetched
  for (const check of ['orders', 'checkout']) await replayWith(pool, check, 60, 'passed')
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(/^orders and checkout were down for \d+ min\.$/)
  expect(complaints).toEqual([])
  await page.close()
})

async function newPlainPage(browser: Browser): Promise<Page> {
  return (await browser.newContext({ javaScriptEnabled: false })).newPage()
}

function complaintsOf(page: Page): string[] {
  const complaints: string[] = []
  page.on('console', message => complaints.push(message.text()))
  page.on('pageerror', error => complaints.push(error.message))
  return complaints
}
