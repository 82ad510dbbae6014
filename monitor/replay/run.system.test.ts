import { expect } from '@playwright/test'
import { test } from '../../testing/nested-monitor/nested-monitor.ts'

test('the document has every check, spec, attempt and request', async ({ serve, project }) => {
  const base = await serve((request, response) => {
    const delay = request.url === '/slow' ? 1200 : 0
    setTimeout(() => response.writeHead(request.url === '/broken' ? 500 : 200).end('{}'), delay)
  })
  const monitor = await project(base, {
    checks: {
      all: { specs: 'a.spec.ts', retries: 1, slowAbove: '1s' },
      good: { specs: '*.spec.ts', tag: '@good' },
      titled: { title: 'good ones' },
      none: { specs: 'a.spec.ts', tag: '@none' },
      local: { specs: 'a.spec.ts', title: 'database' },
    },
    files: {
      'a.spec.ts': `
        test.describe('good ones', { tag: '@good' }, () => {
          test('answers', async ({ request }) => { expect((await request.get('/')).status()).toBe(200) })
        })
        test('is broken', async ({ request }) => { expect((await request.get('/broken')).status()).toBe(200) })
        test('is slow', async ({ request }) => { await request.get('/slow') })
        test('passes on the second try', async ({ request }, { retry }) => { await request.get('/'); expect(retry).toBe(1) })
        test('needs the database', async ({ db }) => { await db.query('select 1') })
        test('is skipped', async () => { test.skip(true, 'not now') })`,
      'b.spec.ts': `test('other', { tag: '@good' }, async ({ request }) => { await request.get('/') })`,
      'drafts/c.spec.ts': `test.describe('good ones', () => { test('is a draft', async () => { expect(1).toBe(2) }) })`,
    },
    playwright: { testIgnore: 'drafts/**' },
  })
  const document = await monitor.replay({ hasPage: true })
  expect(document).toMatchObject({ version: 1, exitCode: 1, environment: 'production' })
  expect(document.checks.map(({ name, outcome, reason }) => ({ name, outcome, reason }))).toEqual([
    { name: 'all', outcome: 'failed' },
    { name: 'good', outcome: 'passed' },
    { name: 'titled', outcome: 'passed' },
    { name: 'none', outcome: 'unknown', reason: 'no specs' },
    { name: 'local', outcome: 'unknown', reason: 'none of its specs can be replayed' },
  ])
  const [all, good] = document.checks
  expect(all?.specs).toMatchObject([
    { title: 'good ones › answers', file: 'a.spec.ts', line: 3, outcome: 'passed' },
    {
      outcome: 'failed',
      attempts: [
        {
          outcome: 'failed',
          error: { message: expect.stringContaining('Expected: 200'), file: 'a.spec.ts', line: 5 },
          requests: [{ method: 'GET', url: `${base}/broken`, status: 500, totalMs: expect.any(Number) }],
        },
        { outcome: 'failed' },
      ],
    },
    { outcome: 'slow', reason: expect.stringMatching(/^GET http:.*\/slow took \d+ ms, more than 1000 ms$/) },
    { outcome: 'flaky', attempts: [{ outcome: 'failed' }, { outcome: 'passed' }] },
  ])
  expect(all?.notReplayable).toEqual([
    { title: 'needs the database', reason: 'needs db' },
    { title: 'is skipped', reason: 'is skipped: not now' },
  ])
  expect(good?.specs.map(({ title }) => title)).toEqual(['good ones › answers', 'other'])
  expect(document.report).toMatch(/^\.reprise\/runs\/.*\/index\.html$/)
})

