// Cookies, logins and the clock, as a page sees them.
import { expect } from '@playwright/test'
import { browserUse, findChromium } from '../../fixtures/browser/chromium.ts'
import { test } from '../testing/english-fixture.ts'

test('a page has the cookies and the date of its scenario, and the session of its login', async ({
  runEnglish,
  startService,
}) => {
  test.skip(!findChromium(), 'No browser was found.')
  const against = await startService(({ url }, response) => {
    if (url !== '/login') return false
    response.writeHead(200, { 'set-cookie': 'theme=dark; Path=/' }).end()
    return true
  })
  const { tests, output } = await runEnglish({
    against,
    files: {
      'pages.txt': `Login: admin
Open /page?script=localStorage.token=7
GET /login

Scenario: a date and a cookie
The Date Is 2027-03-01
Set Cookie lang To de
Open /page?script=document.title=new%20Date().getFullYear()%2B'_'%2Bdocument.cookie
Title Should Be "2027_lang=de"

Scenario: signed in
As "admin"
Open /page?script=document.title=document.cookie%2B'_'%2BlocalStorage.token
Title Should Be "theme=dark_7"

Scenario: signed in again
As "admin"
Open /page?script=document.title=document.cookie%2B'_'%2BlocalStorage.token
Title Should Be "theme=dark_7"
Save Storage State "state.json"

Scenario: by a storage state
Use Storage State "state.json"
Open /page?script=document.title=document.cookie%2B'_'%2BlocalStorage.token
Title Should Be "theme=dark_7"

Scenario: no page
The Date Is 2027-03-01
GET /orders`,
    },
    config: { use: browserUse() },
  })
  for (const title of ['a date and a cookie', 'signed in', 'signed in again', 'by a storage state']) {
    expect(tests[title]?.status, output).toBe('passed')
  }
  expect(against.seen.filter(({ url }) => url === '/login')).toHaveLength(1)
  expect(tests['no page']?.errors[0]).toContain('The clocks of the app and of its database cannot be set')
})
