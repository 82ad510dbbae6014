/** Sentences about a whole page or element: accessibility, pictures and aria snapshots. */
import path from 'node:path'
import { type Page, test } from '@playwright/test'
import { accessibilityFaults } from '../../run/accessibility.ts'
import { pagesOf } from '../../run/scenario-pages.ts'
import { defineSentence } from '../define-sentence.ts'

export const looks = [
  defineSentence('Page Should Be Accessible', ({ page }) => expectAccessible(pagesOf(page).page, []), {
    meaning: 'axe finds no fault on the page; needs the package @axe-core/playwright',
    example: 'Page Should Be Accessible',
  }),
  defineSentence(
    'Page Should Be Accessible Except For {json}',
    ({ page }, rules) => expectAccessible(pagesOf(page).page, [rules].flat().map(String)),
    {
      meaning: 'the same without some of its rules',
      example: 'Page Should Be Accessible Except For ["color-contrast"]',
    },
  ),
  defineSentence(
    'Page Should Look Like {string}',
    async ({ page }, name) => {
      leaveOutWhereHidden()
      await pagesOf(page).expect(pagesOf(page).page).toHaveScreenshot(fileFor(name, 'png'))
    },
    {
      meaning:
        'the page is like the picture of this name; the first run takes it, and --update-snapshots takes it anew',
      example: 'Page Should Look Like "home"',
    },
  ),
  defineSentence(
    'Element {element} Should Look Like {string}',
    async ({ page }, element, name) => {
      leaveOutWhereHidden()
      await pagesOf(page)
        .expect(await pagesOf(page).find(element))
        .toHaveScreenshot(fileFor(name, 'png'))
    },
    { meaning: 'the same for an element', example: 'Element form "Order" Should Look Like "order"' },
  ),
  defineSentence(
    'Page Should Match Aria Snapshot {string}',
    async ({ page }, snapshot) =>
      pagesOf(page)
        .expect(await pagesOf(page).body())
        .toMatchAriaSnapshot(snapshot),
    {
      meaning: "the roles and names on the page match this aria snapshot, in Playwright's notation",
      example: 'Page Should Match Aria Snapshot "- button \\"Add\\""',
    },
  ),
  defineSentence(
    'Page Should Match Aria Snapshot Named {string}',
    async ({ page }, name) => {
      // Playwright makes one file name of it, in the folder of the file in English.
      const file = `${path.basename(test.info().file, '.txt')}-${name}.aria.yml`
      await pagesOf(page)
        .expect(await pagesOf(page).body())
        .toMatchAriaSnapshot({ name: file })
    },
    {
      meaning: 'the same with a snapshot in a file; the first run writes it, and --update-snapshots writes it anew',
      example: 'Page Should Match Aria Snapshot Named "home"',
    },
  ),
]

/** A picture, in a folder beside the file of the scenario. */
function fileFor(name: string, extension: string): string[] {
  return [`${path.basename(test.info().file)}-snapshots`, `${name}.${extension}`]
}

/** The failure of a check would show a picture, which cannot be redacted. */
function leaveOutWhereHidden(): void {
  const { screenshot, target } = Object(test.info().project.use)
  test.skip(screenshot === 'off' && target?.baseURL !== undefined, 'needs screenshots, which could show secrets')
}

async function expectAccessible(page: Page, except: readonly string[]): Promise<void> {
  const faults = await accessibilityFaults(page, except)
  if (faults === '') return
  const count = faults.split('\n').filter(line => /^ {2}\S/.test(line)).length
  throw new Error(
    `The page is not accessible; ${count === 1 ? 'one rule is' : `${count} rules are`} violated:\n${faults}`,
  )
}
