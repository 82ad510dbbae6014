/** Notices a test that goes on after its timeout without a sign of life: an endless loop, which Playwright cannot end. */
import type { TestCase, TestResult } from '@playwright/test/reporter'

/** In milliseconds. */
const grace = 2000

interface Watched {
  timer: NodeJS.Timeout
  /** Of the last step that began or ended, a sign that the worker's event loop runs. */
  lastSign: number
}

export class Overruns {
  readonly #watched = new Map<string, Watched>()
  readonly #report: (test: string, timeoutMs: number, result: TestResult) => void
  readonly #lastSignOf: (worker: number) => number

  /** @param lastSignOf When a worker, by its index, has given its last sign of life by itself. */
  constructor(
    report: (test: string, timeoutMs: number, result: TestResult) => void,
    lastSignOf: (worker: number) => number,
  ) {
    this.#report = report
    this.#lastSignOf = lastSignOf
  }

  begin({ id, timeout }: TestCase, result: TestResult): void {
    if (timeout > 0) this.#watch({ id, timeout, result }, Date.now())
  }

  sign({ id }: TestCase): void {
    const watched = this.#watched.get(id)
    if (watched) watched.lastSign = Date.now()
  }

  end({ id }: TestCase): void {
    clearTimeout(this.#watched.get(id)?.timer)
    this.#watched.delete(id)
  }

  #watch(running: { id: string; timeout: number; result: TestResult }, since: number): void {
    const { id, timeout, result } = running
    const due = setTimeout(
      () => {
        const lastSign = Math.max(this.#watched.get(id)?.lastSign ?? 0, this.#lastSignOf(result.workerIndex))
        // Its hooks and fixtures have a time of their own after the timeout, and a test may have asked for more.
        if (lastSign >= since + timeout) this.#watch(running, lastSign)
        else this.#report(id, timeout, result)
      },
      since + timeout + grace - Date.now(),
    )
    this.#watched.set(id, { timer: due, lastSign: since })
  }
}
