// Sentences about pages, in a real Chromium, and what their failures say.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Browser, chromium, expect } from '@playwright/test'
import { browserUse, findChromium } from '../../fixtures/browser/chromium.ts'
import { type Service, startService } from '../../fixtures/testing/service.ts'
import { test } from '../testing/english-fixture.ts'
import { runInPages } from '../testing/page-run.ts'

const main = `<!doctype html><html lang="en"><title>Shop</title><body>
<h1>Orders</h1>
<a href="/sub?page=2">Next</a> <a href="/sub" target="_blank">Terms</a> <a href="/export" download>Export</a>
<button onclick="navigator.count = 1">Sign in</button> <a href="/help">Sign in help</a>
<form aria-label="Order" onsubmit="return false">
<label>Email <input name="email" value="ada@example.com"></label>
<label>City <input name="city" onkeydown="show(event.key)"></label>
<label>Plan <select><option value="f">Free</option><option value="p">Pro</option></select></label>
<label>Colours <select multiple><option>Red</option><option selected>Green</option><option>Blue</option></select></label>
<label><input type="checkbox"> I agree</label>
<label><input type="checkbox" id="all"> Everything</label>
<label>Size <input type="radio" name="size"></label>
<label>Picture <input type="file" multiple onchange="show([...this.files].map(file => file.name).join())"></label>
<button type="button" onclick="document.querySelector('[type=file]').click()">Choose</button>
<button disabled class="big blue" data-testid="pay">Pay</button>
</form>
<p role="status" aria-label="Log" id="log"></p><p id="gone">Loading</p><p hidden>Secret</p>
<ul aria-label="Users"><li>Ada <button onclick="show('removed Ada')">Delete</button></li>
<li>Grace <button onclick="show('removed Grace')">Delete</button></li></ul>
<table><tr><th>Name</th><th>Total</th></tr><tr><td>Ada</td><td ondblclick="show('double')" oncontextmenu="show('right');return false">12</td></tr></table>
<div draggable="true" role="group" aria-label="Card" ondragstart="event.dataTransfer.setData('text', 'card')">Card</div>
<div role="region" aria-label="Done" style="height:40px" ondragover="event.preventDefault()" ondrop="show('dropped ' + event.dataTransfer.getData('text'))">Done</div>
<button onmouseover="show('hovered')">Hover</button>
<button onclick="show('answered ' + confirm('Delete Ada?'))">Confirm</button>
<button onclick="show('named ' + prompt('Your name?'))">Name</button>
<button onclick="fetch('/api/orders/7?x=1', { method: 'POST' }).then(it => it.text()).then(show)">Load</button>
<iframe title="Payment" src="/frame"></iframe>
<div style="height:3000px"></div><button id="end">Below</button>
<script>
document.getElementById('all').indeterminate = true
function show(text) { document.getElementById('log').textContent = text }
setTimeout(() => document.getElementById('gone').remove(), 100)
addEventListener('scroll', () => document.title = 'Scrolled')
</script>`

function answer(request: IncomingMessage, response: ServerResponse): boolean {
  const { pathname, search } = new URL(request.url ?? '/', 'http://service')
  const html = (text: string) => {
    response.writeHead(200, { 'content-type': 'text/html' }).end(text)
    return true
  }
  if (pathname === '/') return html(main)
  if (pathname === '/sub')
    return html(
      '<html lang="en"><title>Sub</title><main><h1>Second page</h1></main>' +
        (search === '?big' ? '<style>body { background: red }</style>' : ''),
    )
  if (pathname === '/store') return html(`<script>localStorage['${search}'] = 1</script>`)
  if (pathname === '/stored') {
    return html('<p id="all"></p><script>all.textContent = Object.keys(localStorage).sort().join()</script>')
  }
  if (pathname === '/consent') {
    return html(`<button onclick="setTimeout(() => document.cookie = 'consent=; max-age=0', 200)">Refuse</button>
      <script>setTimeout(() => document.cookie = 'consent=yes', 200)</script>`)
  }
  if (pathname === '/frame') {
    return html('<label>Card number <input></label><iframe name="inner" srcdoc="<button>Deep</button>"></iframe>')
  }
  if (pathname === '/export') {
    response.writeHead(200, { 'content-disposition': 'attachment; filename="orders.csv"' }).end('id,name\n7,Ada\n')
    return true
  }
  if (pathname.startsWith('/api/orders')) {
    response.writeHead(201, { 'content-type': 'text/plain' }).end('order 7')
    return true
  }
  return false
}

