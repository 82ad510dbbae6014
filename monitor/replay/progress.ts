/** Reports a check as soon as its last test has ended, while the rest of its run goes on. */
import type { PlannedTest } from './events.ts'
import type { Attempt } from './outcome.ts'
import type { PlannedCheck } from './plan.ts'
import type { ReplayedCheck } from './replayed-check.ts'

interface Progressing {
  check: PlannedCheck
  tests: { planned: PlannedTest; attempts: Attempt[] }[]
}

export class Progress {
  readonly #open = new Map<string, Progressing>()
  readonly #report: (check: ReplayedCheck) => void

  /** @param report Called once for each check of which all tests have ended. */
  constructor(report: (check: ReplayedCheck) => void) {
    this.#report = report
  }

  /** To be called with all tests of these checks, before any of them has ended. */
  begin(checks: readonly PlannedCheck[], tests: readonly PlannedTest[], projects: readonly string[]): void {
    for (const check of checks) {
      if (check.projects.some(name => !projects.includes(name))) continue
      const own = tests.filter(test => test.checks.includes(check.check))
      // Of a serial suite those that have passed are tried again with the one that has failed.
      if (own.some(({ series }) => series !== undefined)) continue
      this.#open.set(check.check, { check, tests: own.map(planned => ({ planned, attempts: [] })) })
    }
  }

  testEnded({ id, checks }: PlannedTest, attempt: Attempt): void {
    for (const name of checks) {
      const progressing = this.#open.get(name)
      if (!progressing) continue
      for (const { planned, attempts } of progressing.tests) if (planned.id === id) attempts.push(attempt)
      if (!progressing.tests.every(hasEnded)) continue
      this.#open.delete(name)
      this.#report(progressing)
    }
  }
}

/** An interrupted test may be tried again. */
function hasEnded({ attempts }: Progressing['tests'][number]): boolean {
  const last = attempts.at(-1)
  return last !== undefined && last.status !== 'interrupted' && last.isLast
}
