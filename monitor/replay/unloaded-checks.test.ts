import { expect, test } from '../../testing/test.ts'
import type { PlannedCheck } from './plan.ts'
import type { PlaywrightRun } from './playwright-run.ts'
import { replayLoadable } from './unloaded-checks.ts'

const planned = (check: string, files?: string[]): PlannedCheck => ({
  ...{ check, id: check, projects: [], timeoutMs: 1000, retries: 0, isUnknown: false, isConfirmed: false },
  ...{ pattern: { source: check, flags: '' }, ...(files && { files }) },
})
const died: PlaywrightRun = {
  ...{ hasStarted: true, tests: undefined, projects: [], attempts: new Map(), settled: new Set(), errors: [] },
  ...{ underWay: [], isHandedOver: false, lastWords: '', stopped: 'died' },
}

/** Returns the names of the checks that are replayed together, and the errors of those that are not. */
async function dividedBy(run: PlaywrightRun, checks: readonly PlannedCheck[], endings = 30) {
  const parts: string[] = []
  const replayed = await replayLoadable(
    checks,
    run,
    async some => {
      parts.push(some.map(({ check }) => check).join(' '))
      return some.map(check => ({ check, tests: [] }))
    },
    { endings },
  )
  expect(replayed.map(({ check }) => check)).toEqual(checks)
  return { parts, errors: [...new Set(replayed.flatMap(({ error }) => error ?? []))] }
}

test('checks whose specs have ended Playwright are divided by the files that they load', async () => {
  const [a, b, c, again, all] = [
    planned('a', ['/a']),
    planned('b', ['/b']),
    planned('c', ['/c']),
    planned('again', ['/a']),
    planned('all'),
  ]
  expect(await dividedBy(died, [a, b, c, again])).toEqual({ parts: ['a again b', 'c'], errors: [] })
  expect(await dividedBy(died, [a, all, b])).toEqual({ parts: ['a b', 'all'], errors: [] })
  const ended =
    'Playwright ended while it loaded the specs, or in globalSetup: look for process.exit() outside of the tests'
  for (const checks of [
    [a, again],
    [all, planned('every')],
  ])
    expect(await dividedBy(died, checks)).toEqual({ parts: [], errors: [ended] })
  expect(await dividedBy(died, [a, b], 1)).toEqual({ parts: [], errors: [ended] })
})

test('checks whose specs do not load in time are tried apart, those that load the same files together', async () => {
  const silent = { ...died, stopped: 'silence' } as const
  const [a, all, again, every, b] = [
    planned('a', ['/a']),
    planned('all'),
    planned('again', ['/a']),
    planned('every'),
    planned('b', ['/b']),
  ]
  expect(await dividedBy(silent, [a, all, again, every, b])).toEqual({
    parts: ['a again', 'b', 'all every'],
    errors: [],
  })
  const errors = ['its specs did not load in time: look for an endless loop outside of the tests']
  for (const checks of [
    [a, again],
    [all, every],
  ])
    expect(await dividedBy(silent, checks)).toEqual({ parts: [], errors })

  // An error may be of a test that only one of them selects.
  const failed = { ...silent, errors: [{ error: { message: 'focused' }, checks: [] }] }
  expect((await dividedBy(failed, [all, every])).parts).toEqual(['all', 'every'])
})

test('where Playwright has not started, no check is replayed', async () => {
  const run = { ...died, hasStarted: false, lastWords: 'no such module' }
  const errors = ['Playwright does not start: no such module']
  expect(await dividedBy(run, [planned('a', ['/a']), planned('b', ['/b'])])).toEqual({ parts: [], errors })
})
