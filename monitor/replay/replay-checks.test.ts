import { expect, test } from '../../testing/test.ts'
import type { PlannedTest } from './events.ts'
import type { Attempt } from './outcome.ts'
import type { PlannedCheck } from './plan.ts'
import type { PlaywrightRun } from './playwright-run.ts'
import { replayChecks } from './replay-checks.ts'

/** What a test does to the process that runs it. */
type Deed =
  | 'passes'
  | 'fails'
  | 'never ends'
  | 'ends Playwright'
  | 'ends Playwright afterwards'
  | 'silences it afterwards'
  | 'ends Playwright before it begins'
  | 'ends Playwright once'
  | 'ends Playwright during the first test'
  | 'ends Playwright when it is loaded'
  | 'cannot be loaded a second time'

const attempt = (status: Attempt['status']): Attempt => ({ status, durationMs: 1, isLast: true, expects: 1 })

interface ReplayedOptions {
  login?: string
  isLoginChecked?: boolean
  series?: readonly string[]
  modules?: Readonly<Record<string, string>>
  askedIn?: number
  setupEnds?: boolean
}

/**
 * Replays a check for each test, in processes that run one test after the other.
 * @param options.login The test that the others depend on: each process runs it. @param options.isLoginChecked It has a check, too.
 * @param options.series The tests of a serial suite: each fails without those before it. @param options.modules Their files; by
 * default each has its own. @param options.askedIn The run is asked to end during this process, from 1.
 * @param options.setupEnds `globalSetup` ends Playwright.
 */
async function replayed(
  deeds: Record<string, Deed>,
  { login, isLoginChecked = true, series = [], modules = {}, askedIn, setupEnds = false }: ReplayedOptions = {},
) {
  const names = Object.keys(deeds)
  const isChecked = (name: string) => isLoginChecked || name !== login
  const checks = names.filter(isChecked).map(
    (name): PlannedCheck => ({
      ...{ check: name, id: name, projects: [], timeoutMs: 1000, retries: 0, isUnknown: false, isConfirmed: false },
      ...{ pattern: { source: name, flags: '' }, files: [`/${name}.spec.ts`] },
    }),
  )
  const tests = names.map(
    (id): PlannedTest => ({
      ...{ id, title: id, file: 'a.spec.ts', line: 1, checks: isChecked(id) ? [id] : [] },
      ...{ module: modules[id] ?? (series.includes(id) ? '/series.spec.ts' : `/${id}.spec.ts`) },
      ...{ isSkipped: false, takesDetour: false, ...(series.includes(id) && { series: 'suite' }) },
    }),
  )
  let processes = 0
  const ended = new Set<string>()
  const found = await replayChecks(checks, async (played, { rest, known }) => {
    processes++
    const isBare = known?.tests.length === 0
    const own = names.filter(name => name === login || (!isBare && played.some(({ check }) => check === name)))
    const run: PlaywrightRun = {
      ...{ hasStarted: true, tests: tests.filter(({ id }) => own.includes(id)), projects: [], attempts: new Map() },
      ...{ settled: new Set(), errors: [], underWay: [], isHandedOver: false, lastWords: 'bye' },
    }
    if (askedIn !== undefined && processes >= askedIn) return { ...run, stopped: 'asked' }
    if (setupEnds || own.some(id => deeds[id] === 'ends Playwright when it is loaded'))
      return { ...run, tests: undefined, stopped: 'died' }
    const broken = rest && own.find(id => rest.has(id) && deeds[id] === 'cannot be loaded a second time')
    if (broken) {
      const error = { message: 'it breaks', file: `${broken}.spec.ts`, line: 1 }
      return { ...run, tests: undefined, errors: [{ error, checks: [] }] }
    }
    const tried = own.filter(id => id === login || (rest?.has(id) ?? true))
    if (tried.some(id => deeds[id] === 'ends Playwright during the first test'))
      return { ...run, stopped: 'died', underWay: tried.slice(0, 1) }
    for (const id of tried) {
      const deed = deeds[id]
      const before = series
        .slice(0, Math.max(0, series.indexOf(id)))
        .map(name => run.attempts.get(name)?.at(-1)?.status)
      if (before.includes('failed')) {
        run.attempts.set(id, [attempt('skipped')])
        continue
      }
      if (deed === 'ends Playwright before it begins') return { ...run, stopped: 'died' }
      if (deed === 'ends Playwright' || (deed === 'ends Playwright once' && !ended.has(id))) {
        ended.add(id)
        return { ...run, stopped: 'died', underWay: [id] }
      }
      const hasFailed = deed === 'fails' || deed === 'never ends' || before.some(status => status !== 'passed')
      run.attempts.set(id, [attempt(hasFailed ? 'failed' : 'passed')])
      if (deed === 'ends Playwright afterwards') return { ...run, stopped: 'died' }
      if (deed === 'silences it afterwards') return { ...run, stopped: 'silence' }
      if (deed === 'never ends') return { ...run, settled: new Set([id]), stopped: 'endless test' }
    }
    return run
  })
  const results = found.map(({ check, error, tests: [test] }) => [
    check.check,
    error ?? test?.attempts.at(-1)?.status ?? test?.untried ?? 'no test',
  ])
  return { processes, results: Object.fromEntries(results) }
}

