// Runs scenarios in English and the spec that is written from them, against one service, and compares the outcomes.

import { readFile } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import path from 'node:path'
import { expect } from '@playwright/test'
import { createTransport } from 'nodemailer'
import { browserUse } from '../../fixtures/browser/chromium.ts'
import { test } from '../../fixtures/testing/deployed-run.ts'
import { imported } from '../../testing/built/built-modules.ts'
import { readText } from '../compile/read-spec.ts'
import { Vocabulary } from '../compile/vocabulary.ts'
import { builtInSentences } from '../sentences/built-in.ts'
import { defineSentence } from '../sentences/define-sentence.ts'
import { toTypeScript } from './to-typescript.ts'

let polls = 0

function answer(request: IncomingMessage, response: ServerResponse, _: () => void, body?: string): boolean {
  const json = (status: number, content: unknown, headers = {}) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(content))
    return true
  }
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://service')
  if (pathname === '/sign-up') {
    const mailUrl = String(request.headers['x-mail-url'])
    const to = searchParams.get('email') ?? ''
    const html =
      '<p>Welcome, Ada! Your code: 4711</p><a href="https://api.example.com/user">Confirm</a> <a href="/here">Help</a>'
    const attachments = [{ filename: 'terms.txt', content: 'Terms' }]
    createTransport(mailUrl)
      .sendMail({ from: 'shop@example.com', to, subject: 'Welcome', html, attachments })
      .then(
        () => json(201, {}),
        error => json(500, String(error)),
      )
    return true
  }
  if (pathname === '/tabs' || pathname === '/help' || pathname === '/card' || pathname === '/clock') {
    response.writeHead(200, { 'content-type': 'text/html' }).end(tabPages[pathname])
    return true
  }
  if (pathname === '/job') return json(200, { state: ++polls % 3 === 0 ? 'done' : 'running' })
  if (pathname === '/user')
    return json(200, { id: 7, name: 'Ada', tags: ['a', 'b'], address: { city: 'London', zip: null }, 'a name': '' })
  if (pathname === '/here') return json(302, {}, { location: '/user' })
  if (pathname === '/headers') return json(200, request.headers)
  if (pathname === '/echo') {
    response.writeHead(200, { 'content-type': 'text/plain' }).end(body)
    return true
  }
  if (pathname === '/page') {
    response.writeHead(200, { 'content-type': 'text/html' }).end(page)
    return true
  }
  return false
}

const tabPages = {
  '/tabs': `<!doctype html><title>Tabs</title>
    <a href="/help" target="_blank">Help</a>
    <button onclick="document.title = prompt('Name?', 'none') ?? 'dismissed'">Rename</button>
    <button onclick="document.querySelector('output').textContent = confirm('Sure?') + ' ' + confirm('Really?')">Delete</button>
    <output aria-label="Answer"></output>
    <iframe title="Payment" src="/card"></iframe>`,
  '/help': '<!doctype html><title>Help</title><h1>Help</h1><p>In a tab</p>',
  '/clock':
    '<!doctype html><output aria-label="Year"></output><script>document.querySelector("output").textContent = new Date().getFullYear()</script>',
  '/card': '<!doctype html><label>Card <input></label><p>In a frame</p>',
}

const page = `<!doctype html><title>Users</title>
  <label>Email <input id="email"></label>
  <label><input type="checkbox"> I agree</label>
  <label>Plan <select><option>Free</option><option>Pro</option></select></label>
  <button onclick="document.querySelector('output').textContent = email.value">Add</button>
  <output aria-label="Added"></output>
  <table><tr><td>Ada</td><td><button class="small" onclick="this.closest('tr').remove()">Delete</button></td></tr></table>`

