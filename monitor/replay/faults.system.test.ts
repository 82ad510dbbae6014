import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { readdir, readFile, stat } from 'node:fs/promises'
import { setPriority } from 'node:os'
import path from 'node:path'
import { expect } from '@playwright/test'
import { browserUse, findChromium } from '../../fixtures/browser/chromium.ts'
import { imported } from '../../testing/built/built-modules.ts'
import { shownTests } from '../../testing/nested-monitor/html-report.ts'
import { test } from '../../testing/nested-monitor/nested-monitor.ts'

test('a target that hangs, resets, trickles or answers with garbage fails its check in time, and no other', async ({
  serve,
  project,
}) => {
  const base = await serve((request, response) => {
    switch (request.url) {
      case '/hang':
        return
      case '/reset':
        return request.socket.resetAndDestroy()
      case '/garbage':
        return request.socket.end('HTTP/9.9 what\u0000ever\r\n\r\n')
      case '/trickle': {
        response.writeHead(200)
        const timer = setInterval(() => response.write('.'), 50)
        return request.once('close', () => clearInterval(timer))
      }
      default:
        return response.end()
    }
  })
  const names = ['hang', 'reset', 'garbage', 'trickle', 'good']
  const monitor = await project(base, {
    checks: Object.fromEntries(
      names.map(name => [
        name,
        { specs: 'target.spec.ts', title: `asks /${name}`, ...(/hang|trickle/.test(name) && { timeout: '4s' }) },
      ]),
    ),
    files: {
      'target.spec.ts': `for (const name of ${JSON.stringify(names)}) {
        test('asks /' + name, async ({ request }) => { await (await request.get('/' + name)).text() })
      }`,
    },
  })
  const { checks, exitCode } = await monitor.replay()
  // Where the machine was too busy during the test, that is the reason.
  const hangs = expect.stringMatching(/^failed$|^monitor overloaded: /)
  expect(checks.map(({ name, outcome, reason }) => [name, outcome === 'error' ? reason : outcome])).toEqual([
    ['hang', hangs],
    ['reset', 'failed'],
    ['garbage', 'failed'],
    ['trickle', hangs],
    ['good', 'passed'],
  ])
  expect(exitCode).toBe(checks.some(({ outcome }) => outcome === 'error') ? 2 : 1)
  for (const { durationMs, specs } of checks) {
    // Of those that never end by themselves.
    expect(durationMs).toBeLessThan(25_000)
    expect(specs).toHaveLength(1)
  }
})

/** Blocks its worker as a loop does, without taking a processor for all that time. */
const blocked = 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)'

test('a test in an endless loop fails, earlier results stay, and the other tests are started again', async ({
  serve,
  project,
}) => {
  const seen: string[] = []
  const base = await serve((request, response) => {
    seen.push(request.url ?? '')
    response.end()
  })
  const ask = (name: string) => `test('asks ${name}', async ({ request }) => { await request.get('/${name}') })`
  const monitor = await project(base, {
    defaults: { retries: 1 },
    checks: {
      first: { specs: 'a.spec.ts' },
      endless: { specs: 'b.spec.ts' },
      'endless-too': { specs: 'c.spec.ts' },
      last: { specs: 'd.spec.ts' },
    },
    files: {
      'a.spec.ts': ask('a'),
      // Only what never ends has little time.
      'b.spec.ts': `${ask('b')}
        test.describe(() => {
        test.describe.configure({ timeout: 2000 })
        test('loops › for [ever] > "now"', async ({ request }) => {
          const { spawn } = await import('node:child_process')
          const pids = [{}, { env: {} }].map(more => spawn('/bin/sleep', ['600'], { detached: true, ...more }).pid)
          await request.get('/started?' + pids)
          for (;;);
        })
        })
        ${ask('after')}`,
      'c.spec.ts': `test.describe.configure({ timeout: 2000 })
      test('blocks as well', async ({ request }) => {
        await request.get('/c')
        ${blocked}
      })`,
      'd.spec.ts': ask('d'),
    },
  })
  const document = await monitor.replay({ hasPage: true })
  expect(document.exitCode).toBe(1)
  expect(document.checks.map(({ name, outcome }) => [name, outcome])).toEqual([
    ['first', 'passed'],
    ['endless', 'failed'],
    ['endless-too', 'failed'],
    ['last', 'passed'],
  ])
  expect(document.checks[1]?.specs).toMatchObject([
    { title: 'asks b', outcome: 'passed' },
    { outcome: 'failed', attempts: [{ error: { message: expect.stringContaining('look for an endless loop') } }] },
    { title: 'asks after', outcome: 'passed' },
  ])
  // Those of the tests: while they get no response, the base URL is requested as well.
  const [started, ...rest] = seen
    .filter(url => url !== '/')
    .sort()
    .reverse()
  expect(rest.reverse()).toEqual(['/a', '/after', '/b', '/c', '/d'])
  // What it had started ends with it.
  const pids = started?.split('?')[1]?.split(',') ?? []
  expect(pids).toHaveLength(2)
  for (const pid of pids) await expectEnded(Number(pid))
  expect(await reportOf(monitor.folder, document.report)).toContain('<html')
})