test('every test is tried, however many never end or end Playwright', async () => {
  const deeds = { a: 'ends Playwright', b: 'never ends', c: 'ends Playwright', d: 'never ends', e: 'passes' } as const
  const twice = 'Playwright ended twice while it ran: bye'
  expect(await replayed(deeds)).toEqual({
    processes: 7,
    results: { a: twice, b: 'failed', c: twice, d: 'failed', e: 'passed' },
  })
})

test('every test is tried, however many end or silence Playwright after their end', async () => {
  const [ends, silences] = ['ends Playwright afterwards', 'silences it afterwards'] as const
  expect(await replayed({ a: ends, b: ends, c: silences, d: silences, e: ends, f: 'passes' })).toEqual({
    processes: 6,
    results: { a: 'passed', b: 'passed', c: 'passed', d: 'passed', e: 'passed', f: 'passed' },
  })
  const untried = 'Playwright ended before it was tried: bye'
  // As if it were for one of the tests behind it.
  const of = { login: 'login', isLoginChecked: false }
  expect(await replayed({ login: ends, a: 'passes', b: 'passes' }, of)).toEqual({
    processes: 6,
    results: { a: untried, b: untried },
  })
})

test('of the tests before which Playwright ends without any result, all others are tried', async () => {
  const untried = 'Playwright ended before it was tried: bye'
  const [ends, others] = ['ends Playwright before it begins', ['b', 'c', 'd', 'e', 'f', 'g', 'h']] as const
  const passes = Object.fromEntries(others.map(name => [name, 'passes' as const]))
  const passed = Object.fromEntries(others.map(name => [name, 'passed']))
  // Of eight, four, two and one each half: the bad one twice.
  expect(await replayed({ a: ends, ...passes })).toEqual({ processes: 11, results: { a: untried, ...passed } })
  expect((await replayed({ ...passes, z: ends })).results).toEqual({ ...passed, z: untried })
  // Several, wherever they are.
  expect((await replayed({ a: ends, ...passes, z: ends })).results).toEqual({ a: untried, ...passed, z: untried })
  expect((await replayed({ a: ends, ...passes, y: ends, z: ends })).results).toMatchObject(passed)
  const alternate = Object.fromEntries(others.flatMap(name => [[`${name}'`, ends] as const, [name, 'passes'] as const]))
  expect((await replayed(alternate)).processes).toBeLessThanOrEqual(62)
  // As on a machine without memory.
  const all = Object.fromEntries(others.map(name => [name, ends]))
  expect(await replayed(all)).toEqual({
    processes: 14,
    results: Object.fromEntries(others.map(name => [name, untried])),
  })
})

test('a serial suite is not divided to find the test before which Playwright ends', async () => {
  const [ends, passes, untried] = [
    'ends Playwright before it begins',
    'passes',
    'Playwright ended before it was tried: bye',
  ] as const
  const series = ['b', 'c', 'd']
  expect(await replayed({ a: ends, b: passes, c: passes, d: passes }, { series })).toEqual({
    processes: 5,
    results: { a: untried, b: 'passed', c: 'passed', d: 'passed' },
  })
  expect(await replayed({ a: passes, b: ends, c: passes, d: passes }, { series })).toEqual({
    processes: 3,
    results: { a: 'passed', b: untried, c: untried, d: untried },
  })
})

test('a file is not divided to find the test before which Playwright ends while there are others', async () => {
  const ends = 'ends Playwright before it begins'
  const modules = { x: '/bad.spec.ts', y: '/bad.spec.ts' }
  expect((await replayed({ x: ends, a: 'passes', y: ends, b: 'passes' }, { modules })).results).toMatchObject({
    ...{ a: 'passed', b: 'passed' },
  })
})

test('behind a login, too, the test before which Playwright ends is found', async () => {
  const deeds = {
    login: 'passes',
    a: 'passes',
    b: 'ends Playwright before it begins',
    c: 'passes',
    d: 'passes',
  } as const
  expect((await replayed(deeds, { login: 'login', isLoginChecked: false })).results).toEqual({
    ...{ a: 'passed', b: 'Playwright ended before it was tried: bye', c: 'passed', d: 'passed' },
  })
})

test('a serial suite is tried again as a whole, until one of its tests has failed for good', async () => {
  const series = ['a', 'b', 'c']
  const resultsOf = async (deeds: Parameters<typeof replayed>[0]) =>
    (await replayed({ ...deeds, z: 'passes' }, { series })).results
  const passed = { a: 'passed', b: 'passed', c: 'passed', z: 'passed' }
  expect(await resultsOf({ a: 'passes', b: 'ends Playwright once', c: 'passes' })).toEqual(passed)
  expect(await resultsOf({ a: 'passes', b: 'ends Playwright', c: 'passes' })).toEqual({
    ...{
      ...passed,
      b: 'Playwright ended twice while it ran: bye',
      c: 'Playwright ended twice while a test before it ran: bye',
    },
  })
  expect(await resultsOf({ a: 'passes', b: 'never ends', c: 'passes' })).toEqual({
    ...{ ...passed, b: 'failed', c: 'a test before it failed' },
  })
  expect(await resultsOf({ a: 'passes', b: 'passes', c: 'ends Playwright before it begins' })).toMatchObject({
    ...{ a: 'passed', b: 'passed', c: 'Playwright ended before it was tried: bye' },
  })
})

