import { expect, test } from '../../testing/test.ts'
import type { PlannedTest } from './events.ts'
import type { Attempt } from './outcome.ts'
import type { PlannedCheck } from './plan.ts'
import type { Turn } from './player.ts'
import type { PlaywrightRun } from './playwright-run.ts'
import { playOn } from './rounds.ts'

const check: PlannedCheck = {
  ...{ check: 'all', id: 'all', projects: [], timeoutMs: 1000, retries: 1, isUnknown: false, isConfirmed: false },
  pattern: { source: '', flags: '' },
}
const planned = (id: string): PlannedTest => ({
  ...{ id, title: id, file: `${id}.spec.ts`, line: 1, checks: ['all'], module: `/${id}.spec.ts`, isSkipped: false },
  takesDetour: false,
})
const attempt = (status: Attempt['status'], isLast = true): Attempt => ({ status, isLast, durationMs: 1, expects: 1 })
const runOf = (tests: PlannedTest[], settings: Partial<PlaywrightRun> = {}): PlaywrightRun => ({
  ...{ hasStarted: true, tests, projects: [], attempts: new Map(), settled: new Set(), errors: [], underWay: [] },
  ...{ isHandedOver: false, lastWords: '', ...settings },
})

/** Returns the tests of each further process, and its workers. @param play Returns what comes of it. */
async function playedOn(first: PlaywrightRun, play: (turn: Turn) => PlaywrightRun) {
  const played: { tests: string; workers: number | undefined; isAfterOutage?: boolean }[] = []
  const tests = first.tests ?? []
  const runs = await playOn(
    [check],
    async (_checks, turn) => {
      if (played.length === 20) throw new Error('Processes are started without end.')
      played.push({
        tests: [...(turn.rest?.keys() ?? [])].join(' '),
        workers: turn.workers,
        ...(turn.isAfterOutage && { isAfterOutage: true }),
      })
      return play(turn)
    },
    { tests, projects: [] },
    [first],
  )
  return { runs, played }
}

test('a test that ended Playwright when it was retried, and is not tried any more, does not start processes without end', async () => {
  const tests = ['a', 'b'].map(planned)
  const first = runOf(tests, {
    stopped: 'died',
    underWay: ['a'],
    attempts: new Map([['a', [attempt('failed', false)]]]),
  })
  // As when a login fails from then on.
  const { played } = await playedOn(first, () => runOf(tests))
  expect(played.map(({ tests }) => tests)).toEqual(['a', 'b a', 'a', 'a'])
})

test('of several tests during which Playwright ended, each is tried by itself, so that only one is to blame', async () => {
  const tests = ['a', 'b', 'c'].map(planned)
  const first = runOf(tests, { stopped: 'died', underWay: ['a', 'b'] })
  const { played, runs } = await playedOn(first, ({ rest, workers }) => {
    const ids = [...(rest?.keys() ?? [])]
    if (ids.includes('a')) return runOf(tests, { stopped: 'died', underWay: ids.slice(0, workers ?? 2) })
    return runOf(tests, { attempts: new Map(ids.map(id => [id, [attempt('passed')]])) })
  })
  expect(played).toEqual([
    { tests: 'a b', workers: 1 },
    { tests: 'c b', workers: undefined },
  ])
  expect(runs.flatMap(({ attempts }) => [...attempts.keys()])).toEqual(['c', 'b'])
})

test('tests that were put off when the service is found to be unreachable are supervised as those before', async () => {
  const tests = ['a', 'b'].map(planned)
  const first = runOf(tests, { stopped: 'died', underWay: ['a'] })
  const { played } = await playedOn(first, ({ rest, isAfterOutage }) => {
    if (isAfterOutage) return runOf(tests, { attempts: new Map([['b', [attempt('passed')]]]) })
    if (rest?.has('b')) return runOf(tests, { stopped: 'unreachable' })
    return runOf(tests, { stopped: 'unreachable', attempts: new Map([['a', [attempt('failed')]]]) })
  })
  // No failure is presumed of what is left.
  expect(played).toEqual([
    { tests: 'a', workers: undefined },
    { tests: 'b', workers: undefined },
    { tests: 'b', workers: undefined, isAfterOutage: true },
  ])
})