test('a test that ends Playwright itself is tried twice, a file that does when it is loaded once, and neither holds up others', async ({
  serve,
  project,
}) => {
  const seen: string[] = []
  const base = await serve((request, response) => {
    seen.push(request.url ?? '')
    response.end()
  })
  const monitor = await project(base, {
    checks: { deadly: { specs: 'a.spec.ts' }, exits: { specs: 'b.spec.ts' }, last: { specs: 'c.spec.ts' } },
    files: {
      'a.spec.ts': `test.describe.serial('in series', () => {
        test('is first', async ({ request }) => { await request.get('/first') })
        test('kills', async ({ request }) => { await request.get('/a'); process.kill(process.ppid, 'SIGKILL'); ${blocked} })
        test('is last', async ({ request }) => { await request.get('/never') })
      })`,
      'b.spec.ts': `process.exit()
        test('answers', async ({ request }) => { await request.get('/b') })`,
      'c.spec.ts': `test('answers', async ({ request }) => { await request.get('/c') })`,
    },
  })
  const document = await monitor.replay()
  expect(document.checks.map(({ name, outcome, reason }) => [name, outcome, reason])).toEqual([
    ['deadly', 'unknown', 'Playwright ended twice while it ran'],
    [
      'exits',
      'error',
      'Playwright ended while it loaded the specs, or in globalSetup: look for process.exit() outside of the tests',
    ],
    ['last', 'passed', undefined],
  ])
  expect(document.checks[0]?.specs.map(({ title, outcome, reason }) => [title, outcome, reason])).toEqual([
    ['in series › is first', 'passed', undefined],
    ['in series › kills', 'unknown', 'Playwright ended twice while it ran'],
    ['in series › is last', 'unknown', 'Playwright ended twice while a test before it ran'],
  ])
  expect(seen.filter(url => url !== '/').sort()).toEqual(['/a', '/a', '/c', '/first', '/first'])

  // It is found to be no file's fault at once.
  const names = ['a', 'b', 'c', 'd']
  const setUp = await project(base, {
    checks: Object.fromEntries(names.map(name => [name, { specs: `${name}.spec.ts` }])),
    files: {
      ...Object.fromEntries(names.map(name => [`${name}.spec.ts`, `test('answers', async () => undefined)`])),
      'setup.ts': `export default async () => {
        await fetch(process.env.REPRISE_TARGET + '/setup')
        console.log('no database')
        process.exit()
      }`,
    },
    playwright: { globalSetup: './setup.ts' },
  })
  const { checks } = await setUp.replay()
  const why = expect.stringMatching(/^Playwright ended while it loaded the specs, or in globalSetup: .*: no database/)
  expect(checks.map(({ outcome, reason }) => [outcome, reason])).toEqual(names.map(() => ['error', why]))
  expect(seen.filter(url => url === '/setup')).toHaveLength(2)
})

