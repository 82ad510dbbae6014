/** Records what the summary of a run needs of each test. */
import path from 'node:path'
import type { FullConfig, TestCase, TestResult, TestStep } from '@playwright/test/reporter'
import { type TestTotals, totalsAnnotation } from '../environment/contract/test-totals.ts'

export type Outcome = 'passed' | 'failed' | 'flaky' | 'skipped'

export interface RecordedTest {
  /** Project, file and titles: the same in the next run, unless the test is moved or renamed. */
  name: string
  outcome: Outcome
  /** Of all attempts, in milliseconds. */
  durationMs: number
  httpMs: number
  browserMs: number
  /** Undefined for a test without a sandbox. */
  totals: TestTotals | undefined
  attempts: number
}

/** The repetitions of a test by `repeatEach` as one, with their mean duration: failed or flaky if one of them is. */
export function together(tests: readonly RecordedTest[]): RecordedTest[] {
  return [...byName(tests).values()].flatMap(repetitions => {
    const worst = ranked.flatMap(outcome => repetitions.filter(test => test.outcome === outcome))[0]
    const ran = repetitions.filter(({ outcome }) => outcome !== 'skipped')
    const sum = ran.reduce((sum, { durationMs }) => sum + durationMs, 0)
    return worst ? [{ ...worst, durationMs: sum / Math.max(1, ran.length) }] : []
  })
}

const ranked: readonly Outcome[] = ['failed', 'flaky', 'passed', 'skipped']

export function byName(tests: readonly RecordedTest[]): Map<string, RecordedTest[]> {
  const groups = new Map<string, RecordedTest[]>()
  for (const test of tests) {
    const group = groups.get(test.name)
    if (group) group.push(test)
    else groups.set(test.name, [test])
  }
  return groups
}

interface WorkerUse {
  /** From 0 to one less than `workers`. */
  slot: number
  tests: number
  busyMs: number
}

export interface RecordedRun {
  /** ISO 8601. */
  startedAt: string
  durationMs: number
  tests: readonly RecordedTest[]
  workers: readonly WorkerUse[]
}

export class RunRecord {
  readonly #tests = new Map<TestCase, TestResult[]>()
  readonly #rootDir: string
  readonly #startedAt = new Date()

  constructor({ rootDir }: FullConfig) {
    this.#rootDir = rootDir
  }

  add(test: TestCase, result: TestResult): void {
    const results = this.#tests.get(test)
    if (results) results.push(result)
    else this.#tests.set(test, [result])
  }

  /** The run so far. */
  end(): RecordedRun {
    const workers = new Map<number, WorkerUse>()
    for (const { parallelIndex, duration } of [...this.#tests.values()].flat()) {
      if (parallelIndex < 0) continue
      const { tests, busyMs } = workers.get(parallelIndex) ?? { tests: 0, busyMs: 0 }
      workers.set(parallelIndex, { slot: parallelIndex, tests: tests + 1, busyMs: busyMs + duration })
    }
    return {
      startedAt: this.#startedAt.toISOString(),
      durationMs: Date.now() - this.#startedAt.getTime(),
      tests: [...this.#tests].map(([test, results]) => recorded(test, results, this.#rootDir)),
      workers: [...workers.values()].sort((one, other) => one.slot - other.slot),
    }
  }
}

function recorded(test: TestCase, results: readonly TestResult[], rootDir: string): RecordedTest {
  const [, project = '', , ...titles] = test.titlePath()
  const root = rootDir.endsWith(path.sep) ? rootDir : rootDir + path.sep
  const file = test.location.file.startsWith(root) ? test.location.file.slice(root.length) : test.location.file
  const [httpMs, browserMs] = timesOf(results.flatMap(({ steps }) => steps))
  return {
    name: [project, file.replaceAll('\\', '/'), ...titles].filter(part => part !== '').join(' › '),
    outcome: outcomes[test.outcome()],
    durationMs: results.reduce((sum, { duration }) => sum + duration, 0),
    httpMs,
    browserMs,
    totals: totalsOf(test),
    attempts: results.length,
  }
}

const outcomes = { expected: 'passed', unexpected: 'failed', flaky: 'flaky', skipped: 'skipped' } as const

const methods = /^(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS|apiRequestContext)\b/

/** The time of Playwright's own steps: requests, and all others, which are those of a browser. */
function timesOf(steps: readonly TestStep[]): [httpMs: number, browserMs: number] {
  let [httpMs, browserMs] = [0, 0]
  for (const step of steps) {
    if (step.category !== 'pw:api') {
      const [http, browser] = timesOf(step.steps)
      httpMs += http
      browserMs += browser
    } else if (methods.test(step.title)) httpMs += Math.max(0, step.duration)
    else browserMs += Math.max(0, step.duration)
  }
  return [httpMs, browserMs]
}

/** The sum over all attempts. */
function totalsOf({ results }: TestCase): TestTotals | undefined {
  const totals = results
    .flatMap(({ annotations }) => annotations)
    .filter(({ type }) => type === totalsAnnotation)
    .map(({ description = '{}' }): TestTotals => JSON.parse(description))
  if (totals.length === 0) return undefined
  return totals.reduce((sum, { statements, sqlMs }) => ({
    statements: sum.statements + statements,
    sqlMs: sum.sqlMs + sqlMs,
  }))
}