const passing = `
Scenario: asserting
Open /
Page Title Should Be "Shop"
Page Title Should Contain "ho"
Address Should Be /
Element heading "Orders" Should Have Text "Orders"
Element "Email" Should Have Value "ada@example.com"
Element field "Plan" Should Have Value "Free"
Element link "Next" Should Have Attribute href "/sub?page=2"
Element "I agree" Should Not Be Checked
Element "Everything" Should Be Partly Checked
Element last css "li" Should Contain Text "Grace"
Element 2nd checkbox "I agree" Should Be Hidden
Element test id "pay" Should Be Disabled
Element button "Pay" Should Have Class blue
Element "Sign in" Should Be Enabled
Element text "Secret" Should Be Hidden
Element dialog "Nothing" Should Not Be Visible
Element status "Log" Should Be Empty
Element list "Users" Should Contain Text "Grace"
Element list "Users" Should Not Contain Text "Barbara"
Element list "Users" Should Match Text "Ada .*"
Element field "City" Should Be Editable
There Should Be 2 items In list "Users"
There Should Be 2 Elements css "li"
There Should Be 1 table
Save Text Of cell "12" As total
Save Value Of "Email" As email
Save Attribute href Of link "Next" As next
Save Address As start
Wait Until "Loading" Is Gone
Set Cookie theme To dark
Browser Cookie theme Should Be dark
Save Browser Cookie theme As theme
Value \${theme} Should Be "dark"
Remove Cookies
Browser Cookie theme Should Not Exist
Open \${next}
Address Should Be \${next}
Go Back
Address Should Be \${start}
Page Should Contain "\${total}"
Open /consent
Browser Cookie consent Should Be yes
Click "Refuse"
Browser Cookie consent Should Not Exist

Scenario: acting
Open /
Click "Delete" In item "Grace"
Element status "Log" Should Have Text "removed Grace"
Click first "Delete"
Element status "Log" Should Have Text "removed Ada"
Click the 2nd button "Delete" In list "Users"
Element status "Log" Should Have Text "removed Grace"
Double Click cell "12"
Wait For "double"
Right Click cell "12"
Wait For "right" At Most 10s
Hover Over "Hover"
Page Should Contain "hovered"
Drag group "Card" To region "Done"
Page Should Contain "dropped card"
Fill field "Email" With "grace@example.com"
Clear "City"
Type "Lon" Into "City"
Page Should Contain "n"
Press Enter In "City"
Element status "Log" Should Have Text "Enter"
Press Tab
Element "Plan" Should Be Focused
Focus "Email"
Element "Email" Should Be Focused
Select "Pro" In "Plan" In form "Order"
Element "Plan" Should Have Value "Pro"
Select "f" In "Plan"
Element "Plan" Should Have Value "Free"
Element "Plan" Should Have Options ["Free", "Pro"]
Element "Colours" Should Have Selected Options ["Green"]
Select Options ["Red", "Blue"] In "Colours"
Element "Colours" Should Have Selected Options ["Red", "Blue"]
Select Options [] In "Colours"
Element "Colours" Should Have Selected Options []
Element css "h1" Should Have Style display "block"
Check "I agree"
Element "I agree" Should Be Checked
Uncheck "I agree"
Check radio "Size"
Element radio "Size" Should Be Checked
Set Window Size To 390 By 300
Scroll To "Below"
Page Title Should Be "Scrolled"
Click "Load"
Wait For Response POST /api/orders/*
Wait For Response /api/orders/7?x=1
Element status "Log" Should Have Text "order 7"
Click link "Next"
Address Should Contain page=2
Go Back
Go Forward
Reload The Page
Element heading "Second page" Should Be Visible
Page Should Be Accessible
Page Should Match Aria Snapshot "- heading \\"Second page\\""
Page Should Match Aria Snapshot
  """
  - main:
    - heading "Second page" [level=1]
  """
Open /
Page Should Be Accessible Except For ["region", "landmark-one-main", "frame-title", "document-title", "html-has-lang"]

Scenario: tabs, frames and dialogs
Open /
Click "Terms"
Switch To The New Tab
Page Title Should Be "Sub"
2 Tabs Should Be Open
Switch To The Tab "Shop"
Page Should Contain "Orders"
Switch To The Tab "/sub"
Close The Tab
Page Title Should Be "Shop"
Open /sub In A New Tab
Page Should Contain "Second page"
Close The Tab
In Frame "Payment"
Fill "Card number" With "4111"
Element "Card number" Should Have Value "4111"
Page Should Not Contain "Orders"
In Frame "inner"
Click "Deep"
Leave The Frame
Click "Confirm"
The Dialog Should Say "Delete Ada?"
Element status "Log" Should Have Text "answered false"
Accept The Next Dialog
Click "Confirm"
Element status "Log" Should Have Text "answered true"
Answer The Next Dialog With "Grace"
Click "Name"
Element status "Log" Should Have Text "named Grace"

Scenario: files
Open /
Upload "exchange.ts" To "Picture"
Element status "Log" Should Have Text "exchange.ts"
Upload ["exchange.ts", "../README.md"] To button "Choose"
Element status "Log" Should Have Text "exchange.ts,README.md"
Download link "Export"
The Download Should Be Named "orders.csv"
The Download Should Contain "7,Ada"
Save The Download As csv
Attach The Download As "kept.csv"
`