test('a check that passes without evidence about the service is unknown', async ({ serve, project }) => {
  const base = await serve((request, response) => {
    if (request.url === '/never') return
    response.end()
  })
  const files = {
    'silent.spec.ts': `test('asks nothing', async () => { expect(1).toBe(1) })`,
    'trusting.spec.ts': `test('expects nothing', async ({ request }) => { await request.get('/') })`,
    'skipping.spec.ts': `test('skips itself', async ({ request }) => { await request.get('/'); test.skip(true, 'down') })`,
    'hook-skips.spec.ts': `test.beforeAll(async ({ playwright, baseURL }) => {
        test.skip((await (await playwright.request.newContext({ baseURL })).get('/')).ok(), 'down')
      })
      for (const n of [1, 2]) test('is for it ' + n, async ({ request }) => { expect(await request.get('/')).toBeOK() })`,
    'skips-later.spec.ts': `test.beforeAll(async ({ playwright, baseURL }) => {
        await (await playwright.request.newContext({ baseURL })).get('/')
      })
      test('skips itself', async () => { test.skip(true, 'down') })`,
    'otherwise.spec.ts': `test('throws', async ({ request }) => { if (!(await request.get('/')).ok()) throw new Error('no') })`,
    'hasty.spec.ts': `test('does not await', async ({ request }) => {
      void request.get('/never').catch(() => undefined)
      expect(1).toBe(1)
    })`,
    'forgiving.spec.ts': `test('catches errors', async ({ request }) => {
      const answer = await request.get('http://127.0.0.1:1/').catch(() => undefined)
      const own = await request.get('/never', { timeout: 100 }).catch(() => undefined)
      const fetched = await fetch('${new URL('/never', base)}', { signal: AbortSignal.timeout(100) }).catch(() => undefined)
      expect([answer, own, fetched].every(given => given?.ok() ?? true)).toBe(true)
    })`,
    'hooks.spec.ts': `let status = 0
      test.beforeAll(async ({ playwright }) => { status = (await (await playwright.request.newContext()).get('/')).status() })
      for (const n of [1, 2]) test('expects ' + n, async () => { expect(status).toBe(200) })`,
  }
  const names = Object.keys(files).map(file => file.replace('.spec.ts', ''))
  const monitor = await project(base, {
    defaults: { evidence: 'expect' },
    checks: Object.fromEntries(
      names.map(name => [name, { specs: `${name}.spec.ts`, ...(name === 'otherwise' && { evidence: 'requests' }) }]),
    ),
    files,
  })
  const document = await monitor.replay()
  expect(document.exitCode).toBe(1)
  const unanswered = expect.stringMatching(/^no evidence: none of its requests to the environment was answered/)
  expect(document.checks.map(({ name, outcome, reason }) => [name, outcome, reason])).toEqual([
    ['silent', 'unknown', 'no evidence: it sent nothing to the environment'],
    [
      'trusting',
      'unknown',
      expect.stringMatching(/^no evidence: it evaluated no `expect`; .*evidence: 'requests' in its check/),
    ],
    ['skipping', 'unknown', 'is skipped: down, after requests were sent'],
    ['hook-skips', 'unknown', 'is skipped: down, after requests were sent'],
    ['skips-later', 'unknown', expect.stringMatching(/^is skipped: down, after requests were sent by a hook/)],
    ['otherwise', 'passed', undefined],
    ['hasty', 'unknown', unanswered],
    ['forgiving', 'unknown', unanswered],
    ['hooks', 'passed', undefined],
  ])
  expect(document.checks.find(({ name }) => name === 'hook-skips')).toMatchObject({
    specs: [{ outcome: 'unknown' }, { outcome: 'unknown' }],
    notReplayable: [],
  })
})

test('a run without anything to replay has an exit code of its own', async ({ project }) => {
  const monitor = await project('http://127.0.0.1:1', { checks: { none: { specs: 'nothing.spec.ts' } }, files: {} })
  const document = await monitor.replay()
  expect(document.exitCode).toBe(3)
  expect(document.checks).toMatchObject([{ outcome: 'unknown', reason: 'no specs' }])
})

