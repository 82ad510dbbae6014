/** Sentences that work on a page as a person does. */
import { expect, test } from '@playwright/test'
import { choose, find } from '../run/find-element.ts'
import { defineSentence } from './define-sentence.ts'

export const browser = [
  defineSentence('Open {url}', async ({ page, scenario }, url) => page.goto(scenario.url(url)), {
    meaning: 'opens a page',
    example: 'Open /',
  }),
  defineSentence('Click {element}', async ({ page }, element) => (await find(page, element, 'any')).click(), {
    meaning: 'clicks',
    example: 'Click "Add"',
  }),
  defineSentence(
    'Fill {string} With {string}',
    async ({ page }, label, text) => (await find(page, { role: undefined, name: label }, 'field')).fill(text),
    { meaning: 'writes into a field', example: 'Fill "Email" With "ada@example.com"' },
  ),
  defineSentence('Select {string} In {string}', ({ page }, option, label) => choose(page, label, option), {
    meaning: 'chooses from a list',
    example: 'Select "Pro" In "Plan"',
  }),
  defineSentence(
    'Check {string}',
    async ({ page }, label) => (await find(page, { role: 'checkbox', name: label }, 'field')).check(),
    { meaning: 'sets a check mark', example: 'Check "I agree"' },
  ),
  defineSentence(
    'Uncheck {string}',
    async ({ page }, label) => (await find(page, { role: 'checkbox', name: label }, 'field')).uncheck(),
    { meaning: 'removes a check mark', example: 'Uncheck "Newsletter"' },
  ),
  defineSentence('Press {text}', ({ page }, key) => page.keyboard.press(key), {
    meaning: 'presses a key where the cursor is',
    example: 'Press Enter',
  }),
  defineSentence('Page Should Contain {string}', ({ page }, text) => expect(page.locator('body')).toContainText(text), {
    meaning: 'the page shows this text, at once or soon',
    example: 'Page Should Contain "Ada"',
  }),
  defineSentence(
    'Page Should Not Contain {string}',
    ({ page }, text) => expect(page.locator('body')).not.toContainText(text),
    { meaning: 'the page does not show this text, or not for long', example: 'Page Should Not Contain "Error"' },
  ),
  defineSentence('Title Should Be {string}', ({ page }, title) => expect(page).toHaveTitle(title), {
    meaning: 'the page has this title',
    example: 'Title Should Be "Users"',
  }),
  defineSentence('Url Should Match {pattern}', ({ page }, pattern) => expect(page).toHaveURL(pattern), {
    meaning: 'the regular expression is found in the address of the page',
    example: 'Url Should Match "/users$"',
  }),
  defineSentence(
    'Element {element} Should Be Visible',
    async ({ page }, element) => expect(await find(page, element, 'any')).toBeVisible(),
    { meaning: 'it is shown, at once or soon', example: 'Element button "Add" Should Be Visible' },
  ),
  defineSentence(
    'Element {element} Should Not Be Visible',
    async ({ page }, element) => {
      await expect
        .poll(async () => (await find(page, element, 'any', 0).catch(() => undefined))?.isVisible() ?? false, {
          message: `${element.name} is visible`,
        })
        .toBe(false)
    },
    { meaning: 'it is not there, or not shown', example: 'Element dialog "Sign in" Should Not Be Visible' },
  ),
  defineSentence(
    'Take Screenshot',
    async ({ page }) => {
      const info = test.info()
      // Where nobody may see pictures of pages, since they may show secrets.
      if (info.project.use.screenshot === 'off') return
      await info.attach('screenshot', { body: await page.screenshot(), contentType: 'image/png' })
    },
    { meaning: 'adds a picture of the page to the report', example: 'Take Screenshot' },
  ),
]
