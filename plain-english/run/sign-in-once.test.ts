import { type Service, startService } from '../../fixtures/testing/service.ts'
import { expect, test } from '../../testing/test.ts'
import { runLocally } from '../testing/local-run.ts'

let service: Service

test.beforeAll(async () => {
  service = await startService(({ url = '', headers }, response) => {
    const { pathname, searchParams } = new URL(url, 'http://service')
    const json = (body: unknown, more = {}) =>
      response.writeHead(200, { 'content-type': 'application/json', ...more }).end(JSON.stringify(body))
    if (pathname === '/login') json({}, { 'set-cookie': `session=${searchParams.get('user')}; Path=/` })
    else if (pathname === '/me')
      json({ cookie: headers.cookie ?? '', own: headers['x-own'] ?? '', role: headers['x-role'] ?? '' })
    else return false
    return true
  })
})

test.afterAll(() => service.close())

test('logins of the same name in two files of a folder are two logins', async () => {
  const spec = (user: string) => `Login: admin
GET /login?user=${user}
Scenario: ${user} signs in
As "admin"
GET /me
Field cookie Should Be "session=${user}"
Scenario: ${user} is signed in
As "admin"
GET /me
Field cookie Should Be "session=${user}"`
  const files = { 'first.txt': spec('first'), 'second.txt': spec('second') }
  const errors = await runLocally({ baseURL: service.url, files })
  expect(Object.entries(errors).filter(([, error]) => error !== undefined)).toEqual([])
  expect(service.seen.filter(({ url }) => url.startsWith('/login'))).toHaveLength(2)
})

test('a login that two files include is done once', async () => {
  const spec = (name: string) => `Include "shared/logins.txt"
Scenario: ${name}
As "admin"
GET /me
Field cookie Should Be "session=both"`
  const shared = 'Login: admin\nGET /login?user=both'
  const files = { 'first.txt': spec('first'), 'second.txt': spec('second'), 'shared/logins.txt': shared }
  const errors = await runLocally({ baseURL: service.url, files })
  expect(errors).toEqual({ first: undefined, second: undefined })
  expect(service.seen.filter(({ url }) => url === '/login?user=both')).toHaveLength(1)
})

test('what a scenario has set before it signs in does not reach the next one', async () => {
  const own = `Login: admin
Set Header X-Role To admin
GET /login?user=ada
Go To /me
Save Value 7 As number
Scenario: with a header, a cookie and a variable of its own
Set Header X-Own To 1
Set Cookie theme To dark
Save Value 7 As number
As "admin"
GET /me
Field own Should Be "1"
Field cookie Should Contain "theme=dark"
Field cookie Should Contain "session=ada"
Scenario: without
As "admin"
GET
Field own Should Be ""
Field role Should Be "admin"
Field cookie Should Be "session=ada"
Value \${number} Should Be 7`
  const errors = await runLocally({ baseURL: service.url, files: { 'own.txt': own } })
  expect(Object.values(errors)).toEqual([undefined, undefined])
})

test('unique values are those of each scenario', async () => {
  const text = `Login: customer
GET /login?user=\${unique.id}
Scenario: one
As "customer"
GET /of/\${unique.id}
Field path Should Be "/of/1"
Scenario: two
As "customer"
GET /of/\${unique.id}
Field path Should Be "/of/2"`
  const errors = await runLocally({ baseURL: service.url, files: { 'unique.txt': text } })
  expect(errors).toEqual({ one: undefined, two: undefined })
})

test('a login that leaves nothing behind is done in each scenario', async () => {
  const text = `Login: visitor
GET /hello
Scenario: one
As "visitor"
Scenario: two
As "visitor"`
  const errors = await runLocally({ baseURL: service.url, files: { 'visitor.txt': text } })
  expect(errors).toEqual({ one: undefined, two: undefined })
  expect(service.seen.filter(({ url }) => url === '/hello')).toHaveLength(2)
})
