import { expect, test } from '../../testing/test.ts'
import type { PlannedTest } from './events.ts'
import type { Attempt } from './outcome.ts'
import type { PlannedCheck } from './plan.ts'
import { Progress } from './progress.ts'

const planned = (id: string, checks: string[], series?: string): PlannedTest => ({
  ...{ id, title: id, file: 'a.spec.ts', line: 1, checks, module: '/a.spec.ts', isSkipped: false },
  ...{ takesDetour: false, ...(series !== undefined && { series }) },
})
const check = (name: string): PlannedCheck => ({
  ...{ check: name, id: name, projects: [], timeoutMs: 1000, retries: 1, isUnknown: false, isConfirmed: false },
  pattern: { source: name, flags: '' },
})
const attempt = (status: Attempt['status'], isLast = true): Attempt => ({
  ...{ status, isLast, durationMs: 1, expects: 1 },
})

/** Returns after which of the ends, from 1, each check was reported, with the last statuses of its tests. */
function reports(tests: readonly PlannedTest[], ends: readonly [id: string, Attempt][]): string[] {
  const found: string[] = []
  let number = 0
  const progress = new Progress(({ check, tests }) => {
    const results = tests.map(({ attempts, untried }) => attempts.at(-1)?.status ?? untried)
    found.push(`${check.check} after ${number}: ${results.join(', ')}`)
  })
  const names = [...new Set(tests.flatMap(({ checks }) => checks))]
  progress.begin(names.map(check), tests, [])
  for (const [id, ended] of ends) {
    number++
    for (const test of tests) if (test.id === id) progress.testEnded(test, ended)
  }
  return found
}

const [passed, failed, retried, skipped, interrupted] = [
  attempt('passed'),
  attempt('failed'),
  attempt('failed', false),
  attempt('skipped'),
  attempt('interrupted'),
]
const suite = [planned('one', ['a'], 'suite'), planned('two', ['a'], 'suite'), planned('hangs', ['b'])]
const shared = [planned('one', ['a'], 'suite'), planned('two', ['b'], 'suite')]

for (const [what, tests, ends, expected] of [
  [
    'when its last test has ended, while others of the run go on',
    [planned('one', ['a']), planned('two', ['a', 'b']), planned('hangs', ['b'])],
    [
      ['one', retried],
      ['two', passed],
      ['one', passed],
    ],
    ['a after 3: passed, passed'],
  ],
  [
    'when a serial suite has passed',
    suite,
    [
      ['one', passed],
      ['two', passed],
    ],
    ['a after 2: passed, passed'],
  ],
  [
    'when a test of a serial suite has failed for the last time',
    suite,
    [
      ['one', failed],
      ['two', skipped],
    ],
    ['a after 1: failed, a test before it failed'],
  ],
  [
    'not before a serial suite that is tried again has ended',
    suite,
    [
      ['one', passed],
      ['two', retried],
      ['one', passed],
      ['two', passed],
    ],
    ['a after 4: passed, passed'],
  ],
  [
    'not before a test of another check in its serial suite has ended',
    shared,
    [
      ['one', passed],
      ['two', retried],
      ['one', passed],
      ['two', failed],
    ],
    ['a after 4: passed', 'b after 4: failed'],
  ],
  [
    'when its test is skipped behind one of another check in its serial suite',
    shared,
    [
      ['one', failed],
      ['two', skipped],
    ],
    ['a after 1: failed', 'b after 2: skipped'],
  ],
  [
    'not when a test was interrupted',
    suite,
    [
      ['one', passed],
      ['two', interrupted],
    ],
    [],
  ],
] as [string, PlannedTest[], [string, Attempt][], string[]][]) {
  test(`a check is reported ${what}`, () => {
    expect(reports(tests, ends)).toEqual(expected)
  })
}
