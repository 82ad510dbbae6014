/** A Chromium for tests of pages that we make, and their check with axe. */
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { type Browser, test as base, chromium, expect, type Page } from '@playwright/test'
import type { AxeResults } from 'axe-core'
import { browserUse, findChromium } from '../fixtures/browser/chromium.ts'

export const test = base.extend<object, { chromiumBrowser: Browser }>({
  chromiumBrowser: [
    async ({}, use) => {
      const found = findChromium()
      test.skip(!found, 'No browser was found.')
      const browser = await chromium.launch(browserUse(found).launchOptions)
      await use(browser)
      await browser.close()
    },
    { scope: 'worker' },
  ],
})

/** axe finds no violation, and has looked at the contrast. */
export async function expectAccessible(page: Page): Promise<void> {
  // Evaluated, because the page's content security policy allows no scripts.
  await page.evaluate(await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8'))
  const { violations, passes } = await page.evaluate<AxeResults>('axe.run()')
  expect(violations).toEqual([])
  expect(passes.map(({ id }) => id)).toContain('color-contrast')
}
