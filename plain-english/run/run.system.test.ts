// The output of a run, as the author of a file sees it.
import { createHash } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { expect } from '@playwright/test'
import type { Service } from '../../fixtures/testing/service.ts'
import type { NestedRun } from '../../testing/nested-run/nested-run.ts'
import { test } from '../testing/english-fixture.ts'

const token = 'canary-4711-of-the-secret'

let polls = 0
const bytes = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 0xff])
const userSchema = { type: 'object', properties: { name: { type: 'string' } }, required: ['id'] }
const description = {
  openapi: '3.1.0',
  info: { title: 'users', version: '1' },
  paths: {
    '/user': {
      get: { responses: { 200: { description: '', content: { 'application/json': { schema: userSchema } } } } },
    },
  },
}

/** Answers for a job, a sign-in and redirects, in addition to the orders of the service. */
function answer(request: IncomingMessage, response: ServerResponse, _create: () => void, body = ''): boolean {
  const json = (status: number, content: unknown, headers = {}) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(content))
    return true
  }
  const { pathname } = new URL(request.url ?? '/', 'http://service')
  if (pathname === '/job') return json(200, { state: ++polls < 3 ? 'running' : 'done' })
  if (pathname === '/whoami')
    return json(200, { signedIn: request.headers.authorization === `Bearer ${token}`, sent: request.headers })
  if (pathname === '/user') {
    return json(200, { id: 7, name: 'Ada', tags: ['a', 'b'], address: { city: 'London', zip: null }, 'a name': '' })
  }
  const typed = (type: string, content: string | Buffer, headers = {}) => {
    response.writeHead(200, { 'content-type': type, ...headers }).end(content)
    return true
  }
  const { method, url, headers } = request
  if (pathname === '/echo') return json(200, { method, url, headers, body }, { 'x-method': method })
  if (pathname === '/note.xml') return typed('application/xml', '<note id="7"><to>Tove</to><code>007</code></note>')
  if (pathname === '/broken.xml') return typed('application/xml', '<note>')
  if (pathname === '/users.csv') return typed('text/csv', 'name,plan\r\nAda,"free, for now"\r\nGrace,pro\r\n')
  if (pathname === '/bytes') return typed('image/png', bytes)
  if (pathname === '/list') {
    const users = [
      { id: 1, name: 'ada', createdAt: new Date().toISOString() },
      { id: 2, name: 'Bob', createdAt: new Date(0).toISOString() },
    ]
    return json(200, { users, today: new Date().toISOString().slice(0, 10) })
  }
  if (pathname === '/graphql')
    return json(200, JSON.parse(body).variables ? { data: {} } : { errors: [{ message: 'no' }] })
  if (pathname === '/login') {
    const cookie = ['session=s-1; Path=/; HttpOnly; SameSite=Lax', 'theme=dark; Path=/']
    return json(302, {}, { location: '/me', 'set-cookie': cookie })
  }
  if (pathname === '/me') return json(200, { cookie: headers.cookie ?? '', tenant: headers['x-tenant'] ?? '' })
  if (pathname === '/openapi.json') return json(200, description)
  if (pathname === '/elsewhere') return json(302, {}, { location: 'http://elsewhere.test/' })
  if (pathname === '/here') return json(302, {}, { location: 'https://api.example.com/user' })
  return false
}