/** Each is a scenario that opens the page, and fails in its last line. */
type Failing = Readonly<Record<string, { lines: string; message: string | RegExp }>>

const failing: Failing = {
  accessible: {
    lines: 'Page Should Be Accessible',
    message:
      /The page is not accessible; .* violated:\n[\s\S]* {2}region \(moderate\): All page content should be contained by landmarks\n {4}\S.*: <[\s\S]* {4}https:/,
  },
  nearest: {
    lines: 'Click button "Sing in"',
    message:
      'There is no button "Sing in" after 5 s; nearest: button "Sign in", link "Sign in help". The page contains:',
  },
  'nearest of any': {
    lines: 'Fill "E-Mail" With "x"',
    message: 'There is no element "E-Mail" after 5 s; nearest: field "Email".',
  },
  within: {
    lines: 'Click "Delete" In list "User"',
    message: /^Error: Click "Delete" In list "User": 2 elements have this name: write first, 2nd or last before/,
  },
  'no container': {
    lines: 'Click "Delete" In list "Orders"',
    message: 'There is no list "Orders" after 5 s; nearest: heading "Orders", form "Order", list "Users".',
  },
  'no attribute': { lines: 'Save Attribute rel Of link "Next" As rel', message: 'link "Next" has no attribute rel.' },
  count: {
    lines: 'There Should Be 3 items In list "Users"',
    message: /^Error: the number of elements item in list "Users" should be 3, was 2\n/,
  },
  options: {
    lines: 'Select Options ["Red", "Pink"] In "Colours"',
    message: '"Colours" has no option "Pink"; its options: Red, Green, Blue.',
  },
  'one option': {
    lines: 'Select Options ["Free", "Pro"] In "Plan"',
    message: '"Plan" takes only one option, not all of Free, Pro: select one.',
  },
  'no cookie': {
    lines: 'Set Cookie lang To de\nBrowser Cookie theme Should Exist',
    message: 'The browser has no cookie theme for this page; it has lang.',
  },
  'a cookie': {
    lines: 'Set Cookie lang To de\nBrowser Cookie lang Should Not Exist',
    message: 'the cookies of the page should not contain "lang", was ["lang"]',
  },
  'no list': {
    lines: 'Element "Colours" Should Have Options {"a": 1}',
    message: 'Options are a list of texts, such as ["Red", "Blue"], not {"a":1}.',
  },
  option: { lines: 'Select "Gold" In "Plan"', message: '"Plan" has no option "Gold"; its options: Free, Pro.' },
  response: {
    lines: 'Click "Load"\nWait At Most 3s\nWait For Response GET /api/orders',
    message:
      /No response of GET \/api\/orders has arrived after 3 s; responses since the last action: POST \/api\/orders\/7\?x=1 201\./,
  },
  'no place': {
    lines: 'Wait At Most 100 ms\nClick 3rd button "Delete"',
    message: 'There is no 3rd button "Delete" after 0.1 s; of that name, 2 are visible. The page contains:',
  },
  'a state': {
    lines: 'Wait At Most 100 ms\nElement "I agree" Should Be Checked',
    message: /^Error: "I agree" should be checked[\s\S]* 100ms/,
  },
  'an action': {
    lines: 'Wait At Most 100 ms\nClick button "Pay"',
    message: 'Timeout 100ms exceeded',
  },
  'no history': { lines: 'Go Forward', message: 'There is no page to go forward to in this tab.' },
  'no tab': {
    lines: 'Switch To The Tab "Cart"',
    message: 'There is no tab whose title or address contains "Cart"; the open tabs: "Shop" (',
  },
  'no new tab': { lines: 'Switch To The New Tab', message: 'No new tab was opened after 5 s; the open tabs: "Shop" (' },
  frame: { lines: 'In Frame "Pay"', message: 'There is no frame "Pay" on the page; its frames: "Payment", "inner".' },
  dialog: {
    lines: 'Click "Confirm"\nThe Dialog Should Say "Sure?"',
    message: /^Error: the dialog should say "Sure\?", was "Delete Ada\?"\n/,
  },
  'no dialog': { lines: 'The Dialog Should Say "Sure?"', message: 'The page has shown no dialog after 5 s.' },
  file: { lines: 'Upload "none.png" To "Picture"', message: /There is no file .*none\.png: its path is relative/ },
  'not a file': { lines: 'Upload [1] To "Picture"', message: 'A file must be a text' },
  download: {
    lines: 'Download link "Export"\nThe Download Should Be Named "a.csv"',
    message: /^Error: the download should be named "a\.csv", was "orders\.csv"\n/,
  },
  'no download': { lines: 'The Download Should Contain "a"', message: 'No download has begun after 5 s.' },
  'no download of a link': { lines: 'Download link "Next"', message: 'No download has begun after 5 s.' },
  'no dialog for files': {
    lines: 'Upload "exchange.ts" To button "Sign in"',
    message: 'button "Sign in" has opened no dialog for files after 5 s.',
  },
  gone: { lines: 'Wait Until "Next" Is Gone', message: '"Next" is still visible after 15 s.' },
}

