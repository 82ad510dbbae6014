import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import vm from 'node:vm'
import { transformSync } from '@swc/core'
import { parse } from 'acorn'
import { forEachRow } from '../../testing/for-each-row.ts'
import { expect, test } from '../../testing/test.ts'
import { readText } from '../compile/read-spec.ts'
import { Vocabulary } from '../compile/vocabulary.ts'
import { builtInSentences } from '../sentences/built-in.ts'
import { defineSentence } from '../sentences/define-sentence.ts'
import { type SpecOptions, toTypeScript } from './to-typescript.ts'
import { translations } from './translations.ts'
import { untranslated } from './untranslated.ts'

const own = defineSentence('I wait {int} day(s)', () => undefined)
const vocabulary = new Vocabulary([...builtInSentences, own])

const defaults: SpecOptions = {
  test: './test.ts',
  english: 'reprise/plain-english',
  sentences: undefined,
  origins: ['https://api.example.com'],
  allow: [],
  folder: '',
}

function specOf(...lines: string[]) {
  return specWith({}, ...lines)
}

function specWith(options: Partial<SpecOptions>, ...lines: string[]) {
  const content = lines.join('\n')
  const { scenarios, faults } = readText(content, 'a.txt', vocabulary)
  expect(faults).toEqual([])
  const spec = toTypeScript(scenarios, { shown: 'a.txt', content }, { ...defaults, ...options })
  expectCode(spec.text)
  return spec
}