test('a spec may print a gigabyte, and neither memory nor disk is filled', async ({ serve, project }) => {
  const base = await serve((_request, response) => response.end())
  const monitor = await project(base, {
    checks: { loud: { specs: 'loud.spec.ts' }, quiet: { specs: 'quiet.spec.ts' } },
    files: {
      'loud.spec.ts': `test('prints', async ({ request }) => {
        await request.get('/')
        const megabyte = 'x'.repeat(1_000_000)
        for (let i = 0; i < 1000; i++) (i % 2 ? console.log : console.error)(megabyte)
        process.stdout.write('done', () => undefined)
      })
      // Also where no test has caused it.
      console.log('y'.repeat(10_000_000))`,
      'quiet.spec.ts': `test('says a word', async ({ request }) => { await request.get('/'); console.log('a word') })`,
    },
  })
  const { code, document, stdout, stderr } = await monitor.run()
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(document.checks.map(({ outcome }) => outcome)).toEqual(['passed', 'passed'])
  expect(stdout.length).toBeLessThan(5000)
  expect(await sizeOf(path.join(monitor.folder, '.reprise'))).toBeLessThan(10_000_000)
})

/** The reason for what hangs. Where it had no processor for most of its time, that is the reason. */
const hung = (reason: RegExp) => expect.stringMatching(new RegExp(`${reason.source}|^monitor overloaded: `))

