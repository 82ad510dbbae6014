import path from 'node:path'
import { expect } from '@playwright/test'
import { shownTests } from '../../testing/nested-monitor/html-report.ts'
import { monthsAway } from '../testing/months-away.ts'
import { test } from '../testing/service-fixture.ts'

const defaults = { timeout: '10m', confirm: { down: 2, up: 1, every: '1s' } }

test('environments that hang delay no other, and a test that hangs delays no other result of its run', async ({
  serve,
  project,
  startMonitor,
  replayNow,
  store,
}) => {
  let status = 200
  const url = await serve((request, response) => {
    if (request.url !== '/hang') response.writeHead(status).end()
  })
  const hanging = ['first', 'second', 'third']
  const check = (environment: string, title: string) => ({
    environment,
    specs: 'a.spec.ts',
    title,
    cron: monthsAway(),
  })
  const nested = await project(url, {
    environment: { workers: 2 },
    defaults,
    environments: Object.fromEntries(hanging.map(name => [name, { baseURL: url }])),
    checks: {
      ...Object.fromEntries(hanging.map(name => [name, check(name, 'hangs')])),
      beside: check('production', 'hangs'),
      quick: check('production', 'answers'),
      series: { ...check('production', 'in turn'), specs: 'b.spec.ts' },
    },
    files: {
      'a.spec.ts': `test.describe.configure({ mode: 'parallel' })
        test('hangs', async ({ request }) => { await request.get('/hang') })
        test('answers', async ({ request }) => { expect((await request.get('/')).status()).toBe(200) })`,
      'b.spec.ts': `test.describe.configure({ mode: 'serial' })
        test('first in turn', async ({ request }) => { expect((await request.get('/')).status()).toBe(200) })
        test('then in turn', async ({ request }) => { expect((await request.get('/')).status()).toBe(200) })`,
    },
  })
  const monitor = await startMonitor(nested)
  await monitor.says('quick is up')
  await monitor.says('series is up')
  status = 500
  await replayNow('quick', 'series')
  const fallen = [await monitor.says(/\S+ is down/), await monitor.says(/\S+ is down/)]
  expect(fallen.sort()).toEqual([expect.stringContaining('quick is down'), expect.stringContaining('series is down')])
  const { rows } = await store.query(
    `select distinct check_name as name from reprise.replays where ended_at is null and check_name <> 'quick' order by name`,
  )
  expect(rows.map(({ name }) => name)).toEqual(['beside', 'first', 'second', 'third'])
})

test('checks that hang, each in its own run, delay the other checks of their environment only for a short time', async ({
  serve,
  project,
  startMonitor,
  replayNow,
}) => {
  let [hangs, status] = [false, 200]
  const hanging = new Set<string>()
  let onHanging: () => void = () => undefined
  const url = await serve(({ url = '' }, response) => {
    if (!hangs || !url.startsWith('/hang')) return response.writeHead(status).end()
    hanging.add(url)
    onHanging()
  })
  const hangsAt = async (path: string) => {
    while (!hanging.has(path)) {
      await new Promise<void>(resolve => {
        onHanging = resolve
      })
    }
  }
  const names = ['hang-0', 'hang-1', 'hang-2', 'hang-3', 'quick']
  const check = (name: string) => ({ specs: 'a.spec.ts', title: `requests /${name}`, cron: monthsAway() })
  const nested = await project(url, {
    defaults: { timeout: '10m', confirm: { down: 1, up: 1, every: '1s' } },
    checks: Object.fromEntries(names.map(name => [name, check(name)])),
    files: {
      'a.spec.ts': `for (const name of ${JSON.stringify(names)})
        test('requests /' + name, async ({ request }) => { expect((await request.get('/' + name)).status()).toBe(200) })`,
    },
  })
  const monitor = await startMonitor(nested)
  await monitor.says('quick is up')
  hangs = true
  for (const name of names.slice(0, -1)) {
    await replayNow(name)
    await hangsAt(`/${name}`)
  }
  status = 500
  await replayNow('quick')
  await monitor.says('quick is down')
})

