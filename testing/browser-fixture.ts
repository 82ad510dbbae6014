/** A Chromium for tests of pages that we make, and their check with axe. */
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { type Browser, test as base, chromium, expect, type Page, type TestInfo } from '@playwright/test'
import type { AxeResults } from 'axe-core'
import { browserUse, findChromium } from '../fixtures/browser/chromium.ts'

/** The browser is started once a worker, and ends with it; as a fixture of the worker it would need a worker of its own. */
export const test = base.extend<{ chromiumBrowser: Browser }>({
  chromiumBrowser: async ({}, use) => {
    const found = findChromium()
    test.skip(!found, 'No browser was found.')
    launched ??= chromium.launch(browserUse(found).launchOptions)
    const browser = await launched
    await use(browser)
    for (const context of browser.contexts()) await context.close()
  },
})

let launched: Promise<Browser> | undefined

/** axe finds no violation, and has looked at the contrast. Of what has passed it describes one element a rule: all would take longest. */
export async function expectAccessible(page: Page): Promise<void> {
  // Evaluated, because the page's content security policy allows no scripts.
  await page.evaluate(await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8'))
  const { violations, passes } = await page.evaluate<AxeResults>("axe.run({ resultTypes: ['violations'] })")
  expect(violations).toEqual([])
  expect(passes.map(({ id }) => id)).toContain('color-contrast')
}

/** For people who look at pages: where REPRISE_SCREENSHOTS is set, takes a picture of all of it into the folder of the test. */
export async function takePicture(page: Page, testInfo: TestInfo, name: string): Promise<void> {
  if (!process.env.REPRISE_SCREENSHOTS) return
  await page.screenshot({ path: testInfo.outputPath(`${name}.png`), fullPage: true })
}
