/** Runs as the reporter records them, for tests. */
import type { RecordedRun, RecordedTest } from '../recorded-tests.ts'
import type { PastRun } from '../run-history.ts'

export const recordedTest = (name: string, more: Partial<RecordedTest> = {}): RecordedTest => ({
  name,
  outcome: 'passed',
  durationMs: 100,
  httpMs: 0,
  browserMs: 0,
  totals: undefined,
  attempts: 1,
  ...more,
})

export const recordedRun = (tests: readonly RecordedTest[]): RecordedRun => ({
  startedAt: '2027-01-03T00:00:00.000Z',
  durationMs: 4000,
  tests,
  workers: [
    { slot: 0, tests: 3, busyMs: 3600 },
    { slot: 1, tests: 1, busyMs: 800 },
  ],
})

export const pastRun = (day: number, tests: PastRun['tests']): PastRun => ({
  startedAt: `2027-01-0${day}T00:00:00.000Z`,
  durationMs: 1000,
  tests,
})
