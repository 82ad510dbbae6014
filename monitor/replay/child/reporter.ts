/** Reports to the process that started Playwright what happens, while it happens. */
import type {
  FullConfig,
  Reporter,
  Suite,
  TestCase,
  TestError,
  TestResult,
  WorkerInfo,
} from '@playwright/test/reporter'
import { type Selector, selectorOf } from '../../../environment/contract/selection.ts'
import type { TargetOptions } from '../../../environment/environment.ts'
import type { PlannedTest, ReplayEvent } from '../events.ts'
import { attemptEnd, errorPlace, hasHung, relativeFile } from './attempt-end.ts'
import { hasDetour } from './detours.ts'
import { EarlierExpects } from './earlier-expects.ts'
import { FailedHooks } from './failed-hooks.ts'
import { HookSkips } from './hook-skips.ts'
import { allowKeptWorkers, countPriorAttempts, restoreExpectedStatus } from './kept-workers.ts'
import { Overruns } from './overruns.ts'
import { hasAsked, underWay } from './own-fault.ts'
import { isIndependent, seriesOf } from './serial-suites.ts'
import { lastSignOf } from './signs-of-life.ts'

export default class ReplayReporter implements Reporter {
  #rootDir = ''
  /** By the ids of their tests. */
  readonly #checks = new Map<string, readonly string[]>()
  /** Those of the tests that each worker has run, by its index. */
  readonly #checksOfWorker = new Map<number, Set<string>>()
  /** By project. */
  readonly #selectors = new Map<unknown, Selector>()
  #confirmed: ReadonlySet<string> = new Set()
  readonly #failedHooks = new FailedHooks()
  readonly #hookSkips = new HookSkips()
  readonly #expects = new EarlierExpects()
  readonly #overruns = new Overruns(
    (test, timeoutMs, result) =>
      send({ event: 'overrun', test, timeoutMs, hasAsked: hasAsked(result, undefined), underWay: underWay(result) }),
    lastSignOf,
  )

  /** @param options `takesDetour`: whether the tests of a project do, by the user's configuration. */
  constructor({ takesDetour = false }: { takesDetour?: boolean } = {}) {
    // Before spec files are loaded, since that may fail.
    send({ event: 'start', takesDetour })
    // The parent process is gone.
    process.once('disconnect', () => process.kill(process.pid, 'SIGINT'))
  }

  /** Without it, Playwright would add a reporter that prints. */
  printsToStdio(): boolean {
    return true
  }

  onBegin(config: FullConfig, suite: Suite): void {
    this.#rootDir = config.rootDir
    const tests = suite.allTests().map(test => this.#planned(test))
    for (const { id, checks } of tests) this.#checks.set(id, checks)
    this.#confirmed = new Set(config.metadata.confirmed)
    countPriorAttempts(suite, config.metadata.tried ?? {})
    allowKeptWorkers(suite, test => (this.#checks.get(test.id) ?? []).length > 0)
    send({ event: 'begin', tests, projects: config.metadata.projects ?? [] })
  }

  onTestBegin(test: TestCase, result: TestResult): void {
    this.#overruns.begin(test, result)
    send({ event: 'testBegin', test: test.id })
  }

  onStepBegin(test: TestCase): void {
    this.#overruns.sign(test)
  }

  onStepEnd(test: TestCase): void {
    this.#overruns.sign(test)
  }

  onTestEnd(test: TestCase, result: TestResult): void {
    this.#overruns.end(test)
    restoreExpectedStatus(test, result)
    const known = this.#checksOfWorker.get(result.workerIndex) ?? []
    this.#checksOfWorker.set(result.workerIndex, new Set([...known, ...(this.#checks.get(test.id) ?? [])]))
    const attempt = attemptEnd(test, result, this.#rootDir, this.#expects.add(test, result))
    if (this.#hookSkips.isRepeated(test, result, attempt)) attempt.isSkippedAfterRequests = true
    this.#failedHooks.note(test, result, attempt)
    const hookFailure = this.#failedHooks.for(test, attempt)
    if (hookFailure) {
      attempt.hookFailure = hookFailure
      // Playwright does not try it again.
      attempt.isLast = result.retry >= test.retries
    }
    if (this.#isConfirmed(test) && hasHung(result, attempt)) {
      // Before Playwright decides on a retry.
      test.retries = result.retry
      attempt.isLast = true
    }
    send({ event: 'testEnd', test: test.id, attempt })
  }

  onError(error: TestError, workerInfo?: WorkerInfo): void {
    const checks = workerInfo ? this.#checksOfWorker.get(workerInfo.workerIndex) : undefined
    send({ event: 'error', error: errorPlace(error, this.#rootDir), checks: [...(checks ?? [])] })
  }

  async onEnd(): Promise<void> {
    // Playwright ends the process right after; what is still under way would be lost.
    await new Promise<void>(resolve => {
      if (!send({ event: 'end' }, resolve)) resolve()
    })
  }

  /** Whether a later run confirms a failure. Of a serial suite, Playwright would try the others again. */
  #isConfirmed(test: TestCase): boolean {
    const checks = this.#checks.get(test.id) ?? []
    return checks.length > 0 && checks.every(check => this.#confirmed.has(check)) && isIndependent(test)
  }

  #planned(test: TestCase): PlannedTest {
    const [, , , ...titles] = test.titlePath()
    const series = seriesOf(test)
    // Not public: the file of its suite is another one where tests stand in a source of the spec.
    const module = Object(test)._requireFile
    const selectable = { file: test.location.file, titles, tags: test.tags }
    return {
      id: test.id,
      title: titles.join(' › '),
      file: relativeFile(test.location.file, this.#rootDir),
      line: test.location.line,
      checks: this.#selectorFor(test)(selectable, this.#rootDir).map(({ check }) => check),
      isSkipped: test.expectedStatus === 'skipped' || test.tags.includes('@local'),
      ...(typeof module === 'string' && { module }),
      ...(series !== undefined && { series }),
      takesDetour: hasDetour(test),
    }
  }

  #selectorFor(test: TestCase): Selector {
    const project = test.parent.project()
    const selector = this.#selectors.get(project) ?? selectorOf(targetOf(project?.use).replays ?? [])
    this.#selectors.set(project, selector)
    return selector
  }
}

function targetOf(use: object | undefined): TargetOptions {
  return Object(use).target ?? {}
}

/** Returns whether the parent process is there. */
function send(event: ReplayEvent, done?: () => void): boolean {
  if (!process.send || !process.connected) return false
  process.send(event, undefined, undefined, () => done?.())
  return true
}