test('a fault of the monitor is an error, by the place of its error; a failure with the same message is none', async ({
  serve,
  project,
}) => {
  const quoted =
    'Error: worker process exited unexpectedly; browserType.launch: ENOSPC: The ledger cannot be written in'
  const base = await serve(({ url }, response) => {
    const script = url === '/page' ? "<script>fetch('/orders', { method: 'POST' })</script>" : ''
    if (url?.startsWith('/page')) response.setHeader('content-type', 'text/html').end(script)
    else if (url !== '/hang') response.writeHead(500).end(quoted)
  })
  const elsewhere = await serve(() => undefined)
  const chromium = findChromium()
  const files = {
    'crash.spec.ts': `plain('kills its worker', async () => { process.kill(process.pid, 'SIGKILL') })`,
    'browser.spec.ts': `plain.use({ launchOptions: { executablePath: '/nowhere/chromium' } })
        plain('opens a page', async ({ page }) => { await page.goto('/') })`,
    'own-browser.spec.ts': `test('opens a page', async ({ request, playwright }) => {
        await request.get('/')
        await playwright.chromium.launch({ executablePath: '/nowhere/chromium' })
      })`,
    'full.spec.ts': `test('writes a file', async ({ request }) => {
        await request.get('/')
        await (await import('node:fs/promises')).writeFile('/dev/full', 'x')
      })`,
    'refused.spec.ts': `test('writes', async ({ request }) => { await request.post('/orders') })`,
    'fixture.spec.ts': `const slow = test.extend({ thing: async ({}, use) => { await new Promise(() => undefined); await use(1) } })
        slow('waits', async ({ request, thing }) => { await request.get('/') })`,
    'hook.spec.ts': `test.beforeAll(async ({ playwright }) => { await (await playwright.request.newContext()).get('${elsewhere}/') })
        test('follows', async ({ request }) => { await request.get('/') })`,
    'later-hook.spec.ts': `let isAnswered = false
        test.beforeAll(async ({ playwright }) => {
          const context = await playwright.request.newContext()
          context.get('${base}/hang').then(() => { isAnswered = true }, () => undefined)
        })
        test('is first', async ({ request }) => { await request.get('/') })
        test.describe('later', () => {
          test.beforeAll(() => expect.poll(() => isAnswered, { timeout: 10_000 }).toBe(true))
          test('follows', async ({ request }) => { await request.get('/') })
        })`,
    'wrapped.spec.ts': `import axios from 'axios'
      test('by a client', async ({ baseURL }) => { await axios.post(baseURL + '/orders') })
      test('with a cause', async () => {
        await fetch('${base}/orders', { method: 'POST' }).catch(cause => { throw new Error('no order', { cause }) })
      })`,
    'sequel.spec.ts': `test.describe(() => {
        let browser
        test.beforeEach(async ({ request }) => { await request.get('/') })
        test('opens a page', async ({ playwright }) => {
          browser = await playwright.chromium.launch({ executablePath: '/nowhere/chromium' })
        })
        test.afterEach(async ({ request }) => {
          await request.get('/')
          await browser.close()
        })
      })
`,
    'caught.spec.ts': `const isUp = async request => expect((await request.get('/')).status()).toBe(200)
      test('writes first', async ({ request }) => {
        await request.post('/orders').catch(() => undefined)
        await isUp(request)
      })
      test('launches first', async ({ request, playwright }) => {
        await playwright.chromium.launch({ executablePath: '/nowhere/chromium' }).catch(() => undefined)
        await isUp(request)
      })
      test('writes in between', async ({ request }) => {
        const answer = await request.get('/')
        await request.post('/orders').catch(() => undefined)
        expect(answer.status()).toBe(200)
      })
      test('writes in a hook', async ({ request }) => { await isUp(request) })
      test.beforeAll(async ({ playwright, baseURL }) => {
        await (await playwright.request.newContext({ baseURL })).post('/orders').catch(() => undefined)
      })
      test('writes after a soft failure', async ({ request }) => {
        expect.soft((await request.get('/')).status()).toBe(200)
        await request.post('/orders')
      })
      test.describe(() => {
        test('writes before a hook that fails', async ({ request }) => { await request.post('/orders') })
        test.afterEach(({ request }) => isUp(request))
      })
`,
    'pages.spec.ts': `// It waits for nothing, so that it is no fault of an overloaded machine.
      const isSaved = async page => expect(await page.locator('p').count()).toBe(1)
      test('writes by a page', async ({ page }) => {
        const refused = page.waitForEvent('requestfailed')
        await page.goto('/page')
        await refused
        await isSaved(page)
      })
      test('writes by a page that the service fails', async ({ page }) => {
        await page.goto('/')
        await page.evaluate(() => fetch('/errors', { method: 'POST' }).catch(() => undefined))
        await isSaved(page)
      })
      test('ends the browser', async ({ browser, page }) => {
        await page.goto('/page?')
        await (await browser.newBrowserCDPSession()).send('Browser.crash').catch(() => undefined)
        await isSaved(page)
      })`,
    'quoting.spec.ts': `test('throws', async ({ request }) => { throw new Error(await (await request.get('/')).text()) })
      test('expects', async ({ request }) => { expect(await (await request.get('/')).text()).toBe('ok') })`,
  }
  const names = Object.keys(files)
    .map(file => file.replace('.spec.ts', ''))
    .filter(name => name !== 'pages' || chromium)
  const monitor = await project(base, {
    // Only what never ends has little time.
    checks: Object.fromEntries(
      names.map(name => [name, { specs: `${name}.spec.ts`, ...(/fixture|hook/.test(name) && { timeout: '3s' }) }]),
    ),
    files,
    playwright: { use: browserUse(chromium) },
  })
  const document = await monitor.replay()
  expect(document.exitCode).toBe(2)
  expect(document.checks.map(({ name, outcome, reason }) => [name, outcome, reason])).toEqual([
    ['crash', 'error', expect.stringContaining('worker process exited unexpectedly')],
    ['browser', 'error', expect.stringContaining('browserType.launch')],
    ['own-browser', 'error', expect.stringContaining('browserType.launch')],
    ['full', 'error', expect.stringContaining('ENOSPC: no space left on device')],
    ['refused', 'error', expect.stringContaining('writes to production are refused')],
    ['fixture', 'error', hung(/timeout of 3000ms.*Nothing had been sent.*under way: .*Fixture "thing"/)],
    ['hook', 'error', hung(/hook timeout of 3000ms.*Nothing had been sent.*under way: .*beforeAll hook/)],
    ['later-hook', 'failed', undefined],
    ['wrapped', 'error', expect.stringContaining('writes to production are refused')],
    ['sequel', 'error', expect.stringContaining('browserType.launch')],
    ['caught', 'failed', undefined],
    ...(chromium ? [['pages', 'failed', undefined]] : []),
    ['quoting', 'failed', undefined],
  ])
  const outcomesOf = (check: string) =>
    Object.fromEntries(
      document.checks.find(({ name }) => name === check)?.specs.map(({ title, outcome }) => [title, outcome]) ?? [],
    )
  expect(outcomesOf('quoting')).toEqual({ throws: 'failed', expects: 'failed' })
  expect(outcomesOf('wrapped')).toEqual({ 'by a client': 'error', 'with a cause': 'error' })
  expect(outcomesOf('sequel')).toEqual({ 'opens a page': 'error' })
  // Another fault of ours does not hide that of the service.
  expect(outcomesOf('caught')).toEqual({
    'writes first': 'failed',
    'launches first': 'failed',
    'writes in between': 'failed',
    'writes in a hook': 'failed',
    'writes after a soft failure': 'failed',
    'writes before a hook that fails': 'failed',
  })
  if (chromium) {
    expect(outcomesOf('pages')).toEqual({
      'writes by a page': 'error',
      'writes by a page that the service fails': 'failed',
      'ends the browser': 'error',
    })
  }
  const shown = document.checks.find(({ name }) => name === 'caught')?.specs ?? []
  for (const { title, attempts } of shown) {
    expect(attempts.at(-1)?.error?.message, title).toMatch(/expect\(/)
  }
})

test('a test that gets no processor in time is a fault of the monitor, and one whose service hangs is not', async ({
  serve,
  project,
}) => {
  test.skip(process.platform !== 'linux', 'pins processes to one processor')
  const others: ChildProcess[] = []
  const burn = 'for (const end = Date.now() + 6000; Date.now() < end; );'
  const base = await serve(({ url }, response) => {
    // Others take the processor four times as often from now on.
    while (url === '/busy' && others.filter(({ exitCode }) => exitCode === null).length < 4)
      others.push(spawn('taskset', ['-c', '0', process.execPath, '-e', burn]))
    if (url !== '/hang') response.end()
  })
  const monitor = await project(base, {
    defaults: { timeout: '4s' },
    checks: {
      hanging: { specs: 'a.spec.ts' },
      busy: { specs: 'b.spec.ts' },
      slow: { specs: 'c.spec.ts', slowAbove: '1ms', timeout: '30s' },
    },
    files: {
      'a.spec.ts': `test('hangs', async ({ request }) => { await request.get('/hang') })`,
      // It needs two seconds of processor.
      'b.spec.ts': `test('computes', async ({ request }) => {
        await request.get('/busy')
        for (const start = process.cpuUsage().user; process.cpuUsage().user < start + 2_000_000; ) {
          for (const until = process.cpuUsage().user + 20_000; process.cpuUsage().user < until; );
          await new Promise(setImmediate)
        }
      })`,
      'c.spec.ts': `test('is in time', async ({ request }) => {
        await request.get('/busy')
        for (const start = process.cpuUsage().user; process.cpuUsage().user < start + 400_000; );
      })`,
    },
  })
  try {
    const { stdout } = await monitor.start(['run', '--json'], {}, ['taskset', '-c', '0']).result
    expect(JSON.parse(stdout).checks).toMatchObject([
      { outcome: 'failed' },
      { outcome: 'error', reason: expect.stringMatching(/^monitor overloaded: for \d+ of \d+ ms/) },
      { outcome: 'error', reason: expect.stringMatching(/^monitor overloaded: for \d+ of \d+ ms/) },
    ])
  } finally {
    for (const other of others) other.kill('SIGKILL')
  }
})

test('a test that asks for more time, and waits in one step for all of it, is not in an endless loop', async ({
  serve,
  project,
}) => {
  const base = await serve(({ url }, response) => {
    setTimeout(() => response.end(), url === '/report' ? 6000 : 0)
  })
  const asks = `async ({ request }) => { test.setTimeout(60_000); await request.get('/report') }`
  const monitor = await project(base, {
    checks: { reports: { specs: 'a.spec.ts', timeout: '1s' } },
    files: { 'a.spec.ts': `test('asks', ${asks})` },
  })
  expect((await monitor.replay()).checks).toMatchObject([{ outcome: 'passed' }])
})

test('a worker that gets no processor is an overloaded monitor, and not an endless loop', async ({
  serve,
  project,
}) => {
  test.skip(process.platform !== 'linux', 'pins processes to one processor')
  // It is started before, so that the response is not late, and ends with the worker, whose process id it gets.
  const burn = `process.stdin.once('data', worker => {
    const isThere = () => { try { return process.kill(Number(worker), 0) } catch { return false } }
    for (const end = Date.now() + 60000; Date.now() < end && isThere(); ) {
      for (const until = Date.now() + 100; Date.now() < until; );
    }
  })`
  const other = spawn('taskset', ['-c', '0', process.execPath, '-e', burn], { stdio: ['pipe', 'ignore', 'ignore'] })
  const base = await serve(({ url = '' }, response) => {
    const worker = url.split('?')[1]
    if (worker === undefined) return response.end()
    // From now on another process takes nearly all of its processor.
    execFileSync('taskset', ['-a', '-cp', '0', worker])
    setPriority(Number(worker), 19)
    // With autogroups, Linux shares processors by the priority of the session.
    if (existsSync(`/proc/${worker}/autogroup`)) writeFileSync(`/proc/${worker}/autogroup`, '19')
    other.stdin.write(worker)
    response.end()
  })
  const monitor = await project(base, {
    defaults: { timeout: '3s' },
    checks: { starved: { specs: 'a.spec.ts' } },
    files: {
      // Takes one second of processor time.
      'a.spec.ts': `test('computes', async ({ request }) => {
        await request.get('/?' + process.pid)
        for (const start = process.cpuUsage().user; process.cpuUsage().user < start + 1_000_000; );
      })`,
    },
  })
  try {
    expect((await monitor.replay()).checks).toMatchObject([
      { outcome: 'error', reason: expect.stringMatching(/^monitor overloaded: the test had to wait for a processor/) },
    ])
  } finally {
    other.kill('SIGKILL')
  }
})

test('a browser that hangs at launch is a fault of the monitor, and is ended', async ({ serve, project }) => {
  const base = await serve((_request, response) => response.end())
  const monitor = await project(base, {
    defaults: { timeout: '2s' },
    checks: { page: { specs: 'page.spec.ts' } },
    files: {
      'chromium.sh': '#!/bin/sh\necho $$ > "$(dirname "$0")/pid"\ntrap "" TERM INT\nsleep 600 & wait; sleep 600',
      'page.spec.ts': `(await import('node:fs')).chmodSync(import.meta.dirname + '/chromium.sh', 0o755)
        test('opens a page', async ({ page }) => { await page.goto('/') })`,
    },
    playwright: { use: { launchOptions: { executablePath: './chromium.sh' } } },
  })
  const document = await monitor.replay()
  expect(document.exitCode).toBe(2)
  expect(document.checks).toMatchObject([{ outcome: 'error', reason: expect.stringContaining('browserType.launch') }])
  const pid = Number(await readFile(path.join(monitor.folder, 'pid'), 'utf8'))
  await expectEnded(pid)
})

test('an error at the end of a worker is an error of the checks that it has run', async ({ serve, project }) => {
  const base = await serve((_request, response) => response.end())
  const monitor = await project(base, {
    checks: { untidy: { specs: 'untidy.spec.ts' }, good: { specs: 'good.spec.ts', retries: 2 } },
    files: {
      'untidy.spec.ts': `const untidy = test.extend({ thing: [async ({}, use) => { await use(1); throw new Error('cannot end') }, { scope: 'worker' }] })
        untidy('answers', async ({ request, thing }) => { await request.get('/') })`,
      'good.spec.ts': `test('answers', async ({ request }) => { await request.get('/') })`,
    },
  })
  const document = await monitor.replay()
  expect(document.exitCode).toBe(2)
  expect(document.checks).toMatchObject([
    { outcome: 'error', reason: expect.stringContaining('cannot end'), specs: [{ outcome: 'passed' }] },
    { outcome: 'passed' },
  ])
})

test("a failure while the monitor's own network is down is an error", async ({ serve, project }) => {
  const online = await serve((_request, response) => response.writeHead(404).end())
  const spec = { 'a.spec.ts': `test('answers', async ({ request }) => { await request.get('/') })` }
  for (const [onlineProbe, outcome, expected] of [
    [online, 'failed', 1],
    ['http://127.0.0.1:1/', 'error', 2],
  ] as const) {
    const monitor = await project('http://127.0.0.1:1', {
      environment: { onlineProbe },
      checks: { users: { specs: 'a.spec.ts' } },
      files: spec,
    })
    const { exitCode, checks } = await monitor.replay()
    expect({ code: exitCode, outcome: checks[0]?.outcome }).toEqual({ code: expected, outcome })
  }
})

test('every failing test is tried, in one worker, and again in one further process; the report shows it as it was', async ({
  serve,
  project,
}) => {
  const base = await serve((request, response) => response.writeHead(request.url === '/good' ? 200 : 500).end())
  const ask = (title: string, url: string, more = '') =>
    `test('${title}', async ({ request }, { retry }) => {
      console.log('worker', process.pid, 'retry', retry)
      expect((await request.get('${url}')).status()).toBe(200)${more}
    })\n`
  const monitor = await project(base, {
    defaults: { retries: 1 },
    checks: {
      many: { specs: 'a.spec.ts' },
      more: { specs: 'b.spec.ts', retries: 0 },
      flaky: { specs: 'flaky.spec.ts' },
      series: { specs: 'series.spec.ts', retries: 0 },
      written: { specs: 'written.txt' },
      good: { specs: 'z.spec.ts' },
    },
    files: {
      'a.spec.ts': Array.from({ length: 12 }, (_, index) => ask(`asks ${index}`, '/')).join(''),
      'b.spec.ts': ask('asks once', '/'),
      'flaky.spec.ts': ask('is flaky', '/good', '; expect(retry).toBe(1)'),
      'series.spec.ts': `test.describe.serial('in series', () => { ${ask('fails', '/')} ${ask('follows', '/good')} })`,
      // As a spec in English, whose tests stand in another file than the one that Playwright loads.
      'written.txt': '',
      'written.txt.spec.js': `import path from 'node:path'
        import vm from 'node:vm'
        import { expect, test } from '${imported('fixtures/index')}'
        const code = ${JSON.stringify(ask('is written', '/good', '; expect(retry).toBe(1)'))}
        vm.compileFunction(code, ['test', 'expect'], { filename: path.join(import.meta.dirname, 'written.txt') })(test, expect)`,
      'z.spec.ts': `${ask('answers', '/good')}
        test('fails as it should', async ({ request }) => { test.fail(); expect((await request.get('/')).status()).toBe(200) })`,
    },
    playwright: { use: { trace: 'retain-on-failure' } },
  })
  const document = await monitor.replay({ hasPage: true })
  expect(document.exitCode).toBe(1)
  expect(
    document.checks.map(({ name, outcome, specs }) => [name, outcome, specs.map(spec => spec.attempts.length)]),
  ).toEqual([
    ['many', 'failed', Array(12).fill(2)],
    ['more', 'failed', [1]],
    ['flaky', 'flaky', [2]],
    ['series', 'failed', [1, 1]],
    ['written', 'flaky', [2]],
    ['good', 'passed', [1, 1]],
  ])
  const report = await shownTests(path.join(monitor.folder, document.report ?? ''))
  expect(report.map(({ title, outcome, results }) => [title, outcome, results.length])).toEqual([
    ...Array.from({ length: 12 }, (_, index) => [`asks ${index}`, 'unexpected', 2]),
    ['asks once', 'unexpected', 1],
    ['is flaky', 'flaky', 2],
    ['fails', 'unexpected', 1],
    ['follows', 'skipped', 1],
    ['is written', 'flaky', 2],
    ['answers', 'expected', 1],
    ['fails as it should', 'expected', 1],
  ])
  const all = report.flatMap(({ results }) => results).flatMap(({ attachments }) => attachments)
  const printed = all.flatMap(({ name, body = '' }) => (name === 'stdout' ? body.split(' ')[1] : []))
  // One for each project of a retry count, each again after what fails in series, and one for the retries.
  expect(new Set(printed).size).toBeLessThanOrEqual(5)
  for (const { results } of report.slice(0, 12)) {
    for (const { attachments } of results) expect(attachments.map(({ name }) => name)).toContain('trace')
  }
})

/** A killed process is there until the process that has adopted it has read its exit code. */
async function expectEnded(pid: number): Promise<void> {
  await expect(() => expect(() => process.kill(pid, 0)).toThrow('ESRCH')).toPass()
}

async function reportOf(folder: string, report: string | null): Promise<string> {
  return readFile(path.join(folder, report ?? 'no report'), 'utf8')
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries.filter(entry => entry.isFile()).map(entry => path.join(entry.parentPath, entry.name))
}

async function sizeOf(folder: string): Promise<number> {
  const sizes = (await filesIn(folder)).map(async file => (await stat(file)).size)
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0)
}