const requestsSpec = `Scenario: methods, headers and queries
HEAD /echo
Response Header X-Method Should Be HEAD
Response Body Should Be Empty
OPTIONS /echo
Field method Should Be "OPTIONS"
Send PROPFIND /echo
Field method Should Be "PROPFIND"
With Query {"q": "a b"}
GET /echo?x=1 With Query {"id": [1, 2], "none": null}
Field url Should Be "/echo?x=1&q=a+b&id=1&id=2"
GET /echo
Field url Should Be "/echo"
Set Headers {"X-A": "1", "X-B": 2}
Remove Header X-A
GET /echo
Field headers Should Match {"x-b": "2"}
Field headers["x-a"] Should Not Exist
Scenario: bodies
POST /echo
"""
Dear \${unique.name},
  yours
"""
Field body Should Be "Dear \${unique.name},\\n  yours"
Field headers Should Match {"content-type": "text/plain"}
PUT /echo File "data/ada.txt"
Field body Should Be "Dear Ada"
POST /echo Multipart {"title": "A letter", "letter": {"file": "data/ada.txt"}}
Field body Should Match "name=\\"title\\"\\s+A letter"
Field body Should Match "filename=\\"ada.txt\\"\\s+content-type: text/plain\\s+Dear Ada"
GraphQL /graphql "{ users }"
Field errors[0].message Should Be "no"
GraphQL /graphql With Variables {"id": 7}
"""
query ($id: ID!) { user(id: $id) { name } }
"""
Response Should Have No GraphQL Errors
Scenario: cookies and redirects
Set Cookie lang To de
POST /login Form {"user": "ada"}
Response Should Redirect To /me
Cookie session Should Have Attribute HttpOnly
Cookie session Attribute SameSite Should Be lax
Cookie theme Should Be dark
Cookie theme Should Not Have Attribute HttpOnly
Cookie lang Should Not Exist
Save Cookie session As session
Value \${session} Should Be "s-1"
Field cookie Should Match "session=s-1; theme=dark; lang=de"
Do Not Follow Redirects
GET /login
Status Code Should Be 302
Response Should Redirect To /me
Save Header Location As where
Follow Redirects
GET \${where}
Response Should Not Redirect`

const assertionsSpec = `Scenario: formats
GET /note.xml
Response Should Be XML
Response Should Not Be JSON
Field note.to Should Be "Tove"
Field note.@id Should Be 7
Field note.code Should Be "007"
GET /users.csv
Response Should Be CSV
Field $[0] Should Be {"name": "Ada", "plan": "free, for now"}
Each Item Of $ Should Match {"plan": #string}
GET /bytes
Response Should Be binary
Response Should Have Type image/png
Response Body Should Have 6 Bytes
Response Body Should Have Hash ${createHash('sha256').update(bytes).digest('hex')}
Scenario: lists, types and dates
GET /list
Save Response As all
Value \${all.users[0].name} Should Be "ada"
users Should Be Sorted By name
users Should Be Sorted By createdAt Descending
users Should Contain Item {"name": "Bob"}
users Should Not Contain Item {"name": "Eve"}
Each Item Of users Should Match {"id": #number}
Field users[0].createdAt Should Be Today
Field today Should Be Today
Field users[0].createdAt Should Be After yesterday
Field users[1].createdAt Should Be Before 1970-01-02
Field users[0].createdAt Should Be Within 10 minutes Of Now
Field users[0].id Should Be a whole number
Field users[0].name Should Not Be a UUID
Field users Should Have At Least 2 Items
Scenario: schemas
GET /user
Response Should Match Schema "user.json"
Field address Should Match Schema {"properties": {"zip": {"type": "null"}}}
Response Should Match The API Description /openapi.json
Status Code Should Be One Of [200, 204]
Response Should Be Successful
Response Body Should Match "Lon.on"
Response Time Should Be At Most 1 minute
Save Match Of "\\"name\\":\\"(.*?)\\"" As name
Value \${name} Should Be "Ada"
# A comment above the tags
Tag: @fail @timeout:50s @retries:1 @slow
Scenario: special tags
GET /user
Status Code Should Be 201
Tag: @fixme
Scenario: left out
GET /user
Tag: @mode:serial
Scenario: in a series
GET /user
Status Code Should Be 201
Tag: @mode:serial
Scenario: after a failure
GET /user`

const failingSpec = `Scenario: not sorted
GET /list
users Should Be Sorted By name Descending
Scenario: no such item
GET /list
users Should Contain Item {"name": "Eve"}
Scenario: no such cookie
GET /login
Cookie token Should Exist
Scenario: another type
GET /user
Field id Should Be a text
Scenario: no date
GET /user
Field name Should Be Today
Scenario: an item
GET /list
Each Item Of users Should Match {"id": 1}
Scenario: faulty XML
GET /broken.xml
Response Should Be XML
Scenario: no operation
GET /list
Response Should Match The API Description /openapi.json
Scenario: a missing file
POST /echo File "data/eve.txt"`