/** Throws for what is no TypeScript, or declares a name twice. In this process, unlike esbuild, which starts one for each call. */
function expectCode(text: string): void {
  const { code } = transformSync(text, { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' } })
  parse(code, { ecmaVersion: 'latest', sourceType: 'module' })
}

/** What `say` runs in the first test in English. */
function saidIn(text: string): string[] {
  const [, list = ''] = /await say\(\{[^}]*\}, (\[[\s\S]*?\n *\])/.exec(text) ?? []
  return vm.runInNewContext(list)
}

/** The lines of the first test. */
const linesOf = (...lines: string[]) => {
  const { text, english } = specOf(...lines)
  expect(english).toEqual([])
  const body = text.split('\n')
  const start = body.findIndex(line => line.startsWith('test('))
  return body.slice(start + 1, body.indexOf('})', start)).map(line => line.slice(2))
}

test('each built-in sentence has a translation, or is listed as one that stays in English', () => {
  for (const { expression } of builtInSentences) {
    const isKnown = translations.has(expression) || untranslated.includes(expression)
    expect
      .soft(isKnown, `Write a translation of "${expression}" in the file of its family, or list it in untranslated.ts.`)
      .toBe(true)
  }
  expect(untranslated.filter(expression => translations.has(expression))).toEqual([])
})

test('the example of each translated sentence becomes valid code', async () => {
  const translated = builtInSentences.filter(({ expression }) => translations.has(expression))
  await forEachRow(
    translated,
    ({ expression }) => expression,
    ({ expression, example = '' }) => {
      const names = new Set(
        [...example.matchAll(/\$\{(\w+)[^}:]*\}/g)].map(found => found[1] ?? '').filter(name => name !== 'unique'),
      )
      const needed = [
        'Go To https://api.example.com/users',
        'GET /users',
        ...(expression.includes('In The Mail') ? ['Wait For A Mail To "ada@example.com"'] : []),
        ...(expression === 'The Date Is {text}' ? ['Open /'] : []),
        ...(expression === 'Switch To The New Tab' ? ['Click "Help"'] : []),
        ...[...names].map(name => `Save Field ${name} As ${name}`),
      ]
      const { text, english } = specOf(...needed, example)
      assert.deepEqual(english, [])
      assert.ok(!text.includes('say('), text)
    },
  )
})

test('requests: headers, bodies, forms, variables, and origins of production', () => {
  const lines = linesOf(
    'Set Header Accept-Language To "de"',
    'Bearer Token Is ${secret:TOKEN}',
    'POST https://api.example.com/users {"name": "O\'Hara", "email": "${unique.email}"}',
    'Save Field users[0].id As id',
    'PUT /users/${id}?q=${unique.id} "plain"',
    'POST /login Form {"user": "ada"}',
    'Response Time Should Be Less Than 500 ms',
  )
  expect(lines).toEqual([
    'const uniqueEmail = unique.email()',
    'const headers: Record<string, string> = {}',
    "headers['accept-language'] = 'de'",
    "headers.authorization = `Bearer ${env('TOKEN')}`",
    `let response = await request.post('/users', { headers, data: { name: "O'Hara", email: uniqueEmail } })`,
    'const id = (await response.json()).users[0].id',
    'expect(id).toBeDefined()',
    "response = await request.put(`/users/${encodeURIComponent(id)}?q=${encodeURIComponent(unique.id)}`, { headers: { 'content-type': 'text/plain', ...headers }, data: 'plain' })",
    'const startedAt = performance.now()',
    "response = await request.post('/login', { headers, form: { user: 'ada' } })",
    'const durationMs = performance.now() - startedAt',
    'expect(durationMs).toBeLessThan(500)',
  ])
})

test('a table becomes a loop, and tags stay', () => {
  const { text } = specOf(
    'Tag: @smoke',
    'Scenario: it is refused',
    'POST /users {"name": ${name}}',
    'Status Code Should Be 422',
    '| name |',
    '| "" |',
    '| null |',
  )
  expect(text).toContain(`for (const { title, name } of [
  { title: 'it is refused (name: )', name: '' },
  { title: 'it is refused (name: null)', name: null },
]) {
  test(title, { tag: ['@smoke'] }, async ({ request }) => {`)
})

test('a table has a column title', () => {
  const { text } = specOf('Scenario: posts', 'POST /posts {"title": ${title}}', '| title |', '| "a" |')
  expect(text).toContain(`for (const { titleOfTest, title } of [
  { titleOfTest: 'posts (title: a)', title: 'a' },
]) {
  test(titleOfTest, async ({ request }) => {
    const response = await request.post('/posts', { data: { title } })`)
})

test('a scenario with a sentence that has no translation stays in English', () => {
  const { text, english } = specOf('Scenario: later', 'GET /users/${id}', 'I wait 3 days', '| id |', '| "a" |')
  expect(english).toEqual([{ title: 'later (id: a)', reason: 'no translation: I wait {int} day(s)' }])
  expect(text).toContain(`  await say({ baseURL, request }, [
    'GET /users/\${id}',
    'I wait 3 days',
    'Examples:',
    '| id |',
    '| "a" |',
  ], english)`)
  expectCode(text)
})

test('special tags become settings of tests', () => {
  const { text } = specOf(
    'Tag: @skip @smoke',
    'Scenario: skipped',
    'GET /users',
    '',
    'Tag: @fail @only',
    'Scenario: expected to fail, with rows',
    'GET /users/${id}',
    '| id |',
    '| 1  |',
    '',
    'Tag: @slow @timeout:30s @retries:2',
    'Scenario: slow',
    'GET /users',
    'I wait 3 days',
    '',
    'Tag: @mode:serial @fixme',
    'Scenario: first',
    'GET /users',
    'Tag: @mode:serial',
    'Scenario: second',
    'GET /users',
  )
  expect(text).toContain("test.skip('skipped', { tag: ['@smoke'] }, async ({ request }) => {")
  expect(text).toContain('  test.fail.only(title, async ({ request }) => {')
  expect(text).toContain(`test.describe(() => {
  test.describe.configure({ timeout: 30000, retries: 2 })
  test.slow()
  // In English: no translation: I wait {int} day(s).
  test('slow', async (`)
  expect(text).toContain(`test.describe(() => {
  test.describe.configure({ mode: 'serial' })
  test.fixme('first', async ({ request }) => {
    const response = await request.get('/users')
  })

  test('second', async ({ request }) => {`)
})

test('what stays in English keeps its logins, tables, blocks, blanks and comments', () => {
  const lines = [
    'Login: reader',
    'POST /login {"user": "ada"}',
    'Login: admin',
    'Save Value "ada" As user',
    'As "reader"',
    'Scenario: all of it',
    '# Two of them.',
    'Given As "admin"',
    'Table users Has Rows',
    '| name   | age |',
    '| "a\\|b" | 1   |',
    'POST /echo',
    '"""',
    'a  b',
    '  "c" \\${d}',
    '"""',
    'Fill "First  name" With \'a "b"\'',
    'Retry Until Response Body Should Contain "a  b" For 5s',
  ]
  const said = saidIn(specOf(...lines).text)
  expect(said).toEqual([
    'Login: reader',
    'POST /login {"user": "ada"}',
    'Login: admin',
    'Save Value "ada" As user',
    'As "reader"',
    'Scenario: all of it',
    '# Two of them.',
    'As "admin"',
    'Table users Has Rows',
    '| name | age |',
    '| "a\\|b" | 1 |',
    'POST /echo "a  b\\n  \\"c\\" \\${d}"',
    'Fill "First  name" With "a \\"b\\""',
    'Retry Until Response Body Should Contain "a  b" For 5s',
  ])
  const [steps, again] = [lines, said].map(text =>
    readText(text.join('\n'), 'a.txt', vocabulary).scenarios[0]?.steps.map(({ definition }) => definition.expression),
  )
  expect(again).toEqual(steps)
})

test('comments stand above what they are about, and end no bracket', () => {
  const { text } = specOf('# Who (', 'Tag: @slow', 'Scenario: all', '# First {', 'GET /a', '# Then', 'GET /b')
  expect(text).toContain(`test.describe(() => {
  test.slow()
  // Who (
  test('all', async ({ request }) => {
    // First {
    let response = await request.get('/a')
    // Then
    response = await request.get('/b')
  })
})`)
})

test('headers are texts, and what a query or a form of Playwright cannot hold stays in English', () => {
  expect(specOf('Set Headers {"X-A": 7, "X-B": true, "X-C": "d"}', 'GET /a').text).toContain("headers['x-a'] = '7'")
  for (const sentence of [
    'GET /a With Query {"b": [1, 2]}',
    'GET /a With Query {"b": null}',
    'POST /a Form {"b": {"c": 1}}',
    'Set Headers {"X-A": [1]}',
  ]) {
    expect(specOf(sentence, 'GET /a').english, sentence).toHaveLength(1)
  }
})

test('what stays in English has the row of a table with variables', () => {
  const { text } = specOf(
    'Scenario: later',
    'POST /users {"email": ${email}}',
    'I wait 3 days',
    '| email |',
    '| ${unique.email} |',
  )
  expect(saidIn(text).slice(2)).toEqual(['Examples:', '| email |', '| ${unique.email} |'])
})

test('two logins of the same name, of included files, are refused', async ({}, info) => {
  const folder = info.outputPath()
  for (const user of ['ada', 'grace']) {
    await writeFile(path.join(folder, `${user}.txt`), `Login: admin\nPOST /login {"user": "${user}"}\n`)
  }
  const content = 'Scenario: both\nInclude "ada.txt"\nAs "admin"\nInclude "grace.txt"\nAs "admin"\n'
  const { scenarios, faults } = readText(content, 'a.txt', vocabulary, path.join(folder, 'a.txt'))
  expect(faults).toEqual([])
  expect(() => toTypeScript(scenarios, { shown: 'a.txt', content }, defaults)).toThrow(
    'The scenario "both" uses two logins with the name admin: choose another name for one of them.',
  )
})

test('what stays in English has the sentences, the hosts and the folder of its file', () => {
  const options = { sentences: './own.ts', allow: ['https://mail.example.com'], folder: '../english' }
  const { text } = specWith(options, 'GET https://api.example.com/users', 'I wait 3 days')
  expect(text).toContain(
    "const english = { sentences, origins: ['https://api.example.com'], allow: ['https://mail.example.com'], folder: '../english' }",
  )
  expect(text).toContain('  ], english)')
  expect(specWith({ ...options, origins: [] }, 'GET /users').text).not.toContain('const english')
})

test('texts with dollar signs, quotes and variables become valid code', () => {
  const lines = linesOf(
    'POST /users',
    'Save Field id As id',
    'Bearer Token Is a-${id}',
    'Bearer Token Is ${id}-b',
    'Bearer Token Is "it\'s"',
    'Fill "Price" With "$$5 $& $\'"',
    "Afterwards DELETE /users/o'hara",
  )
  expect(lines.slice(4)).toEqual([
    'headers.authorization = `Bearer a-${id}`',
    'headers.authorization = `Bearer ${id}-b`',
    `headers.authorization = "Bearer it's"`,
    `await page.getByLabel('Price').or(page.getByPlaceholder('Price')).first().fill("$$5 $& $'")`,
    `await cleanup("DELETE /users/o'hara")`,
  ])
})

test('a spec whose only claim is a poll imports expect', () => {
  expect(specOf('Open /page', 'Page Title Should Contain "Users"').text).toContain(
    "import { expect, test } from './test.ts'",
  )
})

test('one of several elements, and how long it is waited for', () => {
  expect(
    linesOf(
      'Open /',
      'Wait At Most 500 ms',
      'Click 2nd button "Delete" In last row "Ada"',
      'Page Should Contain "Ada"',
    ).map(line => line.replace(/\.or\(.*?\)\)/, '')),
  ).toEqual([
    'const patientExpect = expect.configure({ timeout: 500 })',
    "await page.goto('/')",
    'test.setTimeout(test.info().timeout + 500)',
    'page.context().setDefaultTimeout(500)',
    "await page.getByRole('row', { name: 'Ada' }).filter({ visible: true }).last().getByRole('button', { name: 'Delete' }).filter({ visible: true }).nth(1).click()",
    "await patientExpect(page.locator('body')).toContainText('Ada')",
  ])
})