/** Those that fail when the timeout of `expect` is over. */
const expecting: Failing = {
  'selected options': {
    lines: 'Element "Colours" Should Have Selected Options ["Red"]',
    message: '"Colours" should have selected options ["Red"], was ["Green"]',
  },
  style: {
    lines: 'Element css "h1" Should Have Style display "flex"',
    message: 'css "h1" should have style display "flex", was "block"',
  },
  text: {
    lines: 'Element heading "Orders" Should Have Text "Users"',
    message: /^Error: heading "Orders" should have text "Users", was "Orders"\n[\s\S]*Locator: +getByRole/,
  },
  value: {
    lines: 'Element "Email" Should Have Value "x"',
    message: /^Error: "Email" should have value "x", was "ada@example.com"\n/,
  },
  state: {
    lines: 'Element button "Pay" Should Be Enabled',
    message: /^Error: button "Pay" should be enabled, was "disabled"\n/,
  },
  attribute: {
    lines: 'Element link "Next" Should Have Attribute href "/x"',
    message: /^Error: link "Next" should have attribute href "\/x", was "\/sub\?page=2"\n/,
  },
  'aria snapshot over several lines': {
    lines: 'Page Should Match Aria Snapshot\n  """\n  - heading "Orders" [level=1]\n  - link "Previous"\n  """',
    message: /toMatchAriaSnapshot\(expected\) failed[\s\S]*- +- link "Previous"\n[\s\S]*\+ +- link "Next"/,
  },
  title: { lines: 'Page Title Should Be "Sub"', message: /^Error: the title should be "Sub", was "Shop"\n/ },
  address: {
    lines: 'Address Should Be /sub',
    message: /^Error: the address should be "http.*\/sub", was "http.*\/"\n/,
  },
  'address of another host': {
    lines: 'Address Should Be https://login.example.org/',
    message: /^Error: the address should be "https:\/\/login\.example\.org\/", was "http.*\/"\n/,
  },
}

