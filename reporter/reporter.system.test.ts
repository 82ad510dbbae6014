import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { expect } from '@playwright/test'
import { browserUse, findChromium } from '../fixtures/browser/chromium.ts'
import { imported } from '../testing/built/built-modules.ts'
import { shownTests } from '../testing/nested-monitor/html-report.ts'
import { textsIn } from '../testing/nested-monitor/texts.ts'
import { type NestedRun, test } from '../testing/nested-run/nested-run.ts'
import { shownForms } from '../testing/random-secret.ts'

/** Without words, so that no part of one stands anywhere by chance. Only LITERAL is in the project's files: what is found was left by the run. */
const canaries = {
  DECLARED: 'Kq83-"<ü>-Wz5Yhx',
  HEADER: 'Zt19Lw_Fv60Jkq8',
  BASIC: 'Vn52-Ub7Xg3Qpd',
  COOKIE: 'Hx77.Yk4Tm9Rvz',
  BODY: 'Rm40-Jw8Pz2Cxk',
  PASSWORD: 'Gd66-Lq1Nv5Swh',
  PERSON: 'xqvjkw.pfzu@zzkqh.dev',
  OTHER: 'wvqzxk.hjfu@kqzzt.dev',
  // In the spec itself, of which the report shows lines.
  LITERAL: 'Bw61Tf-Yx39Qvz',
  QUERIED: 'kwzvqj.pfxu@zzkqh.dev',
}

const spec = `
import { createServer } from 'node:http'
const { HEADER, BASIC, COOKIE, BODY, PASSWORD, PERSON, DECLARED, QUERIED } = process.env
const page = '<label>Password <input type="password"></label>'
test.use({ baseURL: async ({}, use) => {
  const server = createServer((request, response) => {
    response.setHeader('set-cookie', 'sid=' + COOKIE + '; HttpOnly')
    if (request.method === 'GET') return response.setHeader('content-type', 'text/html').end(page)
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ access_token: BODY, email: PERSON, plan: 'team' }))
  }).listen(0, '127.0.0.1')
  await new Promise(resolve => server.once('listening', resolve))
  await use('http://127.0.0.1:' + server.address().port)
  server.closeAllConnections()
  server.close()
} })
test('signs in', async ({ request, page }, testInfo) => {
  const login = await request.post('/login', { headers: { authorization: 'Bearer ' + HEADER } })
  await request.post('/login', { headers: { authorization: 'Basic ' + btoa('ann:' + BASIC) } })
  await request.post('/login', { headers: { 'x-api-key': '${canaries.LITERAL}' } })
  await page.goto('/')
  await page.getByLabel('Password').fill(PASSWORD)
  console.log('token ' + HEADER + ' of', DECLARED)
  await testInfo.attach('rows', { contentType: 'application/json', body: JSON.stringify({ columns: ['id', 'email'], inserted: [['1', process.env.OTHER]] }) })
  const entries = [{ sql: 'select 1 from users where lower(email) = lower($1)', parameters: [QUERIED] }]
  await testInfo.attach('statements', { contentType: 'application/json', body: JSON.stringify({ entries }) })
  await testInfo.attach('note', { body: 'basic ' + BASIC + ', cookie ' + COOKIE + ', ' + QUERIED + ', ' + process.env.OTHER })
  expect((await login.json()).access_token + DECLARED).toBe('none')
})`

function configured(options: Record<string, unknown>) {
  const config = {
    testDir: '.',
    workers: 1,
    outputDir: 'test-results',
    globalSetup: imported('postgres/global-setup'),
    use: { trace: 'on', target: { headers: { 'x-smoke': `\${secret:DECLARED}` } }, ...browserUse() },
  }
  return `import { redactedReport } from '${imported('reporter/index')}'
export default { ...${JSON.stringify(config)}, reporter: [['line'], ...redactedReport(${JSON.stringify(options)})] }`
}

/** Parts of the values, by name, in everything in these folders. */
async function found(folders: readonly string[]): Promise<string[]> {
  const texts = (await Promise.all(folders.map(textsIn))).flat().join('\n')
  return Object.entries(canaries).flatMap(([name, value]) =>
    shownForms(value, texts).map(({ form, part }) => `${name} ${form}: ${part}`),
  )
}

