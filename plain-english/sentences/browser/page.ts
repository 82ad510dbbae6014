/** Sentences about a whole page: its text, title and address. */
import { test } from '@playwright/test'
import { literalPattern } from '../../parse/literal-pattern.ts'
import { assertOnPage } from '../../run/page-assertion.ts'
import { pagesOf } from '../../run/scenario-pages.ts'
import { defineSentence } from '../define-sentence.ts'

export const page = [
  defineSentence(
    'Page Should Contain {string}',
    async ({ page }, text) =>
      pagesOf(page)
        .expect(await pagesOf(page).body())
        .toContainText(text),
    { meaning: 'the page contains this text; waits for it', example: 'Page Should Contain "Ada"' },
  ),
  defineSentence(
    'Page Should Not Contain {string}',
    async ({ page }, text) =>
      pagesOf(page)
        .expect(await pagesOf(page).body())
        .not.toContainText(text),
    {
      meaning: 'the page does not contain this text; waits until it is gone',
      example: 'Page Should Not Contain "Error"',
    },
  ),
  ...(['Title', 'Page Title'] as const).map(words =>
    defineSentence(
      `${words} Should Be {string}`,
      ({ page }, wanted) =>
        assertOnPage({ subject: 'the title', words: 'should be', wanted }, () =>
          pagesOf(page).expect(pagesOf(page).page).toHaveTitle(wanted),
        ),
      { meaning: 'the page has this title', example: `${words} Should Be "Users"` },
    ),
  ),
  defineSentence(
    'Page Title Should Contain {string}',
    ({ page }, wanted) =>
      assertOnPage({ subject: 'the title', words: 'should contain', wanted }, () =>
        pagesOf(page)
          .expect(pagesOf(page).page)
          .toHaveTitle(new RegExp(literalPattern(wanted))),
      ),
    { meaning: 'the title contains this text', example: 'Page Title Should Contain "Users"' },
  ),
  defineSentence(
    'Address Should Be {url}',
    ({ page, scenario }, given) => {
      const wanted = scenario.addressOf(given)
      return assertOnPage({ subject: 'the address', words: 'should be', wanted }, () =>
        pagesOf(page).expect(pagesOf(page).page).toHaveURL(wanted),
      )
    },
    { meaning: 'the page has this address, with its query', example: 'Address Should Be /users?page=2' },
  ),
  defineSentence(
    'Address Should Contain {text}',
    ({ page }, wanted) =>
      assertOnPage({ subject: 'the address', words: 'should contain', wanted }, () =>
        pagesOf(page)
          .expect(pagesOf(page).page)
          .toHaveURL(new RegExp(literalPattern(wanted))),
      ),
    { meaning: 'the address of the page contains this text', example: 'Address Should Contain /users' },
  ),
  ...(['Url', 'Address'] as const).map(words =>
    defineSentence(
      `${words} Should Match {pattern}`,
      ({ page }, wanted) =>
        assertOnPage({ subject: 'the address', words: 'should match', wanted }, () =>
          pagesOf(page).expect(pagesOf(page).page).toHaveURL(wanted),
        ),
      {
        meaning: 'a part of the URL of the page matches the regular expression',
        example: `${words} Should Match "/users$"`,
      },
    ),
  ),
  defineSentence(
    'Save Address As {name}',
    ({ page, scenario }, name) => scenario.variables.set(name, pagesOf(page).page.url()),
    { meaning: 'stores the address of the page', example: 'Save Address As address' },
  ),
  defineSentence(
    'Take Screenshot',
    async ({ page }) => {
      const info = test.info()
      // Screenshots are off where they could show secrets.
      if (info.project.use.screenshot === 'off') return
      // A picture is no wait for the page, so that Wait At Most does not limit it.
      const body = await pagesOf(page).page.screenshot({ timeout: 0 })
      await info.attach('screenshot', { body, contentType: 'image/png' })
    },
    { meaning: 'adds a screenshot to the report', example: 'Take Screenshot' },
  ),
]
