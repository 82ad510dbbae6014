import { expect, test } from '@playwright/test'
import type { PlannedTest } from './events.ts'
import type { Attempt } from './outcome.ts'
import type { PlannedCheck } from './plan.ts'
import type { PlaywrightRun } from './playwright-run.ts'
import { replayChecks } from './replay-checks.ts'

/** What a test does to the process that runs it. */
type Deed = 'passes' | 'fails' | 'never ends' | 'ends Playwright'

const attempt = (status: Attempt['status']): Attempt => ({ status, durationMs: 1, isLast: true, expects: 1 })

/** Replays a check for each test, in processes that run one test after the other. */
async function replayed(deeds: Record<string, Deed>) {
  const names = Object.keys(deeds)
  const checks = names.map(
    (name): PlannedCheck => ({
      ...{ check: name, id: name, projects: [], timeoutMs: 1000, retries: 0, isUnknown: false, isConfirmed: false },
      pattern: { source: name, flags: '' },
    }),
  )
  const tests = names.map(
    (id): PlannedTest => ({
      ...{ id, title: id, file: 'a.spec.ts', line: 1, checks: [id] },
      ...{ isSkipped: false, isIndependent: true, takesDetour: false },
    }),
  )
  let processes = 0
  const found = await replayChecks(checks, async (_checks, { rest }) => {
    processes++
    const run: PlaywrightRun = {
      ...{ tests, projects: [], attempts: new Map(), settled: new Set(), errors: [], underWay: [] },
      ...{ isHandedOver: false, lastWords: '' },
    }
    for (const id of names.filter(id => rest?.has(id) ?? true)) {
      if (deeds[id] === 'ends Playwright') return { ...run, stopped: 'died', underWay: [id] }
      run.attempts.set(id, [attempt(deeds[id] === 'passes' ? 'passed' : 'failed')])
      if (deeds[id] === 'never ends') return { ...run, stopped: 'endless test' }
    }
    return run
  })
  const results = found.map(({ check, tests: [test] }) => [
    check.check,
    test?.attempts.at(-1)?.status ?? test?.untried ?? 'no test',
  ])
  return { processes, results: Object.fromEntries(results) }
}

test('every test is tried, however many never end or end Playwright', async () => {
  const deeds = { a: 'ends Playwright', b: 'never ends', c: 'ends Playwright', d: 'never ends', e: 'passes' } as const
  const twice = 'Playwright ended twice while it ran'
  expect(await replayed(deeds)).toEqual({
    processes: 7,
    results: { a: twice, b: 'failed', c: twice, d: 'failed', e: 'passed' },
  })
})

test('what fails without a stop is not started again', async () => {
  expect(await replayed({ a: 'fails', b: 'passes' })).toEqual({
    processes: 1,
    results: { a: 'failed', b: 'passed' },
  })
})
