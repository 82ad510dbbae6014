/** Sentences about a page in a browser. */
import { expect, test } from '@playwright/test'
import { choose, find } from '../run/find-element.ts'
import { defineSentence } from './define-sentence.ts'

export const browser = [
  defineSentence('Open {url}', async ({ page, scenario }, url) => page.goto(scenario.url(url)), {
    meaning: 'opens a page',
    example: 'Open /',
  }),
  defineSentence('Click {element}', async ({ page }, element) => (await find(page, element, 'any')).click(), {
    meaning: 'clicks an element',
    example: 'Click "Add"',
  }),
  defineSentence(
    'Fill {string} With {string}',
    async ({ page }, label, text) => (await find(page, { role: undefined, name: label }, 'field')).fill(text),
    { meaning: 'fills in a field', example: 'Fill "Email" With "ada@example.com"' },
  ),
  defineSentence('Select {string} In {string}', ({ page }, option, label) => choose(page, label, option), {
    meaning: 'selects an option of a list',
    example: 'Select "Pro" In "Plan"',
  }),
  defineSentence(
    'Check {string}',
    async ({ page }, label) => (await find(page, { role: 'checkbox', name: label }, 'field')).check(),
    { meaning: 'checks a checkbox', example: 'Check "I agree"' },
  ),
  defineSentence(
    'Uncheck {string}',
    async ({ page }, label) => (await find(page, { role: 'checkbox', name: label }, 'field')).uncheck(),
    { meaning: 'unchecks a checkbox', example: 'Uncheck "Newsletter"' },
  ),
  defineSentence('Press {text}', ({ page }, key) => page.keyboard.press(key), {
    meaning: 'presses a key on the focused element',
    example: 'Press Enter',
  }),
  defineSentence('Page Should Contain {string}', ({ page }, text) => expect(page.locator('body')).toContainText(text), {
    meaning: 'the page contains this text; waits for it',
    example: 'Page Should Contain "Ada"',
  }),
  defineSentence(
    'Page Should Not Contain {string}',
    ({ page }, text) => expect(page.locator('body')).not.toContainText(text),
    {
      meaning: 'the page does not contain this text; waits until it is gone',
      example: 'Page Should Not Contain "Error"',
    },
  ),
  defineSentence('Title Should Be {string}', ({ page }, title) => expect(page).toHaveTitle(title), {
    meaning: 'the page has this title',
    example: 'Title Should Be "Users"',
  }),
  defineSentence('Url Should Match {pattern}', ({ page }, pattern) => expect(page).toHaveURL(pattern), {
    meaning: 'a part of the URL of the page matches the regular expression',
    example: 'Url Should Match "/users$"',
  }),
  defineSentence(
    'Element {element} Should Be Visible',
    async ({ page }, element) => expect(await find(page, element, 'any')).toBeVisible(),
    { meaning: 'the element is visible; waits for it', example: 'Element button "Add" Should Be Visible' },
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
    { meaning: 'the element is missing or hidden', example: 'Element dialog "Sign in" Should Not Be Visible' },
  ),
  defineSentence(
    'Take Screenshot',
    async ({ page }) => {
      const info = test.info()
      // Screenshots are off where they could show secrets.
      if (info.project.use.screenshot === 'off') return
      await info.attach('screenshot', { body: await page.screenshot(), contentType: 'image/png' })
    },
    { meaning: 'adds a screenshot to the report', example: 'Take Screenshot' },
  ),
]
