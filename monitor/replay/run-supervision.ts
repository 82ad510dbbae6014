/** Supervises the processes of a run: ends them in time, requests the base URL during an outage, and reports each check that has ended. */
import type { Environment } from '../../environment/environment.ts'
import { parseDuration } from '../duration.ts'
import type { PlannedTest } from './events.ts'
import { OnlineProbe } from './online-probe.ts'
import { type Outage, watchForOutage } from './outage.ts'
import type { Attempt } from './outcome.ts'
import type { PlannedCheck } from './plan.ts'
import type { Turn } from './player.ts'
import type { Supervision } from './playwright-run.ts'
import { failsWithBaseURL, failsWithDependency } from './presumption.ts'
import { Progress } from './progress.ts'
import type { ReplayedCheck } from './replayed-check.ts'

export interface SupervisionOptions {
  environment: Environment
  planned: readonly PlannedCheck[]
  /** Resolves when the run is asked to end. */
  asked: Promise<unknown>
  /** The specs of a process are loaded. */
  onBegin(): void
  onTestEnd(test: PlannedTest, attempt: Attempt): void
  /** All tests of a check have ended. */
  onCheckEnd(check: ReplayedCheck): void
}

interface RunSupervision {
  /** Of one process that replays these checks. */
  of(checks: readonly PlannedCheck[], turn: Turn): Supervision
  close(): void
}

export function superviseRun(options: SupervisionOptions): RunSupervision {
  const { environment, planned, asked, onBegin, onTestEnd, onCheckEnd } = options
  const probe = new OnlineProbe(environment.onlineProbe)
  const progress = new Progress(onCheckEnd)
  const outage = outageOf(options)
  const limit = timeLimit(environment.runTimeout ?? defaultRunTimeout)
  return {
    of: (checks, turn) => ({
      ...{ probe, asked, late: limit.over, onTestEnd },
      failsWithDependency: test => failsWithDependency(test, planned),
      timeoutOf: ({ checks }) => timeoutOf(planned.filter(({ check }) => checks.includes(check))),
      ...(turn.known && { known: turn.known }),
      ...(!turn.isAfterOutage && { outage, failsWithBaseURL: test => failsWithBaseURL(test, planned) }),
      onBegin: (tests, projects) => {
        if (!turn.rest) progress.begin(checks, tests, projects)
        onBegin()
      },
      onTestKnown: (test, attempt) => progress.testEnded(test, attempt),
    }),
    close: () => {
      limit.close()
      outage.close()
    },
  }
}

/** Of a test of these checks, in milliseconds: they have the same, or else it is several tests. */
const timeoutOf = (checks: readonly PlannedCheck[]) => Math.max(0, ...checks.map(({ timeoutMs }) => timeoutMs))

function outageOf({ environment: { baseURL, origins, tls }, planned }: SupervisionOptions): Outage {
  return watchForOutage({
    // A test that sends its requests to another origin may pass.
    urls: [baseURL, ...(origins ?? [])],
    timeoutsMs: planned.map(({ timeoutMs }) => timeoutMs),
    wantsCertificate: (tls?.clientCertificates ?? []).length > 0,
  })
}

function timeLimit(duration: string): { over: Promise<void>; close(): void } {
  let timer: NodeJS.Timeout | undefined
  const over = new Promise<void>(resolve => {
    timer = setTimeout(resolve, Math.min(parseDuration(duration) ?? 0, longestTimer))
  })
  return { over, close: () => clearTimeout(timer) }
}

/** Of an environment's `runTimeout`. */
export const defaultRunTimeout = '30m'

/** In milliseconds, of Node. */
const longestTimer = 2 ** 31 - 1
