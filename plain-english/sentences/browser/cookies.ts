/** Sentences about the cookies that the browser keeps for the address of the current tab. */
import { type Cookie, expect, type Page } from '@playwright/test'
import { assertThat } from '../../run/assertion.ts'
import { until } from '../../run/find-element.ts'
import { pagesOf } from '../../run/scenario-pages.ts'
import { defineSentence } from '../define-sentence.ts'

export const browserCookies = [
  defineSentence('Browser Cookie {word} Should Exist', async ({ page }, name) => void (await cookieNamed(page, name)), {
    meaning: 'the browser keeps this cookie for the address of the page; waits for it',
    example: 'Browser Cookie session Should Exist',
  }),
  defineSentence(
    'Browser Cookie {word} Should Not Exist',
    async ({ page }, name) => {
      let names: string[] = []
      await until(pagesOf(page).wait(), async () => {
        names = (await cookiesOf(page)).map(cookie => cookie.name)
        return !names.includes(name) || undefined
      })
      const claim = { subject: 'the cookies of the page', words: 'should not contain', wanted: name }
      assertThat(names, claim, () => expect(names).not.toContain(name))
    },
    {
      meaning: 'the browser keeps no such cookie, as after a sign-out; waits until it is gone',
      example: 'Browser Cookie session Should Not Exist',
    },
  ),
  defineSentence(
    'Browser Cookie {word} Should Be {text}',
    async ({ page }, name, value) =>
      assertThat(
        (await cookieNamed(page, name, value)).value,
        { subject: `the cookie ${name}`, words: 'should be', wanted: value },
        it => it.toBe(value),
      ),
    { meaning: 'the cookie has this value; waits for it', example: 'Browser Cookie theme Should Be "dark"' },
  ),
  defineSentence(
    'Save Browser Cookie {word} As {name}',
    async ({ page, scenario }, cookie, name) =>
      scenario.variables.set(name, (await cookieNamed(page, cookie)).value, 'secret'),
    {
      meaning: 'stores the value of a cookie of the browser; waits for it',
      example: 'Save Browser Cookie session As token',
    },
  ),
]

async function cookiesOf(page: Page) {
  const current = pagesOf(page).page
  return current.context().cookies(current.url())
}

/** Waits for the cookie, since a click does not wait for the response that sets it. @param value To wait for; default: any. */
async function cookieNamed(page: Page, name: string, value?: string) {
  let cookies: Cookie[] = []
  const found = () => cookies.find(cookie => cookie.name === name)
  await until(pagesOf(page).wait(), async () => {
    cookies = await cookiesOf(page)
    const current = found()
    return (current && (value === undefined || current.value === value)) || undefined
  })
  const last = found()
  if (last) return last
  const names = cookies.map(cookie => cookie.name).join(', ') || 'none'
  throw new Error(`The browser has no cookie ${name} for this page; it has ${names}.`)
}