test('only the check whose spec does not compile is an error', async ({ serve, project }) => {
  const base = await serve((_request, response) => response.end())
  const good = `test('answers', async ({ request }) => { await request.get('/') })`
  const monitor = await project(base, {
    checks: {
      good: { specs: 'good.spec.ts' },
      broken: { specs: 'broken.spec.ts' },
      // The file that it imports is broken; its own name does not show that.
      indirect: { specs: 'indirect.spec.ts' },
      focused: { specs: 'focused.spec.ts' },
      lost: { specs: 'good.spec.ts', project: 'mobile' },
    },
    files: {
      'good.spec.ts': good,
      'broken.spec.ts': `test('broken', async () => { const })`,
      'broken.ts': 'export const = 7',
      'indirect.spec.ts': `import './broken.ts'\n${good}`,
      'focused.spec.ts': `test.only('answers', async ({ request }) => { await request.get('/') })`,
    },
    playwright: { projects: [{ name: 'api' }] },
  })
  const document = await monitor.replay()
  expect(document.exitCode).toBe(2)
  expect(document.checks).toMatchObject([
    { name: 'good', outcome: 'passed' },
    {
      name: 'broken',
      outcome: 'error',
      reason: expect.stringMatching(/SyntaxError: .*broken\.spec\.ts: Unexpected token/),
    },
    { name: 'indirect', outcome: 'error', reason: expect.stringMatching(/broken\.ts: Unexpected token/) },
    { name: 'focused', outcome: 'error', reason: expect.stringContaining("focused with '.only'") },
    {
      name: 'lost',
      outcome: 'error',
      reason: `checks.lost.project is "mobile": there is no such project in Playwright's config; there is api.`,
    },
  ])

  const validated = await monitor.start(['validate', '--json']).result
  expect(validated.code).toBe(2)
  const { faults } = JSON.parse(validated.stdout)
  expect(faults.map(({ path }: { path: string }) => path)).toEqual([
    'checks.broken.specs',
    'checks.indirect.specs',
    'checks.focused.specs',
    'checks.lost.project',
  ])
})

test('a check without tests is reported in the words of the configuration', async ({ project }) => {
  const monitor = await project('http://127.0.0.1:1', {
    checks: {
      none: { specs: 'README.md' },
      several: { specs: 'good.spec.ts', tag: ['@one', '@two'], title: 'nowhere' },
      mistyped: { specs: 'good.spec.ts', project: 'apj' },
    },
    files: { 'good.spec.ts': `test('answers', () => {})`, 'README.md': '' },
    playwright: { projects: [{ name: 'api' }] },
  })
  const { code, stderr } = await monitor.start(['validate']).result
  expect(code).toBe(2)
  expect(stderr.split('\n')).toEqual([
    'monitor.config.mjs has 3 faults:',
    expect.stringMatching(/^ {2}- checks\.none\.specs is "README\.md": no spec fits all of it; /),
    expect.stringMatching(
      /^ {2}- checks\.several is \{ specs: "good\.spec\.ts", tag: \["@one","@two"\], title: "nowhere" \}: no spec fits/,
    ),
    `  - checks.mistyped.project is "apj": there is no such project in Playwright's config; did you mean api?`,
    '',
  ])
  const run = await monitor.start(['run', 'none']).result
  expect(run.stdout).toMatch(/^none .* no specs: run monitor validate for the reason\n/)
})

test('the dependencies of a project run before it, and their failure is reported', async ({ serve, project }) => {
  const base = await serve((request, response) => response.writeHead(request.url === '/login' ? 401 : 200).end())
  const monitor = await project(base, {
    checks: { users: { specs: 'users.spec.ts' } },
    files: {
      'login.setup.ts': `import { test, expect } from '@playwright/test'
        test('logs in', async ({ request }) => { expect((await request.get('/login')).status()).toBe(200) })`,
      'users.spec.ts': `test('answers', async ({ request }) => { await request.get('/') })`,
    },
    playwright: {
      projects: [
        { name: 'login', testMatch: '*.setup.ts' },
        { name: 'api', dependencies: ['login'] },
      ],
    },
  })
  const document = await monitor.replay()
  expect(document.exitCode).toBe(1)
  expect(document.checks).toMatchObject([
    {
      outcome: 'failed',
      specs: [
        {
          title: 'answers',
          attempts: [{ error: { message: expect.stringMatching(/^What it depends on failed: logs in: .*toBe/s) } }],
        },
      ],
    },
  ])
})