test('the time to wait is that of tabs, frames and dialogs, and stands only where something waits', () => {
  expect(
    linesOf('Open /', 'Wait At Most 9s', '1 Tab Should Be Open', 'In Frame "Pay"', 'The Dialog Should Say "a"').map(
      line => line.replace(/locator\(.*\)\.first/, 'locator(...).first'),
    ),
  ).toEqual([
    'const patientExpect = expect.configure({ timeout: 9000 })',
    'const dialogs = watchDialogs(page)',
    "await page.goto('/')",
    'test.setTimeout(test.info().timeout + 9000)',
    'page.context().setDefaultTimeout(9000)',
    'await patientExpect.poll(() => page.context().pages().length).toBe(1)',
    'const frame = page.locator(...).first().contentFrame()',
    'await patientExpect(frame.owner()).toBeAttached()',
    "await patientExpect.poll(() => dialogs.messages.at(-1)).toBe('a')",
  ])
  expect(linesOf('Open /', 'Wait At Most 9s', 'Switch To The Tab "Users"', 'Click first "Add"').slice(1, -1)).toEqual([
    'test.setTimeout(test.info().timeout + 9000)',
    'page.context().setDefaultTimeout(9000)',
    "const tab = await tabWith(page, 'Users', 9000)",
  ])
  expect(linesOf('Open /', 'Wait At Most 9s', 'Take Screenshot').at(-1)).toContain('page.screenshot({ timeout: 0 })')
  // To Playwright, 0 would be no limit.
  expect(linesOf('Open /', 'Wait At Most 0s')).toContain('page.context().setDefaultTimeout(1)')
})

