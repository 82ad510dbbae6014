import { writeFile } from 'node:fs/promises'
import { pathToFileURL } from 'node:url'
import { expect } from '@playwright/test'
import { expectAccessible, takePicture, test } from '../testing/browser-fixture.ts'
import { summarize } from './run-summary.ts'
import { summaryPage } from './summary-page.ts'
import { pastRun, recordedRun, recordedTest } from './testing/recorded-run.ts'

// In one worker, because they share its browser.
test.describe.configure({ mode: 'default' })

const run = recordedRun([
  recordedTest('api › orders.spec.ts › places an order', {
    durationMs: 1000,
    httpMs: 700,
    browserMs: 100,
    totals: { statements: 42, sqlMs: 500 },
  }),
  recordedTest('api › users.spec.ts › <b>finds</b> a user', { outcome: 'failed', durationMs: 2000 }),
  recordedTest('api › users.spec.ts › signs in', { outcome: 'flaky', attempts: 2 }),
])
const past = [
  pastRun(1, {
    'api › orders.spec.ts › places an order': ['passed', 100],
    'api › users.spec.ts › <b>finds</b> a user': ['passed', 100],
  }),
]

for (const [colorScheme, width] of [
  ['light', 1280],
  ['dark', 360],
] as const) {
  test(`the summary of a run is accessible in ${colorScheme} at a width of ${width}`, async ({
    chromiumBrowser,
  }, testInfo) => {
    const page = await chromiumBrowser.newPage({ colorScheme, viewport: { width, height: 800 } })
    const file = testInfo.outputPath('summary.html')
    await writeFile(file, summaryPage(summarize(run, past)))
    await page.goto(pathToFileURL(file).href)
    await expectAccessible(page)
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width)
    await takePicture(page, testInfo, 'page')

    await expect(page.getByRole('banner')).toContainText('1 failed 1 flaky 1 passed in 4.00 s')
    const changes = page.getByRole('region', { name: 'Since the last green run' })
    await expect(changes).toContainText('Fails now 1 api › users.spec.ts › <b>finds</b> a user')
    await expect(changes).toContainText('places an order: 1.00 s instead of 100 ms')
    await expect(changes).toContainText('New 1 api › users.spec.ts › signs in')
    const slowest = page.getByRole('region', { name: 'Slowest tests' }).getByRole('row')
    await expect(slowest.nth(1)).toContainText('finds')
    await expect(slowest.nth(2)).toHaveText(/places an order\s*1.00 s\s*50%\s*20%\s*10%\s*1/)
    await expect(page.getByRole('region', { name: 'Most statements' })).toContainText('42')
    await expect(page.getByRole('region', { name: 'Workers' }).getByRole('row').nth(1)).toContainText('90%')
    await page.close()
  })
}