// A failure that is not expected takes a new worker, and a browser: only two scenarios have one.
const english = `
Login: admin
GET /user
Save Field name As who

Scenario: an order is found
POST https://api.example.com/orders {"ref": "\${unique.id}", "price": 12.5}
Status Code Should Be 201
Response Header Location Should Contain "/orders/"
Save Field id As id
GET /orders/\${id}
Field price Should Be 12.5
Field ref Should Be "\${unique.id}"
Response Body Should Match {"id": "#uuid", "price": #number, "missing": "#ignore"}
Response Time Should Be Less Than 60000 ms

Scenario: fields pass
GET /here
Field name Should Start With "A"
Field name Should End With "a"
Field name Should Match "^A"
Field name Should Not Be "Grace"
Field tags Should Contain "b"
Field tags Should Have Length 2
Field id Should Be Greater Than 6
Field id Should Be Less Than 8
Field name Should Be One Of ["Ada", "Grace"]
Field address.zip Should Exist
Field address.street Should Not Exist
Field $["a name"] Should Be Empty
Field address Should Not Be Empty
Response Body Should Contain {"name": "Ada"}
Response Body Should Not Contain "Grace"

Scenario: a page is used
Open /page
Page Title Should Be "Users"
Address Should Contain /page
Fill "Email" With "\${unique.email}"
Type "x" Into field "Email"
Clear "Email"
Fill "Email" With "ada@example.com"
Check "I agree"
Element checkbox "I agree" Should Be Checked
Select "Pro" In "Plan"
Click button "Add"
Element status "Added" Should Have Text "ada@example.com"
Save Text Of status "Added" As added
Value \${added} Should Be "ada@example.com"
Element button "Delete" in row "Ada" Should Have Class small
Element button "Delete" in last row "Ada" Should Have Class small
Element 2nd row "Ada" Should Be Hidden
Click button "Delete" in row "Ada"
Element row "Ada" Should Not Be Visible
Page Should Not Contain "Ada"

Scenario: tabs are used
Wait At Most 1 minute
Open /tabs
Click link "Help"
Switch To The New Tab
Page Title Should Be "Help"
Page Should Contain "In a tab"
2 Tabs Should Be Open
Switch To The Tab "Tabs"
Page Title Should Be "Tabs"
Open /help?more In A New Tab
Address Should Contain more
3 Tabs Should Be Open
Close The Tab
Page Title Should Be "Tabs"
2 Tabs Should Be Open

Scenario: a frame is used
Open /tabs
In Frame "Payment"
Fill "Card" With "4242"
Save Value Of "Card" As card
Value \${card} Should Be "4242"
Page Should Not Contain "Help"
Leave The Frame
Element link "Help" Should Be Visible
In Frame "/card"
Element text "In a frame" Should Be Visible
Open /help
Element heading "Help" Should Be Visible

Scenario: dialogs are answered
Open /tabs
Answer The Next Dialog With "Ada"
Click "Rename"
The Dialog Should Say "Name?"
Page Title Should Be "Ada"
Click "Rename"
Page Title Should Be "dismissed"
Accept The Next Dialog
Dismiss The Next Dialog
Click "Delete"
Element status "Answer" Should Have Text "true false"
The Dialog Should Say "Really?"

Scenario: a date is set
The Date Is 2027-03-01
Open /clock
Element status "Year" Should Have Text "2027"

Scenario: a mail is read
POST /sign-up?email=\${unique.email}
Wait For A Mail To \${unique.email}
The Mail To \${unique.email} Should Have Subject "Welcome"
The Mail To \${unique.email} Should Contain "Welcome, Ada!"
The Mail To \${unique.email} Should Come From "shop@example.com"
The Mail To \${unique.email} Should Have Attachment "terms.txt"
1 Mail Should Be Sent To \${unique.email}
No Mail Should Be Sent To "grace@example.com"
Save Match Of "code: (\\\\d+)" In The Mail As code
Value \${code} Should Be "4711"
Save Link In The Mail As first
Save Link "Help" In The Mail As help
GET \${first}
Field name Should Be "Ada"
GET \${help}
Field id Should Be 7

Tag: @fail
Scenario: a mail too many fails
POST /sign-up?email=\${unique.email}
No Mail Should Be Sent To \${unique.email}

Tag: @fail
Scenario: another message fails
Open /tabs
Click "Rename"
Wait At Most 100 ms
The Dialog Should Say "Surname?"

Tag: @fail
Scenario: a missing frame fails
Open /tabs
Wait At Most 100 ms
In Frame "Address"

Tag: @fail
Scenario: a wrong element fails
Open /page
Wait At Most 100 ms
Element row "Ada" Should Have Text "Grace"

Scenario: a wrong status fails
GET /user
Status Code Should Be 404

Tag: @fail
Scenario: a missing field fails
GET /user
Field address.street Should Not Be "x"

Tag: @fail
Scenario: a marker fails
GET /user
Response Body Should Match {"name": "#number"}

Scenario: headers are sent
Set Header X-Language To "de"
Bearer Token Is abc
GET /headers
Field x-language Should Be "de"
Field authorization Should Be "Bearer abc"
POST /headers "plain"
Field content-type Should Be "text/plain"
POST /headers {"a": 1}
Field content-type Should Be "application/json"

Scenario: a job is awaited
GET /job
Retry Until Field state Should Be "done" For 30s

Scenario: a row
POST /orders {"ref": \${ref}, "n": \${n}}
Status Code Should Be \${status}
| ref | n | status |
| "a" | 1 | 201    |
| "b" | 2 | 404    |

Scenario: what stays in English
GET https://api.example.com/user
I know Ada

Scenario: a login stays in English
As "admin"
GET /user?who=\${who}
I know Ada

Scenario: a text block stays in English
POST /echo
"""
a  b
  "c"
"""
Response Body Should Contain "a  b"
Response Body Should Be The File "echo.dat"

Tag: @skip
Scenario: a test that is skipped
GET /user

Tag: @fail
Scenario: a test that is expected to fail
GET /user
Status Code Should Be 404

Tag: @timeout:45s @retries:1 @slow
Scenario: a test with settings
GET /user
Status Code Should Be 200
`