test('tabs, frames and dialogs become calls of Playwright', () => {
  const { text } = specOf(
    'Scenario: tabs',
    'Open /',
    'Answer The Next Dialog With "Ada"',
    'Click "Rename"',
    'The Dialog Should Say "Name?"',
    'In Frame "Payment"',
    'Fill "Card" With "4242"',
    'Page Should Contain "4242"',
    'Leave The Frame',
    'Click link "Help"',
    'Page Should Contain "opened"',
    'Switch To The New Tab',
    'Page Title Should Be "Help"',
    'Close The Tab',
    'Click "Done"',
    'Switch To The Tab "Users"',
    'Reload The Page',
  )
  const body = text.split('\n').filter(line => line.startsWith('  '))
  expect(body.slice(0, body.findIndex(line => line.includes('reload')) + 1).map(line => line.trim())).toEqual([
    'const dialogs = watchDialogs(page)',
    "await page.goto('/')",
    "dialogs.answers.push(dialog => dialog.accept('Ada'))",
    expect.stringMatching(/^await page\.getByRole\('button', \{ name: 'Rename' \}\).*\.click\(\)$/),
    "await expect.poll(() => dialogs.messages.at(-1)).toBe('Name?')",
    `const frame = page.locator(':is(iframe, frame):is([title="Payment"], [aria-label="Payment"], [name="Payment"], [id="Payment"], [src="Payment"], [src$="Payment"])').first().contentFrame()`,
    'await expect(frame.owner()).toBeAttached()',
    "await frame.getByLabel('Card').or(frame.getByPlaceholder('Card')).first().fill('4242')",
    "await expect(frame.locator('body')).toContainText('4242')",
    "const opening = page.context().waitForEvent('page')",
    "await page.getByRole('link', { name: 'Help' }).first().click()",
    "await expect(page.locator('body')).toContainText('opened')",
    'const tab = await opening',
    "await tab.waitForLoadState('domcontentloaded')",
    "await expect(tab).toHaveTitle('Help')",
    'await tab.close()',
    expect.stringMatching(/^await page\..*\.click\(\)$/),
    "const tab2 = await tabWith(page, 'Users')",
    'await tab2.reload()',
  ])
  expect(text).toContain(
    "import type { Dialog, Page } from '@playwright/test'\nimport { expect, test } from './test.ts'",
  )
  expect(text.match(/^(async )?function \w+/gm)).toEqual(['async function tabWith', 'function watchDialogs'])
})