/** The failures of which no test expects more than the report has. */
const printedElsewhere = new RegExp(
  `^(${[
    'field|list|part|no request|number|other field|long|no header|one of|filled|own',
    ...[...failingSpec.matchAll(/^Scenario: (.*)$/gm)].map(([, title]) => title),
    'refused|led elsewhere|in a file that is included',
  ].join('|')})$`,
)

test.describe('in one run', () => {
  test.describe.configure({ mode: 'default' })

  let run: Awaited<ReturnType<NestedRun['result']>>
  let against: Service
  let other: Service

  test.beforeAll(async ({ runEnglish, startService }) => {
    against = await startService(answer)
    other = await startService()
    run = await runEnglish({
      against,
      files: {
        'health.txt': 'Go To https://api.example.com/orders\nPOST {"ref": "${unique.id}"}\nStatus Code Should Be 201',
        'orders.txt': `
        Scenario: an order is found
        POST /orders {"ref": "\${unique.id}", "price": 12.5}
        Save Field id As id
        GET /orders/\${id}
        Field price Should Be 12.5
        Field ref Should Be "\${unique.id}"
        Response Body Should Match {"id": "#uuid", "price": #number, "ref": "#string"}

        Scenario: what is kept
        Given I order the product \${product} 2 times
        When GET /orders
        Then Response Body Should Contain \${product}
        | product     |
        | tea         |
        | "green tea" |

        Scenario: fields
        GET /here
        Field $ Should Exist
        Field id Should Be Greater Than 6.5
        Field id Should Be Less Than 8
        Field id Should Be One Of [6, 7]
        Field name Should Start With "A"
        Field name Should End With "da"
        Field name Should Match "^A.a$"
        Field name Should Not Be "ada"
        Field tags Should Have Length 2
        Field tags Should Contain "b"
        Field address.zip Should Be null
        Field address.street Should Not Exist
        Field $["a name"] Should Be Empty
        Response Body Should Contain {"address": {"city": "London"}}
        Response Body Should Not Contain "Paris"
        Response Header Content-Type Should Be application/json
        Response Header Content-Type Should Contain "json"

        Scenario: waiting
        GET /job
        Retry Until Field state Should Be "done" For 20s`,
        'failing.txt': `Scenario: status
GET /user
  Then Status Code Should Be 201
Scenario: field
GET /user
Field address.street Should Be "Baker Street"
Scenario: list
GET /user
Field tags.color Should Be 2
Scenario: part
GET /user
Response Body Should Match {"name": "Grace", "id": "#string", "tags": "#array"}
Scenario: no request
Status Code Should Be 200
Scenario: number
GET /user
Save Field name As name
Status Code Should Be \${name}
Scenario: other field
GET /user
Field name Should Be "Grace"
Scenario: long
GET /user
Response Body Should Match {"name": "${'x'.repeat(200)}"}
Scenario: no header
GET /user
Response Header X-Build Should Be "b-1"
Scenario: one of
GET /user
Field id Should Be One Of [1, 2]
Scenario: filled
GET /user
Field tags Should Be Empty
Scenario: own
GET /user
I expect a miracle`,
        'hosts.txt': `Scenario: refused
Go To https://api.example.org/users
Scenario: led elsewhere
GET /elsewhere
Scenario: allowed
GET ${other.url}/orders
Status Code Should Be 200`,
        'secret.txt': `Bearer Token Is \${secret:API_TOKEN}
GET /whoami
Field signedIn Should Be true
Field sent.authorization Should Be "nobody"`,
        'user.json': JSON.stringify(userSchema),
        'data/ada.txt': 'Dear Ada',
        'shared/checks.txt': 'Response Should Be Successful\nField missing Should Exist',
        'shared/logins.txt': `Login: admin
Set Header X-Tenant To 7
POST /login Form {"user": "ada"}
Save Cookie session As session`,
        'requests.txt': requestsSpec,
        'assertions.txt': assertionsSpec,
        'failing-too.txt': failingSpec,
        'logins.txt': `Include "shared/logins.txt"
Scenario: signed in for the first time
As "admin"
# What everybody sees
GET /me
Field cookie Should Be "session=s-1; theme=dark"
Field tenant Should Be "7"
Scenario: signed in again
As "admin"
GET /me
Field cookie Should Contain "session=\${session}"
Field tenant Should Be "7"
Scenario: not signed in
GET /me
Field cookie Should Be ""
Scenario: by a password
Sign In With Basic "ada" "\${secret:API_TOKEN}"
GET /whoami
Field sent.authorization Should Start With "Basic "
Field signedIn Should Be true
Scenario: in a file that is included
GET /user
Include "shared/checks.txt"`,
        'unset.txt': 'Bearer Token Is ${secret:NOT_SET}\nGET /whoami',
        'env.txt': 'Set Header X-Build To ${env:BUILD}\nGET /whoami\nField sent["x-build"] Should Be "b-1"',
      },
      sentences: `defineSentence('I order the product {value} {int} time(s)', async ({ request, scenario }, product, count) => {
      for (let i = 0; i < count; i++) await scenario.send(request, { method: 'POST', url: '/orders', body: { product } })
    }),
    defineSentence('I expect a miracle', () => expect(1).toBe(2))`,
      options: { origins: ['https://api.example.com'], allow: [other.url] },
      env: { API_TOKEN: token, BUILD: 'b-1' },
      config: { use: { trace: 'on' } },
      keepsWorker: printedElsewhere,
    })
  })

  test('scenarios and rows of tables are tests, and own sentences can be used', () => {
    const titles = [
      'health',
      'an order is found',
      'what is kept (product: tea)',
      'what is kept (product: green tea)',
      'fields',
      'waiting',
    ]
    const results = titles.map(title => [title, run.tests[title]?.status, ...(run.tests[title]?.errors ?? [])])
    expect(results, run.output).toEqual(titles.map(title => [title, 'passed']))
  })

  test('a failure shows the line, the expected value, the request and its response', () => {
    const { tests, output } = run
    const firstLine = (title: string) => tests[title]?.errors[0]?.split('\n', 1)[0]
    expect(firstLine('status')).toBe('Error: the status code should be 201, was 200')
    expect(firstLine('other field')).toBe('Error: name should be "Grace", was "Ada"')
    expect(firstLine('no header')).toBe('Error: the header X-Build should be "b-1", was missing')
    expect(firstLine('one of')).toBe('Error: id should be one of [1,2], was 7')
    expect(firstLine('filled')).toBe('Error: tags should be empty, was ["a","b"]')
    expect(firstLine('long')).toMatch(
      /^Error: the JSON of the response should match \{"name":"x{70,80}…, was \{"id":7,"name":"Ada"/,
    )
    expect(firstLine('own')).toBe('Error: I expect a miracle: expect(received).toBe(expected) // Object.is equality')
    const [status = ''] = tests.status?.errors ?? []
    expect(status).toContain('Expected: 201\nReceived: 200')
    expect(status).toContain(`Request:  GET ${against.url}/user\nResponse: 200 OK after`)
    expect(status).toContain('"city": "London"')
    expect(tests.status?.attachments['request and response']).toContain(`GET ${against.url}/user`)
    expect(output).toContain('> 3 |   Then Status Code Should Be 201')
    expect(output).toMatch(/at .*failing\.txt:3:8\n/)
    expect(tests.field?.errors[0]).toContain(
      'There is no field address.street. address has no field street; its fields: city, zip.',
    )
    expect(tests.list?.errors[0]).toContain('tags is a list of length 2: write an index, as in tags[0].color.')
    expect(tests.part?.errors[0]).toMatch(/-\s+"id": "#string",[\s\S]*\+\s+"id": 7,/)
    expect(tests.part?.errors[0]).not.toMatch(/[-+]\s+"tags"/)
    expect(tests['no request']?.errors[0]).toContain('No request was sent yet')
    expect(tests.number?.errors[0]).toContain('This must be a whole number, but ${name} is "Ada".')
  })

  test('sentences about requests, bodies, cookies, lists, dates and schemas do what they say', () => {
    const titles = [
      'methods, headers and queries',
      'bodies',
      'cookies and redirects',
      'formats',
      'lists, types and dates',
      'schemas',
    ]
    const results = titles.map(title => [title, run.tests[title]?.status, ...(run.tests[title]?.errors ?? [])])
    expect(results, run.output).toEqual(titles.map(title => [title, 'passed']))
  })

  test('their failures name what was expected, and what was found', () => {
    const firstLine = (title: string) => run.tests[title]?.errors[0]?.split('\n', 1)[0]
    expect(firstLine('not sorted')).toBe('Error: users should be sorted by name descending, was ["ada","Bob"]')
    expect(firstLine('no such item')).toMatch(
      /^Error: users should contain an item that matches \{"name":"Eve"\}, was \[\{"id":1,/,
    )
    expect(firstLine('no such cookie')).toBe('Error: The response sets no cookie token; it sets session, theme.')
    expect(firstLine('another type')).toBe('Error: id should be a text, was 7')
    expect(firstLine('no date')).toContain('name is "Ada", which is not a date')
    expect(firstLine('an item')).toMatch(/^Error: users\[1\] should match \{"id":1\}, was \{"id":2,/)
    expect(firstLine('faulty XML')).toBe('Error: the response should be "XML", was "application/xml"')
    expect(run.tests['faulty XML']?.errors[0]).toContain('line 1')
    expect(run.tests['no operation']?.errors[0]).toContain('The document has no operation for GET /list')
    expect(firstLine('a missing file')).toContain('The file "data/eve.txt" cannot be read from')
  })

  test('special tags change how a scenario runs, and comments reach the report', () => {
    const { tests, output } = run
    expect(tests['special tags']).toMatchObject({
      status: 'failed',
      annotations: { comment: 'A comment above the tags' },
    })
    expect(output).not.toMatch(/\d+\) .*special tags/)
    expect(tests['left out']?.status).toBe('skipped')
    expect(tests['in a series']?.status).toBe('failed')
    expect(tests['after a failure']?.status).toBe('skipped')
  })

  test('a login is done once, and what it leaves behind is used again', () => {
    const { tests, output } = run
    for (const title of ['signed in for the first time', 'signed in again', 'not signed in']) {
      expect(tests[title], output).toMatchObject({ status: 'passed' })
    }
    const signIns = against.seen.filter(({ url, headers }) => url === '/login' && headers['x-tenant'] === '7')
    expect(signIns).toHaveLength(1)
    expect(tests['by a password']?.errors[0]).toContain('authorization: Basic ada:${secret:API_TOKEN}')
    const [shown = ''] = tests['by a password']?.errors[0]?.split('Response:') ?? []
    expect(shown).not.toContain(Buffer.from(`ada:${token}`).toString('base64').slice(0, 12))
    expect(tests['in a file that is included']?.errors[0]).toMatch(/There is no field missing[\s\S]*checks\.txt:2:1/)
  })

  test('requests to other hosts are refused unless they are allowed', () => {
    const { tests } = run
    expect(tests.refused?.errors[0]).toContain('A request to https://api.example.org is refused')
    expect(tests.refused?.errors[0]).toContain('https://api.example.com')
    expect(tests['led elsewhere']?.errors[0]).toContain('A request to http://elsewhere.test is refused')
    expect(tests.allowed?.status).toBe('passed')
    expect(other.seen).toHaveLength(1)
  })

  test('a secret is sent but not shown', () => {
    const { tests, output } = run
    expect(tests.secret?.errors[0]?.split('\n', 1)[0]).toBe(
      'Error: sent.authorization should be "nobody", was "Bearer ${secret:API_TOKEN}"',
    )
    expect(tests.secret?.errors[0]).toContain('Received: "Bearer ${secret:API_TOKEN}"')
    expect(tests.secret?.errors[0]).toContain('authorization: Bearer ${secret:API_TOKEN}')
    expect(Object.keys(tests.secret?.attachments ?? {})).not.toContain('trace')
    expect(tests.unset?.errors[0]).toContain('The secret NOT_SET is not set')
    expect(tests.env?.status).toBe('passed')
    expect(output + JSON.stringify(tests.secret?.errors) + JSON.stringify(tests.secret?.attachments)).not.toContain(
      token,
    )
  })
})

test('a monitor refuses a file whose secrets it could not remove from reports', async ({
  runEnglish,
  startService,
}) => {
  const replays = [{ check: 'whoami', id: 'replay', pattern: { source: '', flags: '' } }]
  const files = { 'whoami.txt': 'Bearer Token Is ${secret:API_TOKEN}\nGET /whoami\nField signedIn Should Be true' }
  const shared = { against: await startService(answer), isDeployed: true, files, env: { API_TOKEN: token } }
  const unknown = await runEnglish({ ...shared, target: { replays } })
  expect(unknown.tests.whoami?.errors[0]).toContain(
    "add it to the environment in monitor.config.ts, as secrets: ['API_TOKEN']",
  )
  const known = await runEnglish({ ...shared, target: { replays, secrets: ['API_TOKEN'] } })
  expect(known.tests.whoami?.status).toBe('passed')
})

test('in a deployed environment, created data is removed and scenarios that need the database are skipped', async ({
  runEnglish,
  startService,
}) => {
  const against = await startService(answer)
  const { tests } = await runEnglish({
    against,
    isDeployed: true,
    files: {
      'deployed.txt': `Scenario: by its location
POST https://api.example.com/orders {"ref": "1"}
Status Code Should Be 201
Scenario: afterwards
POST /orders?location=no {"ref": "2"}
Save Field id As id
Afterwards DELETE /orders/\${id}
Status Code Should Be 500
Scenario: rows
POST /orders {"ref": "3"}
Table orders Should Have 1 Row
Scenario: rows that are added
Table orders Has Row {"ref": "4"}
GET /orders
Scenario: a mail
POST /orders {"ref": "5"}
Wait For A Mail To "ada@example.com"`,
      'logins.txt': `Login: admin
GET /login
Scenario: signed in
As "admin"
GET /me
Field cookie Should Be "session=s-1; theme=dark"
Scenario: signed in again
As "admin"
GET /me
Field cookie Should Be "session=s-1; theme=dark"`,
    },
    options: { origins: ['https://api.example.com'] },
  })
  expect(tests['by its location']?.status).toBe('passed')
  expect(tests.afterwards?.status).toBe('failed')
  expect(tests.rows).toMatchObject({ status: 'skipped', reason: 'needs db' })
  expect(tests['rows that are added']).toMatchObject({ status: 'skipped', reason: 'needs db' })
  expect(tests['a mail']).toMatchObject({ status: 'skipped', reason: 'needs mail' })
  expect([tests['signed in']?.status, tests['signed in again']?.status]).toEqual(['passed', 'passed'])
  expect(against.seen.filter(({ url }) => url === '/login')).toHaveLength(1)
  expect(against.created).toHaveLength(2)
  expect([...against.rows.values()]).toEqual([])
})

test('all faults of a file are reported before anything runs', async ({ runEnglish, startService }) => {
  const against = await startService()
  const { output, exitCode } = await runEnglish({
    against,
    files: {
      'faulty.txt': 'GET /orders\nStatus Cod Should Be 200\nPOST /orders {"a": 1,}',
      'twice.txt': 'I wait 3 days',
    },
    sentences: "defineSentence('I wait {int} days', () => {}), defineSentence('I wait {word} days', () => {})",
  })
  expect(exitCode).toBe(1)
  expect(output).toContain('Status Code Should Be {int}')
  expect(output).toMatch(/at .*faulty\.txt:2:8\n/)
  expect(output).toMatch(/at .*faulty\.txt:3:21\n/)
  expect(output).toContain('Two sentences match this line: "I wait {int} days" and "I wait {word} days".')
  expect(against.seen).toEqual([])
})

test('tests are listed at their lines, and selected by file, line, title and tag', async ({
  runEnglish,
  startService,
}) => {
  const against = await startService()
  const files = {
    'one.txt':
      'Tag: @smoke\nScenario: first\nGET /orders\n  Scenario: second\n  GET /orders/${id}\n  | id |\n  | a  |\n  | b  |',
    'other.txt': 'GET /orders',
  }
  const list = async (...args: string[]) => {
    const { output } = await runEnglish({ against, files, args: ['--list', '--reporter=list', ...args] })
    return output.split('\n').flatMap(line => /^ {2}\[english\] › (.*)/.exec(line)?.[1] ?? [])
  }
  const all = [
    'one.txt:2:1 › first',
    'one.txt:7:3 › second (id: a)',
    'one.txt:8:3 › second (id: b)',
    'other.txt:1:1 › other',
  ]
  expect(await list()).toEqual(all)
  expect(await list('one.txt:8', 'other.txt')).toEqual(all.slice(2))
  expect(await list('--grep', '@smoke|other')).toEqual([all[0], all[3]])
})
