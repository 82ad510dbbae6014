/** Reports a check as soon as its last test has ended, while the rest of its run goes on. */
import type { PlannedTest } from './events.ts'
import type { Attempt } from './outcome.ts'
import type { PlannedCheck } from './plan.ts'
import type { ReplayedCheck } from './replayed-check.ts'
import { hasFailedForGood, isSeriesOver, unitsOf } from './series.ts'

interface Progressing {
  check: PlannedCheck
  tests: readonly PlannedTest[]
  /** What its tests are tried with: their serial suites may have tests of other checks. */
  units: readonly (readonly PlannedTest[])[]
}

export class Progress {
  readonly #open = new Map<string, Progressing>()
  /** Of each test, by its id: the checks whose end may depend on it. */
  readonly #waiting = new Map<string, ReadonlySet<string>>()
  /** By the ids of the tests. */
  readonly #attempts = new Map<string, Attempt[]>()
  readonly #report: (check: ReplayedCheck) => void

  /** @param report Called once for each check of which all tests have ended. */
  constructor(report: (check: ReplayedCheck) => void) {
    this.#report = report
  }

  /** To be called with all tests of these checks, before any of them has ended. */
  begin(checks: readonly PlannedCheck[], tests: readonly PlannedTest[], projects: readonly string[]): void {
    const units = unitsOf(tests)
    for (const unit of units) {
      const names = new Set(unit.flatMap(({ checks }) => checks))
      for (const { id } of unit) {
        this.#waiting.set(id, names)
        this.#attempts.delete(id)
      }
    }
    for (const check of checks) {
      if (check.projects.some(name => !projects.includes(name))) continue
      const isOwn = (test: PlannedTest) => test.checks.includes(check.check)
      const own = units.filter(unit => unit.some(isOwn))
      this.#open.set(check.check, { check, tests: tests.filter(isOwn), units: own })
    }
  }

  testEnded({ id }: PlannedTest, attempt: Attempt): void {
    this.#attempts.set(id, [...this.#attemptsOf(id), attempt])
    for (const name of this.#waiting.get(id) ?? []) {
      const progressing = this.#open.get(name)
      if (!progressing?.units.every(unit => this.#isOver(unit, name))) continue
      this.#open.delete(name)
      const { check, tests } = progressing
      this.#report({ check, tests: tests.map(test => this.#replayed(test)) })
    }
  }

  #attemptsOf(id: string): Attempt[] {
    return this.#attempts.get(id) ?? []
  }

  #isOver(unit: readonly PlannedTest[], check: string): boolean {
    const own = unit.filter(({ checks }) => checks.includes(check)).map(({ id }) => this.#attemptsOf(id))
    if (unit.every(({ series }) => series === undefined)) return own.every(hasEnded)
    // Tests that have passed are tried again with one that has failed.
    const ended = unit.map(({ id }) => this.#attemptsOf(id).filter(({ status }) => status !== 'interrupted'))
    return isSeriesOver(ended) && (own.some(attempts => hasFailedForGood(attempts.at(-1))) || own.every(hasEnded))
  }

  #replayed(planned: PlannedTest): ReplayedCheck['tests'][number] {
    const attempts = this.#attemptsOf(planned.id)
    return { planned, attempts, ...(attempts.length === 0 && { untried: 'a test before it failed' }) }
  }
}

/** An interrupted test may be tried again. */
function hasEnded(attempts: readonly Attempt[]): boolean {
  const last = attempts.at(-1)
  return last !== undefined && last.status !== 'interrupted' && last.isLast
}