const looks = `Open /sub
Page Should Look Like "sub"
Page Should Look Like "sub"
Page Should Match Aria Snapshot Named "sub"
Page Should Match Aria Snapshot Named "sub"
Open /sub?big
Page Should Look Like "sub"`

const textOf = (scenarios: Failing) =>
  Object.entries(scenarios)
    .map(([title, { lines }]) => `Scenario: ${title}\nOpen /\n${lines}\n`)
    .join('\n')

function expectMessages(scenarios: Failing, errorOf: (title: string) => string | undefined): void {
  for (const [title, { message }] of Object.entries(scenarios)) {
    const error = errorOf(title) ?? 'none'
    if (typeof message === 'string') expect.soft(error, title).toContain(message)
    else expect.soft(error, title).toMatch(message)
  }
}

test.describe('with one browser', () => {
  test.describe.configure({ mode: 'default' })
  const found = findChromium()
  test.skip(!found, 'No browser was found.')

  let browser: Browser
  let against: Service

  test.beforeAll(async () => {
    against = await startService(answer)
    browser = await chromium.launch(browserUse(found).launchOptions)
  })

  test.afterAll(async () => {
    await browser.close()
    await against.close()
  })

  test('the sentences do and assert what they say', async ({}, info) => {
    const errors = await runInPages(browser, against.url, passing)
    expect(errors).toEqual({
      asserting: undefined,
      acting: undefined,
      'tabs, frames and dialogs': undefined,
      files: undefined,
    })
    expect(info.attachments.find(({ name }) => name === 'kept.csv')?.path).toBeDefined()
  })

  test('a failure says what is near, and what the page has done', async () => {
    const errors = await runInPages(browser, against.url, textOf(failing))
    expectMessages(failing, title => errors[title])
  })

  test('a login that is used again adds to the local storage of the page', async () => {
    const login = 'Login: admin\nOpen /store?session\n'
    const scenario = (name: string) =>
      `${login}Scenario: ${name}\nOpen /store?${name}\nAs "admin"\nOpen /stored\nPage Should Contain "?${name},?session"`
    expect(await runInPages(browser, against.url, scenario('first'))).toEqual({ first: undefined })
    const signedIn = against.seen.filter(({ url }) => url === '/store?session').length
    expect(await runInPages(browser, against.url, scenario('other'))).toEqual({ other: undefined })
    expect(against.seen.filter(({ url }) => url === '/store?session')).toHaveLength(signedIn)
  })

  test('how long the sentences of a login wait is their own', async () => {
    const text = `Login: patient
Wait At Most 1 minute
Open /

Scenario: own
Wait At Most 100 ms
As "patient"
Click button "Nowhere"
`
    expect((await runInPages(browser, against.url, text)).own).toContain('There is no button "Nowhere" after 0.1 s')
  })

  test('the first line of a failed assertion has the expected and the actual value', async ({ runEnglish }) => {
    // Two pictures are taken within it.
    const timeout = 4000
    const parallel = { workers: 2, fullyParallel: true }
    const config = { ...parallel, expect: { timeout }, use: { ...browserUse(found), evidence: 'off' } }
    const files = { 'expecting.txt': textOf(expecting), 'looks.txt': looks }
    const { tests } = await runEnglish({ against, files, config, keepsWorker: /./ })
    expectMessages(expecting, title => tests[title]?.errors[0])
    // A snapshot that is missing is written, and the scenario goes on.
    expect(tests.looks?.errors).toEqual([
      expect.stringMatching(
        /A snapshot doesn't exist at \S+\/looks\.txt-snapshots\/sub-english-\w+\.png, writing actual/,
      ),
      expect.stringMatching(/A snapshot doesn't exist at \S+\/looks-sub-english-\w+\.aria\.yml, writing actual/),
      expect.stringMatching(
        /Page Should Look Like "sub": expect\(page\)\.toHaveScreenshot\(expected\)[\s\S]*different/,
      ),
    ])
  })
})
