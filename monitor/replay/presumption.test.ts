import { expect, test } from '../../testing/test.ts'
import type { PlannedTest } from './events.ts'
import { failsWithBaseURL, failsWithDependency } from './presumption.ts'

const planned = (settings: Partial<PlannedTest>): PlannedTest => ({
  ...{ id: '1', title: 'asks', file: 'a.spec.ts', line: 1, checks: ['known'] },
  ...{ module: '/a.spec.ts', isSkipped: false, takesDetour: false },
  ...settings,
})
const checks = [
  { check: 'known', isUnknown: false },
  { check: 'unknown', isUnknown: true },
]

for (const [what, settings, expected] of [
  ['a test of a check', {}, { baseURL: true, dependency: true }],
  ['one of a check that is unknown', { checks: ['unknown'] }, { baseURL: false, dependency: false }],
  [
    'one of two checks of which one is unknown',
    { checks: ['known', 'unknown'] },
    { baseURL: false, dependency: false },
  ],
  ['one that takes a detour', { takesDetour: true }, { baseURL: false, dependency: true }],
  ['one that its author skips', { isSkipped: true }, { baseURL: false, dependency: false }],
  ['a login', { checks: [] }, { baseURL: false, dependency: false }],
] as const)
  test(`${what}: whether its failure is presumed`, () => {
    const test = planned(settings as Partial<PlannedTest>)
    expect({ baseURL: failsWithBaseURL(test, checks), dependency: failsWithDependency(test, checks) }).toEqual(expected)
  })