test('in a serial suite, processes that end after each test are not started without end', async () => {
  const untried = 'Playwright ended before it was tried: bye'
  const deeds = { a: 'ends Playwright afterwards', b: 'passes', c: 'passes', z: 'passes' } as const
  expect(await replayed(deeds, { series: ['a', 'b', 'c'] })).toEqual({
    processes: 7,
    results: { a: 'passed', b: untried, c: untried, z: 'passed' },
  })
})

test('a spec file that ends Playwright while tests of others run costs only its own', async () => {
  const deeds = { a: 'passes', b: 'passes', c: 'ends Playwright during the first test', d: 'passes' } as const
  expect(await replayed(deeds)).toEqual({
    processes: 7,
    results: { a: 'passed', b: 'passed', c: 'Playwright ended twice while it ran: bye', d: 'passed' },
  })
})

test('a spec file that ends Playwright when it is loaded costs only the checks that load it', async () => {
  const others = ['b', 'c', 'd', 'e', 'f', 'g', 'h']
  const passes = Object.fromEntries(others.map(name => [name, 'passes' as const]))
  const passed = Object.fromEntries(others.map(name => [name, 'passed']))
  const why = expect.stringMatching(
    /^Playwright ended while it loaded the specs, .* look for process\.exit\(\) .*: bye$/,
  )
  // Of eight, four, two and one each half, and one without files.
  expect(await replayed({ a: 'ends Playwright when it is loaded', ...passes })).toEqual({
    processes: 8,
    results: { a: why, ...passed },
  })
  expect((await replayed({ ...passes, z: 'ends Playwright when it is loaded' })).results).toEqual({ ...passed, z: why })
  // As if all specs imported one that does.
  const all = Array.from({ length: 64 }, (_, index) => [`all ${index}`, 'ends Playwright when it is loaded' as const])
  expect((await replayed(Object.fromEntries(all))).processes).toBeLessThan(40)
})

test('a globalSetup that ends Playwright is not searched for in the spec files', async () => {
  const deeds = Object.fromEntries(Array.from({ length: 64 }, (_, index) => [`${index}`, 'passes' as const]))
  const { processes, results } = await replayed(deeds, { setupEnds: true })
  expect(processes).toBe(2)
  expect(new Set(Object.values(results))).toEqual(
    new Set([expect.stringMatching(/^Playwright ended while it loaded the specs, or in globalSetup: .*: bye$/)]),
  )
})

test('a file that cannot be loaded in a further process is the error of its check', async () => {
  const deeds = { a: 'ends Playwright once', b: 'cannot be loaded a second time', c: 'passes' } as const
  expect((await replayed(deeds)).results).toMatchObject({ a: 'passed', b: 'it breaks\n    at b.spec.ts:1' })
})

test('when the run is asked to end, the search for the test before which Playwright ends is over', async () => {
  const interrupted = 'interrupted: the run was stopped'
  const deeds = { a: 'ends Playwright before it begins', b: 'passes', c: 'passes', d: 'passes' } as const
  expect(await replayed(deeds, { askedIn: 5 })).toEqual({
    processes: 5,
    results: { a: interrupted, b: interrupted, c: interrupted, d: interrupted },
  })
})

test('a login that never ends, or ends Playwright, does not start processes without end', async () => {
  const [behind, untried, twice] = [
    'a test before it did not end',
    'Playwright ended before it was tried: bye',
    'Playwright ended twice while it ran: bye',
  ]
  const of = { login: 'login', isLoginChecked: false }
  expect(await replayed({ login: 'never ends', a: 'passes', b: 'passes' }, of)).toEqual({
    processes: 2,
    results: { a: behind, b: behind },
  })
  expect(await replayed({ login: 'ends Playwright', a: 'passes', b: 'passes' }, of)).toEqual({
    processes: 2,
    results: { a: untried, b: untried },
  })
  // As a check it is a test like the others, until it stops a process again.
  expect(await replayed({ login: 'never ends', a: 'passes' }, { login: 'login' })).toEqual({
    processes: 3,
    results: { login: 'failed', a: behind },
  })
  expect(await replayed({ login: 'ends Playwright', a: 'passes' }, { login: 'login' })).toEqual({
    processes: 4,
    results: { login: twice, a: untried },
  })
})

test('what fails without a stop is not started again', async () => {
  expect(await replayed({ a: 'fails', b: 'passes' })).toEqual({
    processes: 1,
    results: { a: 'failed', b: 'passed' },
  })
})