const left = async ({ folder }: NestedRun) =>
  (await readdir(path.join(folder, '.reprise'), { recursive: true })).filter(name => name.endsWith('.zip'))

test('the report of a run has no credential, and is whole otherwise', async ({ startRun }) => {
  test.skip(!findChromium(), 'No browser was found.')
  const also = [['junit', { outputFile: 'results/junit.xml' }]]
  const run = await startRun({
    spec,
    files: {
      'playwright.config.ts': configured({ personal: ['email'], also, blob: 'results/blob/shard-1.zip' }),
    },
    env: canaries,
  })
  const { exitCode, output } = await run.result()
  expect(exitCode).toBe(1)
  expect(output).toContain('The redacted report: npx playwright show-report')

  const page = path.join(run.folder, 'playwright-report/index.html')
  const [shown] = await shownTests(page)
  expect(shown).toMatchObject({ title: 'signs in', outcome: 'unexpected' })
  expect(shown?.results[0]?.attachments.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['rows', 'note', 'stdout', 'trace', 'summary of the run']),
  )
  expect(await readFile(path.join(run.folder, 'results/junit.xml'), 'utf8')).toContain('[access_token][DECLARED]')
  expect(existsSync(path.join(run.folder, 'results/blob/shard-1.zip'))).toBe(true)

  const folders = ['playwright-report', 'results', 'test-results'].map(name => path.join(run.folder, name))
  expect(await found(folders)).toEqual([])
  expect(await left(run)).toEqual([])
  // What is no credential is there.
  const texts = (await Promise.all(folders.map(textsIn))).flat().join('\n')
  expect(texts).toContain('[email]')
  expect(texts).toContain('team')
})

test('the summary has the SQL of each test, and what is new since the last green run', async ({ startRun }) => {
  const project = {
    spec: `
test('counts', async ({ db }) => { for (let n = 0; n < 7; n++) await db.query('select $1::int', [n]) })
test('breaks', async () => { expect(process.env.BREAKS).toBe('no') })`,
    files: { 'playwright.config.ts': configured({}) },
  }
  const first = await startRun({ ...project, env: { BREAKS: 'no' } })
  expect((await first.result()).exitCode).toBe(0)
  const second = await startRun({ ...project, folder: first.folder, env: { BREAKS: 'yes' } })
  expect((await second.result()).exitCode).toBe(1)
  const tests = await shownTests(path.join(first.folder, 'playwright-report/index.html'))
  const attached = tests.flatMap(({ title, results }) =>
    results.flatMap(({ attachments }) => attachments.map(({ name, path }) => ({ title, name, path }))),
  )
  const summaries = attached.filter(({ name }) => name === 'summary of the run')
  expect(summaries).toMatchObject([{ title: 'breaks' }])
  const page = await readFile(path.join(first.folder, 'playwright-report', summaries[0]?.path ?? ''), 'utf8')
  expect(page).toMatch(/counts<\/td><td class="number">7</)
  expect(page).toMatch(/Fails now .*\n.*nested.spec.ts › breaks/)
})

test('an option that does not exist ends the run before it begins', async ({ startRun }) => {
  const run = await startRun({
    spec: "test('never runs', () => {})",
    files: { 'playwright.config.ts': configured({ htlm: false }) },
  })
  const { exitCode, output } = await run.result()
  expect(exitCode).toBe(1)
  expect(output).toContain('redactedReport has no option htlm: it has html, blob, also, secrets, personal, pictures.')
})

test('a report that cannot be made is an error of the run, and nothing is left with credentials', async ({
  startRun,
}) => {
  const run = await startRun({
    spec: "test('passes', () => {})",
    files: { 'playwright.config.ts': configured({ also: [['./missing-reporter.ts']] }) },
  })
  const { exitCode, output } = await run.result()
  expect(exitCode).toBe(1)
  expect(output).toContain('The redacted report could not be made: npx playwright merge-reports ended with exit code 1')
  expect(output).toContain('missing-reporter')
  expect(await left(run)).toEqual([])
  expect((await readdir(run.folder)).filter(name => name.includes('reprise-report'))).toEqual([])
})
