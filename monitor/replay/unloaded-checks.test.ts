import { expect, test } from '../../testing/test.ts'
import type { PlannedCheck } from './plan.ts'
import type { PlaywrightRun } from './playwright-run.ts'
import { replayLoadable } from './unloaded-checks.ts'

const planned = (check: string, files?: string[]): PlannedCheck => ({
  ...{ check, id: check, projects: [], timeoutMs: 1000, retries: 0, isUnknown: false, isConfirmed: false },
  ...{ pattern: { source: check, flags: '' }, ...(files && { files }) },
})
const ended: PlaywrightRun = {
  ...{ hasStarted: true, tests: undefined, projects: [], attempts: new Map(), settled: new Set(), errors: [] },
  ...{ underWay: [], isHandedOver: false, lastWords: '' },
}
const died: PlaywrightRun = { ...ended, stopped: 'died' }

/** Returns the names of the checks that are replayed together, and the errors of those that are not. */
async function dividedBy(
  run: PlaywrightRun,
  checks: readonly PlannedCheck[],
  { endings = 30, bare = { ...ended, tests: [] } as PlaywrightRun } = {},
) {
  const parts: string[] = []
  const replayed = await replayLoadable(checks, run, {
    replay: async some => {
      parts.push(some.map(({ check }) => check).join(' '))
      return some.map(check => ({ check, tests: [] }))
    },
    playWithoutFiles: async () => bare,
    left: { endings },
  })
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
  const why =
    'Playwright ended while it loaded the specs, or in globalSetup: look for process.exit() outside of the tests'
  for (const checks of [
    [a, again],
    [all, planned('every')],
  ])
    expect(await dividedBy(died, checks)).toEqual({ parts: [], errors: [why] })
  expect(await dividedBy(died, [a, b], { endings: 1 })).toEqual({ parts: [], errors: [why] })
  // Without them, too.
  expect(await dividedBy({ ...died, lastWords: 'bye' }, [a, b, c], { bare: died })).toEqual({
    parts: [],
    errors: [`${why}: bye`],
  })
  // Once is enough.
  expect((await dividedBy(died, [a, b], { bare: died, endings: 29 })).parts).toEqual(['a', 'b'])
  const interrupted: PlaywrightRun = { ...died, stopped: 'asked' }
  expect(await dividedBy(died, [a, b], { bare: interrupted })).toEqual({
    parts: [],
    errors: ['interrupted: the run was stopped'],
  })
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
  const late = ['its specs did not load in time: look for an endless loop outside of the tests']
  for (const checks of [
    [a, again],
    [all, every],
  ])
    expect(await dividedBy(silent, checks)).toEqual({ parts: [], errors: late })

  // An error may be of a test that only one of them selects.
  const errors = [{ error: { message: 'focused' }, checks: [] }]
  const failed = { ...ended, errors }
  expect((await dividedBy(failed, [all, every])).parts).toEqual(['all', 'every'])
  // Each of them would be waited for.
  expect((await dividedBy({ ...silent, errors }, [a, again, b])).parts).toEqual(['a again', 'b'])
  expect(await dividedBy({ ...silent, errors }, [a, again])).toEqual({ parts: [], errors: ['focused'] })
})

test('where Playwright has not started, no check is replayed', async () => {
  const run = { ...died, hasStarted: false, lastWords: 'no such module' }
  const errors = ['Playwright does not start: no such module']
  expect(await dividedBy(run, [planned('a', ['/a']), planned('b', ['/b'])])).toEqual({ parts: [], errors })
})
