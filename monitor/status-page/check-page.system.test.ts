/** Tests the page of a check in a real browser. */
import { expect, mergeTests } from '@playwright/test'
import { test as browserTest, expectAccessible, takePicture } from '../../testing/browser-fixture.ts'
import { fillReplays, recordDetailed } from '../testing/check-history.ts'
import { test as base } from '../testing/status-page-fixture.ts'
import { monitor } from '../testing/store-fixture.ts'

const test = mergeTests(base, browserTest)

test('is complete without JavaScript, accessible at any width, and gets an interactive chart', async ({
  pool,
  served,
  chromiumBrowser,
}, testInfo) => {
  await monitor(pool, { name: 'orders' }, { name: 'users' })
  await fillReplays(pool, 'orders', { hours: 48, everyMinutes: 20 })
  for (const [index, outcome] of (['passed', 'flaky', 'failed', 'failed'] as const).entries()) {
    await recordDetailed(pool, 'orders', 900 - 60 * index, outcome)
  }
  const path = '/checks/orders'

  const plain = await chromiumBrowser.newPage({ javaScriptEnabled: false })
  await plain.goto(`${served.url}${path}`)
  await expect(plain.getByRole('img', { name: 'Duration of replays in the last 24 hours' })).toBeVisible()
  await plain.getByText('Values as a table').click()
  // In the current hour there may be failures only.
  await expect(
    plain.getByRole('region', { name: 'Durations per hour' }).getByRole('row', { name: / ms/ }),
  ).not.toHaveCount(0)
  await plain.getByRole('link', { name: 'Older' }).click()
  await expect(plain.getByRole('heading', { name: 'Earlier replays' })).toBeVisible()
  await plain.close()

  for (const colorScheme of ['light', 'dark'] as const) {
    const page = await chromiumBrowser.newPage({ colorScheme, viewport: { width: 1280, height: 800 } })
    const faults: string[] = []
    page.on('pageerror', error => faults.push(error.message))
    page.on('console', message => message.type() === 'error' && faults.push(message.text()))
    await page.goto(`${served.operatorUrl}${path}`)
    const chart = page.locator('.chart .uplot')
    await expect(chart).toBeVisible()
    await expect(page.getByRole('img', { name: 'Duration of replays' })).toBeHidden()
    await chart.locator('.u-over').hover()
    await expect(chart.locator('.u-legend')).toContainText(/p50:?\s*\d+ ms/)
    for (const width of [1280, 360]) {
      await page.setViewportSize({ width, height: 800 })
      // Once a colour and a width.
      if ((colorScheme === 'light') === (width === 360)) await expectAccessible(page)
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width)
      // Errors of attempts are read without scrolling sideways.
      const replays = page.getByRole('region', { name: 'Replays', exact: true })
      for (const details of await replays.locator('details').all()) {
        await details.evaluate(element => element.setAttribute('open', ''))
      }
      expect(
        await replays.locator('.scroll').evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth),
      ).toBe(0)
      await takePicture(page, testInfo, `${colorScheme}-${width}`)
    }
    // A change of another check leaves the page as it is.
    const fetched: string[] = []
    page.on('request', request => request.url().endsWith(path) && fetched.push(request.url()))
    await page.evaluate(`new Promise(resolve => {
      const events = new EventSource('/events')
      events.addEventListener('open', resolve)
      window.changed = new Promise(resolve => events.addEventListener('change', ({ data }) => resolve(data)))
    })`)
    await recordDetailed(pool, 'users', colorScheme === 'light' ? 300 : 200, 'passed')
    expect(await page.evaluate('window.changed')).toBe('{"checks":["users"],"incidents":[]}')
    expect(fetched).toEqual([])
    // After one of its own it is fetched again, and has a chart again.
    await page.evaluate(`document.querySelector('main').dataset.before = ''`)
    await recordDetailed(pool, 'orders', colorScheme === 'light' ? 300 : 200, 'passed')
    await expect(page.locator('main[data-before]')).toHaveCount(0)
    await expect(chart).toBeVisible()
    // Not while the chart is zoomed.
    const status = page.getByRole('status')
    await expect(status).toHaveText('Live')
    await page.evaluate(`document.querySelector('main').dataset.before = ''`)
    const plot = chart.locator('.u-over')
    const { width = 0 } = (await plot.boundingBox()) ?? {}
    await plot.hover({ position: { x: width / 4, y: 50 } })
    await page.mouse.down()
    await plot.hover({ position: { x: width / 2, y: 50 } })
    await page.mouse.up()
    await expect(status).toHaveText('Paused while the chart is zoomed')
    await recordDetailed(pool, 'orders', colorScheme === 'light' ? 250 : 150, 'passed')
    await expect(status).toHaveText('Paused while the chart is zoomed')
    await expect(page.locator('main[data-before]')).toHaveCount(1)
    await plot.dblclick()
    await expect(page.locator('main[data-before]')).toHaveCount(0)
    await expect(status).toHaveText('Live')
    expect(faults).toEqual([])
    await page.close()
  }
})