test('sentences about mails become calls of the fixture', () => {
  expect(
    linesOf(
      'Wait For A Mail To "${unique.email}"',
      'The Mail To "ada@example.com" Should Contain "Welcome,  Ada"',
      'Save Link "Confirm" In The Mail As url',
      'Save Match Of "code: (\\\\d+)" In The Mail As code',
      'No Mail Should Be Sent To "grace@example.com"',
      'GET ${url}',
    ),
  ).toEqual([
    'const uniqueEmail = unique.email()',
    'let received = await mail.waitFor({ to: uniqueEmail })',
    "received = await mail.waitFor({ to: 'ada@example.com', where: it => it.text.replace(/\\s+/g, ' ').includes('Welcome, Ada') })",
    "const url = received.links.find(it => it.text === 'Confirm')?.url ?? ''",
    "expect(url).not.toBe('')",
    'const found = /code: (\\d+)/.exec(received.text)',
    "const code = found?.[1] ?? found?.[0] ?? ''",
    "expect(code).not.toBe('')",
    "expect(await mail.list({ to: 'grace@example.com' })).toHaveLength(0)",
    "const response = await request.get(url.replace(/^(?:https:\\/\\/api\\.example\\.com)(?=[/?#]|$)/, ''))",
  ])
})

test('a URL in a variable leads to the app under test, not to production', () => {
  const lines = [
    'Save Value "https://api.example.com/users" As url',
    'GET ${url}',
    'GET ${url}/7',
    'GET /users?next=${url}',
  ]
  const path = "url.replace(/^(?:https:\\/\\/api\\.example\\.com)(?=[/?#]|$)/, '')"
  expect(linesOf(...lines).slice(1)).toEqual([
    `let response = await request.get(${path})`,
    `response = await request.get(\`\${${path}}/7\`)`,
    'response = await request.get(`/users?next=${encodeURIComponent(url)}`)',
  ])
  expect(specWith({ origins: [] }, ...lines).text).toContain('request.get(url)')
})

test('variables with the names of parts of a mail, and of what functions take, are not hidden', () => {
  expect(
    linesOf(
      'Save Value "Welcome" As text',
      'Save Value "Ada" As dialog',
      'Save Value "Confirm" As it',
      'The Mail To "ada@example.com" Should Contain "${text}"',
      'The Mail To "ada@example.com" Should Have Subject "${text}"',
      'Save Link "${it}" In The Mail As from',
      'Open /',
      'Answer The Next Dialog With "${dialog}"',
    ),
  ).toEqual([
    'const dialogs = watchDialogs(page)',
    "const text = 'Welcome'",
    "const dialogValue = 'Ada'",
    "const itValue = 'Confirm'",
    "let received = await mail.waitFor({ to: 'ada@example.com', where: it => it.text.replace(/\\s+/g, ' ').includes(`${text}`) })",
    "received = await mail.waitFor({ to: 'ada@example.com', where: it => it.subject === `${text}` })",
    "const from = received.links.find(it => it.text === `${itValue}`)?.url ?? ''",
    "expect(from).not.toBe('')",
    "await page.goto('/')",
    'dialogs.answers.push(dialog => dialog.accept(`${dialogValue}`))',
  ])
})

test('what cannot be known before the run stays in English', () => {
  const reasonOf = (...lines: string[]) => specOf(...lines).english.map(({ reason }) => reason)
  expect(reasonOf('The Date Is 2027-03-01')).toEqual(['it has no page whose clock could be set'])
  expect(reasonOf('Open /', 'Click 2nd "Add"')).toEqual(['one of several has no role'])
  expect(reasonOf('The Date Is tomorrow', 'Open /')).toEqual(['its date depends on the day'])
  expect(reasonOf('Switch To The New Tab')).toEqual(['no sentence above it opens a tab'])
  expect(reasonOf('Open /', 'Close The Tab', 'Click "Add"')).toEqual(['all tabs that it was on are closed'])
  expect(reasonOf('Save Link In The Mail As url')).toEqual(['no sentence above it waits for a mail'])
  expect(reasonOf('Open /', 'Save Address As name', 'In Frame "${name}"')).toEqual(['its name has a variable'])
  expect(reasonOf('Retry Until The Mail To "a@example.com" Should Contain "a" For 5s')).toEqual([
    'the sentence that it repeats saves received',
  ])
  expect(reasonOf('Open /', 'Retry Until In Frame "Payment" For 5s', 'Click "Pay"')).toEqual([
    'the sentence that it repeats changes the tab or the frame',
  ])
})
