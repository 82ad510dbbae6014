/** The events that the reporter, in Playwright's process, sends to the process that started it. */
import type { AttemptLog } from '../../environment/contract/attempt-log.ts'

export type ReplayEvent =
  /** The configuration is loaded. `takesDetour`: by it, requests of a project do not go directly to the environment. */
  | { event: 'start'; takesDetour: boolean }
  /** Every spec file is loaded; nothing has run. */
  | { event: 'begin'; tests: PlannedTest[]; projects: string[] }
  | { event: 'testBegin'; test: string }
  | { event: 'testEnd'; test: string; attempt: AttemptEnd }
  /** The test goes on although its time is over by more than the grace, and its worker gives no sign of life. */
  | { event: 'overrun'; test: string; timeoutMs: number; hasAsked: boolean; underWay: string }
  /** Of no test. With `checks` if it is of a worker that runs theirs. */
  | { event: 'error'; error: ErrorPlace; checks: string[] }
  | { event: 'end' }

export interface PlannedTest {
  /** Playwright's, the same in each process that generates the same projects. */
  id: string
  /** Describe blocks and the test's own title. */
  title: string
  /** Relative to the configuration's folder, with slashes. */
  file: string
  line: number
  /** Names of the checks that it belongs to; none: what they depend on, such as a login. */
  checks: string[]
  /** Whether the spec skips it without running it, here or anywhere. */
  isSkipped: boolean
  /** The file that Playwright loads for it, absolute, which may have or import the one that it stands in; absent if that is not known. */
  module?: string
  /** The serial suite that it is tried with, by a name of the suite's own; absent if it can be tried without the tests before it. */
  series?: string
  /** Whether its options show that its requests do not go directly to the environment, but for instance through a proxy. */
  takesDetour: boolean
}

export interface AttemptEnd {
  /** ISO string; absent for an attempt whose process has ended before it. */
  startedAt?: string
  status: 'passed' | 'failed' | 'skipped' | 'interrupted'
  durationMs: number
  /** Whether the test is not tried again. */
  isLast: boolean
  error?: ErrorPlace
  /** How many matchers of `expect` it has evaluated, with `beforeAll` hooks of its file and the earlier tests of its serial suite. */
  expects: number
  /** Why it has failed without a fault of the service. */
  ownFault?: string
  /** The reason that the spec gives for skipping it. */
  skipReason?: string
  /** A hook has skipped it after it had sent requests; absent where the log shows that. */
  isSkippedAfterRequests?: true
  /** Of a skipped test: that of a `beforeAll` hook which was to run before it. */
  hookFailure?: HookFailure
  log?: AttemptLog
  /** Those of the spec, the first 200; absent if there are none. */
  steps?: StepRecord[]
}

export type HookFailure = Pick<AttemptEnd, 'ownFault'> & { error: ErrorPlace }

/** A `test.step` of the spec. */
export interface StepRecord {
  title: string
  /** ISO string. */
  startedAt: string
  durationMs: number
  isFailed?: true
  /** Within it. */
  steps?: StepRecord[]
}

export interface ErrorPlace {
  message: string
  /** The titles of the steps of the spec (`test.step`) within which it was thrown, outermost first. */
  step?: string
  /** Relative to the configuration's folder where it lies there. */
  file?: string
  line?: number
}