interface Suite {
  title: string
  suites?: Suite[]
  specs?: { title: string; tests: { projectName: string; results: { status: string }[] }[] }[]
}

function outcomes(suites: readonly Suite[], project: string): [string, string | undefined][] {
  return suites.flatMap(({ suites = [], specs = [] }) => [
    ...specs.flatMap(({ title, tests }) =>
      tests
        .filter(({ projectName }) => projectName === project)
        .map(({ results }): [string, string | undefined] => [title, results[0]?.status]),
    ),
    ...outcomes(suites, project),
  ])
}

test('the spec in TypeScript has the outcomes of the file in English', async ({ startRun, startService }) => {
  const service = await startService(answer)
  const sentences = `
    import { expect } from '@playwright/test'
    import { defineSentence } from '${imported('plain-english/index')}'
    export default [defineSentence('I know Ada', ({ scenario }) => expect(scenario.json).toHaveProperty('name', 'Ada'))]`
  const own = defineSentence('I know Ada', () => undefined)
  const { scenarios, faults } = readText(english, 'all.txt', new Vocabulary([...builtInSentences, own]))
  expect(faults).toEqual([])
  const file = { shown: 'all.txt', content: english }
  const spec = toTypeScript(scenarios, file, {
    test: './test.ts',
    english: imported('plain-english/index'),
    sentences: './sentences.ts',
    origins: ['https://api.example.com'],
    allow: [],
    folder: '..',
  })
  expect(spec.english.map(({ title }) => title)).toEqual([
    'what stays in English',
    'a login stays in English',
    'a text block stays in English',
  ])
  const run = await startRun({
    spec: '',
    files: {
      'all.txt': english,
      'echo.dat': 'a  b\n  "c"',
      'sentences.ts': sentences,
      'specs/all.spec.ts': spec.text
        .replaceAll("'../../../", "'../../../../")
        .replaceAll("'./sentences", "'../sentences")
        .replaceAll("'./test", "'../test"),
      // The service learns from a header where to send mails.
      'test.ts': `
        import { expect, test as base } from './kept-worker.ts'
        export const test = base.extend({ extraHTTPHeaders: ({ mail }, use) => use({ 'x-mail-url': mail.url }) })
        export { expect }`,
      'playwright.config.ts': `
        import { plainEnglish } from '${imported('plain-english/playwright/project')}'
        const use = ${JSON.stringify({ ...browserUse(), baseURL: service.url })}
        const files = { folder: import.meta.dirname, files: '*.txt', test: 'test.ts', sentences: 'sentences.ts', origins: ['https://api.example.com'] }
        export default {
          workers: 1,
          globalSetup: '${imported('postgres/global-setup')}',
          outputDir: 'test-results',
          reporter: [['json', { outputFile: 'report.json' }]],
          projects: [
            { name: 'english', ...plainEnglish(files), use },
            { name: 'typescript', testDir: 'specs', use },
          ],
        }`,
    },
    keepsWorker: /./,
  })
  await run.result()
  const report: { suites: Suite[] } = JSON.parse(await readFile(path.join(run.folder, 'report.json'), 'utf8'))
  const [inEnglish, typescript] = [outcomes(report.suites, 'english'), outcomes(report.suites, 'typescript')]
  expect(typescript).toEqual(inEnglish)
  const failed = inEnglish.filter(([, status]) => status === 'failed').map(([title]) => title)
  expect(failed).toEqual([
    'a mail too many fails',
    'another message fails',
    'a missing frame fails',
    'a wrong element fails',
    'a wrong status fails',
    'a missing field fails',
    'a marker fails',
    'a row (ref: b, n: 2, status: 404)',
    'a test that is expected to fail',
  ])
  expect(inEnglish).toHaveLength(scenarios.length)
})
