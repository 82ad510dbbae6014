import { type Service, startService } from '../../fixtures/testing/service.ts'
import { expect, test } from '../../testing/test.ts'
import { runLocally } from '../testing/local-run.ts'

let service: Service

test.beforeAll(async () => {
  service = await startService(({ url = '', headers }, response) => {
    const { pathname } = new URL(url, 'http://service')
    const set: Record<string, string[]> = {
      '/login': ['session=s-1; Path=/', 'theme=dark; Path=/'],
      '/sign-in': ['refresh=r-1; Path=/refresh'],
    }
    const cookies = set[pathname] ? { 'set-cookie': set[pathname] } : {}
    const body = JSON.stringify({ cookie: headers.cookie ?? '' })
    response.writeHead(200, { 'content-type': 'application/json', ...cookies }).end(body)
    return true
  })
})

test.afterAll(() => service.close())

test('a removed cookie is sent no more, until it is set again', async () => {
  const errors = await runLocally({
    baseURL: service.url,
    files: {
      'cookies.txt': `Scenario: all cookies
GET /login
Set Cookie lang To de
GET /me
Field cookie Should Be "session=s-1; theme=dark; lang=de"
Remove Cookies
GET /me
Field cookie Should Be ""
Set Cookie lang To en
GET /me
Field cookie Should Be "lang=en"
GET /login
Cookie theme Should Not Be light
Cookie theme Should Contain ar
GET /me
Field cookie Should Be "session=s-1; theme=dark; lang=en"

Scenario: one cookie
GET /login
Set Cookie lang To de
Remove Cookie session
Remove Cookie lang
GET /me
Field cookie Should Be "theme=dark"

Scenario: a cookie of another path
GET /sign-in
Remove Cookies
GET /refresh
Field cookie Should Be ""
GET /sign-in
GET /refresh
Field cookie Should Be "refresh=r-1"

Scenario: a cookie that is unknown
GET /login
Remove Cookie basket
GET /me
Field cookie Should Be "session=s-1; theme=dark"

Scenario: what was removed cannot be saved
GET /login
GET /me
Remove Cookie session
Save Cookie session As session`,
    },
  })
  expect(errors).toEqual({
    'all cookies': undefined,
    'one cookie': undefined,
    'a cookie of another path': undefined,
    'a cookie that is unknown': undefined,
    'what was removed cannot be saved': expect.stringContaining(
      'No response has set the cookie session; the cookies are: theme.',
    ),
  })
})

test('a login does not bring back cookies that were removed', async () => {
  const login = 'Login: admin\nGET /me\nField cookie Should Be "theme=dark"\n'
  const scenario = 'Scenario: signs in\nGET /login\nRemove Cookie session\nAs "admin"\nGET /me\n'
  const errors = await runLocally({
    baseURL: service.url,
    files: { 'login.txt': `${login}${scenario}Field cookie Should Be "theme=dark"` },
  })
  expect(errors).toEqual({ 'signs in': undefined })
})