test('tests do not wait for others that hang: further workers run them, once each', async ({ serve, project }) => {
  const asked: string[] = []
  const answers: (() => unknown)[] = []
  const paths = Array.from({ length: 5 }, (_, index) => `/${index}`)
  const url = await serve(({ url = '' }, response) => {
    if (url === '/') return response.end()
    asked.push(url)
    answers.push(() => response.end())
    // The test passes only if all run at the same time.
    if (paths.every(path => asked.includes(path))) for (const answer of answers.splice(0)) answer()
  })
  const nested = await project(url, {
    defaults: { timeout: '2m' },
    checks: { all: { specs: '*.spec.ts' } },
    files: {
      'a.spec.ts': `for (const path of ${JSON.stringify(paths.slice(1))})
        test('asks ' + path, async ({ request }) => { await request.get(path) })`,
      'b.spec.ts': `test('asks /0', async ({ request }) => { await request.get('/0') })`,
    },
  })
  const document = await nested.replay({ hasPage: true })
  expect(asked.sort()).toEqual(paths)
  expect(document.checks).toMatchObject([{ name: 'all', outcome: 'passed' }])
  const shown = await shownTests(path.join(nested.folder, document.report ?? ''))
  expect(shown.map(({ title, outcome, results }) => [title, outcome, ...results.map(({ status }) => status)])).toEqual(
    [...paths.slice(1), '/0'].map(path => [`asks ${path}`, 'expected', 'passed']),
  )
})

test('a hook that hangs does not continue in the first process once its tests were moved to another', async ({
  serve,
  project,
}) => {
  const asked: string[] = []
  const url = await serve(({ url = '' }, response) => {
    if (url === '/') response.end()
    else asked.push(url)
  })
  const nested = await project(url, {
    defaults: { timeout: '6s', retries: 1 },
    checks: { hanging: { specs: 'a.spec.ts' }, hooked: { specs: 'b.spec.ts' } },
    files: {
      'a.spec.ts': `test('hangs', async ({ request }) => { await request.get('/hang') })`,
      'b.spec.ts': `test.beforeAll(async ({ playwright }) => { await (await playwright.request.newContext()).get('/hook') })
        test('follows', async ({ request }) => { await request.get('/follows') })`,
    },
  })
  const document = await nested.replay({ hasPage: true })
  // Each attempt once.
  expect(asked.sort()).toEqual(['/hang', '/hang', '/hook', '/hook'])
  expect(document.checks.map(({ specs }) => specs.map(({ attempts }) => attempts.length))).toEqual([[2], [2]])
  const shown = await shownTests(path.join(nested.folder, document.report ?? ''))
  expect(shown.map(({ title, results }) => [title, ...results.map(({ status }) => status)])).toEqual([
    ['hangs', 'timedOut', 'timedOut'],
    ['follows', 'timedOut', 'timedOut'],
  ])
})

test('what hangs is tried again by the slot that confirms it, and what fails at once by a retry', async ({
  serve,
  project,
  startMonitor,
  replayNow,
  store,
}) => {
  let hangs = false
  let brief = 0
  const url = await serve(({ url = '' }, response) => {
    if (url === '/brief') brief++
    const status = url === '/brief' && brief % 2 === 1 ? 500 : 200
    if (hangs && url === '/stall') response.writeHead(200).write('{')
    else if (!hangs || url !== '/hang') response.writeHead(status).end()
  })
  const check = (title: string) => ({ specs: 'a.spec.ts', title, cron: monthsAway() })
  // Without an answer, or without its end.
  const hanging = ['hangs', 'stalls', 'stops']
  const nested = await project(url, {
    defaults: { retries: 1, confirm: { down: 2, up: 1, every: '1s' } },
    // Only what hangs has little time.
    checks: {
      ...Object.fromEntries(hanging.map(title => [title, { ...check(title), timeout: '3s' }])),
      brief: check('fails first'),
    },
    files: {
      'a.spec.ts': `import http from 'node:http'
        test('hangs', async ({ request }) => { await request.get('/hang') })
        test('stalls', async ({ baseURL }) => { await (await fetch(new URL('/stall', baseURL))).text() })
        test('stops', ({ baseURL }) => new Promise(done => { http.get(new URL('/stall', baseURL), got => got.resume().on('end', done)) }))
        test('fails first', async ({ request }) => { expect((await request.get('/brief')).status()).toBe(200) })`,
    },
  })
  const monitor = await startMonitor(nested)
  await monitor.says('stops is up')
  hangs = true
  await replayNow(...hanging)
  for (const _ of hanging) await monitor.says(' is down')
  const attempts = async (check: string, outcome: string) => {
    const { rows } = await store.query(
      `select distinct jsonb_array_length(detail -> 'specs' -> 0 -> 'attempts') as attempts from reprise.replays
       where check_name = $1 and outcome = $2`,
      [check, outcome],
    )
    return rows.map(({ attempts }) => attempts)
  }
  for (const title of hanging) expect(await attempts(title, 'failed')).toEqual([1])
  expect(await attempts('brief', 'flaky')).toEqual([2])
})
