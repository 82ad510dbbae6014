/** Runs one process of Playwright and supervises it: collects its results, and stops it where it cannot go on. */
import type { AttemptEnd, ErrorPlace, PlannedTest, ReplayEvent } from './events.ts'
import type { OnlineProbe } from './online-probe.ts'
import type { Absence, Outage } from './outage.ts'
import type { Attempt } from './outcome.ts'
import { type Launch, launchPlaywright } from './playwright-process.ts'
import { processorUse } from './processor-use.ts'
import { type Queue, watchQueue } from './queue.ts'
import { isSeriesOver } from './series.ts'

export interface PlaywrightRun {
  /** The configuration was loaded; then `globalSetup` is executed, and the spec files are loaded. */
  hasStarted: boolean
  /** Undefined: the spec files could not be loaded. */
  tests: PlannedTest[] | undefined
  /** Names of the projects of the user's configuration. */
  projects: string[]
  /** Of each test that has begun, by its id. */
  attempts: Map<string, Attempt[]>
  /** The tests that were given a result before they had ended: what comes of them later does not count. */
  settled: Set<string>
  /** Of no test; with `checks` if they are of a worker that runs theirs. */
  errors: { error: ErrorPlace; checks: string[] }[]
  /** Why it ended before everything was tried. */
  stopped?: Stop
  /** The tests that had begun and not ended when it died. */
  underWay: string[]
  /** It ended early since other processes had taken over all that was left: of what it tried, retries may be due. */
  isHandedOver: boolean
  /** Why the service is unreachable, if that has kept the spec files from being loaded. */
  absence?: string
  lastWords: string
}

export type Stop = 'endless test' | 'unreachable' | 'asked' | 'late' | 'silence' | 'died'

export type KnownTests = { tests: PlannedTest[]; projects: string[] }

export interface Supervision {
  probe: OnlineProbe
  /** Decides whether the service is unreachable: then tests have failed, as far as that may be presumed of them. */
  outage?: Outage
  /** Of a test, in milliseconds. */
  timeoutOf?(test: PlannedTest): number
  /** These tests have failed since the service is unreachable; others go on, and workers must not begin these. */
  onSettled?(tests: readonly PlannedTest[]): void
  /** Whether a test fails with what it depends on; by default each. */
  failsWithDependency?(test: PlannedTest): boolean
  /** By default of each. */
  failsWithBaseURL?(test: PlannedTest): boolean
  /** Resolves when the run is asked to end. */
  asked: Promise<unknown>
  /** Resolves when the run has taken too long. */
  late?: Promise<unknown>
  /** Without an event for so long, in milliseconds, the process counts as stuck while no test runs. */
  silence?: number
  /** The tests of a further process, as an earlier one has loaded them. */
  known?: KnownTests
  /** Every spec file is loaded. */
  onBegin?(tests: readonly PlannedTest[], projects: readonly string[]): void
  /** Tests wait behind others that hang: they can be tried elsewhere. */
  waiting?: {
    /** Of a test, in milliseconds. */
    timeoutMs: number
    /** Called at most once. */
    move(tests: KnownTests): void
  }
  onTestEnd?(test: PlannedTest, attempt: Attempt): void
  /** Follows `onTestEnd`, when all is known that counts in its outcome. */
  onTestKnown?(test: PlannedTest, attempt: Attempt): void
}

export async function runPlaywright(launch: Omit<Launch, 'onEvent'>, supervision: Supervision): Promise<PlaywrightRun> {
  const {
    probe,
    outage,
    asked,
    late,
    silence = 120_000,
    onBegin,
    waiting,
    onSettled,
    onTestEnd,
    onTestKnown,
  } = supervision
  const { failsWithBaseURL = () => true, failsWithDependency = () => true, timeoutOf = () => 0 } = supervision
  const run: PlaywrightRun = {
    hasStarted: false,
    tests: undefined,
    projects: [],
    attempts: new Map(),
    settled: new Set(),
    errors: [],
    underWay: [],
    isHandedOver: false,
    lastWords: '',
  }
  const running = new Set<string>()
  const moved = new Set<string>()
  const move = (ids: readonly string[]) => {
    for (const id of ids) moved.add(id)
    waiting?.move({ tests: (run.tests ?? []).filter(({ id }) => moved.has(id)), projects: run.projects })
  }
  let queue: Queue | undefined
  const probing: Promise<void>[] = []
  let isComplete = false
  let absence: Absence | undefined
  let hasEnded = false
  /** Whether requests while the specs are loaded may take a detour; unknown until the configuration is loaded. */
  let loadsByDetour: boolean | undefined
  const stop = (why: Stop) => {
    // It writes its report, and an interruption would end it at once.
    if (isComplete) return
    queue?.close()
    run.stopped ??= why
    void child.stop()
  }
  /** A further process need not have loaded its specs. */
  const known = () => run.tests ?? supervision.known?.tests
  const take = (id: string, attempt: Attempt) => {
    run.attempts.set(id, [...(run.attempts.get(id) ?? []), attempt])
    const test = known()?.find(test => test.id === id)
    if (!test) return
    onTestEnd?.(test, attempt)
    if (attempt.status !== 'failed') onTestKnown?.(test, attempt)
    else probing.push(noteNetwork(attempt, probe).then(() => onTestKnown?.(test, attempt)))
  }
  /** A test that was skipped since a hook before it has failed counts as failed. */
  const presumed = (id: string, { hookFailure, ...attempt }: AttemptEnd): AttemptEnd => {
    const test = run.tests?.find(test => test.id === id)
    return hookFailure && test && failsWithDependency(test) ? { ...attempt, ...hookFailure, status: 'failed' } : attempt
  }
  const tookDetour = (id: string, { log }: Attempt) =>
    log?.tookDetour || (run.tests?.some(test => test.id === id && test.takesDetour) ?? false)
  const settle = (id: string, attempt: Attempt) => {
    run.settled.add(id)
    take(id, attempt)
  }
  const settleAll = () => {
    if (hasEnded || absence === undefined) return
    const { why, timeoutMs } = absence
    const tests = known()
    if (!tests) {
      if (loadsByDetour !== false || timeoutMs < Number.POSITIVE_INFINITY) return
      run.absence = why
      stop('unreachable')
      return
    }
    const open = tests.filter(test => {
      const isOpen = !moved.has(test.id) && run.attempts.get(test.id)?.at(-1)?.isLast !== true
      return isOpen && failsWithBaseURL(test)
    })
    const due = open.filter(test => timeoutOf(test) <= timeoutMs)
    if (due.length === 0) return
    for (const { id } of due) settle(id, unreachableAttempt(why))
    if (due.length === open.length) {
      if (!run.tests) Object.assign(run, supervision.known)
      stop('unreachable')
      return
    }
    onSettled?.(due)
    // None of them waits for its turn any more.
    for (const { id } of due) if (!running.has(id)) queue?.testEnded(id)
  }
  /** What another process tries must not hold up this one, such as by a hook that hangs before it. */
  const handOver = () => {
    if (moved.size === 0 || run.stopped || isComplete || !run.tests?.every(hasLeft)) return
    run.isHandedOver = true
    queue?.close()
    void child.stop()
  }
  /** A test is another process's, or has been tried; a serial suite is tried again in this one. */
  const hasLeft = ({ id, series }: PlannedTest) => {
    if (moved.has(id)) return true
    if (running.has(id)) return false
    if (series === undefined) return run.attempts.has(id)
    const suite = run.tests?.filter(test => test.series === series) ?? []
    return isSeriesOver(suite.map(({ id }) => run.attempts.get(id) ?? []))
  }
  const child = launchPlaywright({
    ...launch,
    onEvent: event => {
      timer.refresh()
      switch (event.event) {
        case 'start':
          run.hasStarted = true
          loadsByDetour = event.takesDetour
          settleAll()
          break
        case 'begin':
          run.tests = event.tests
          run.projects = event.projects
          if (waiting && child.pid !== undefined) queue = watchQueue(child.pid, event.tests, waiting.timeoutMs, move)
          outage?.loaded()
          onBegin?.(event.tests, event.projects)
          settleAll()
          break
        case 'testBegin':
          running.add(event.test)
          queue?.testBegan(event.test)
          outage?.testBegan()
          break
        case 'testEnd':
          running.delete(event.test)
          queue?.testEnded(event.test)
          // Of tests that were left to another process, no result of this one counts, whatever their hooks have done.
          if (moved.has(event.test)) break
          if (!run.settled.has(event.test)) take(event.test, presumed(event.test, event.attempt))
          outage?.testEnded(event.attempt, tookDetour(event.test, event.attempt))
          handOver()
          break
        case 'overrun':
          void isStarved(child.pid ?? 0, () => running.has(event.test)).then(starved => {
            if (!running.has(event.test)) return
            if (!run.settled.has(event.test)) settle(event.test, overrunAttempt(event, starved))
            stop('endless test')
          })
          break
        case 'error':
          run.errors.push(event)
          break
        case 'end':
          isComplete = true
      }
    },
  })
  // Once it runs: the timer of a process that cannot be started would keep this one from ending.
  const timer = setTimeout(() => (running.size > 0 ? timer.refresh() : stop('silence')), silence)
  outage?.loading()
  void asked.then(() => stop('asked'))
  void late?.then(() => stop('late'))
  outage?.onUnreachable(found => {
    absence = found
    settleAll()
  })
  const { lastWords } = await child.ended
  hasEnded = true
  clearTimeout(timer)
  queue?.close()
  await Promise.all(probing)
  run.lastWords = lastWords
  if (!isComplete && !run.isHandedOver) run.stopped ??= 'died'
  if (run.stopped === 'died') run.underWay = [...running]
  // When loading fails or is interrupted, Playwright begins all the same, with nothing.
  if (run.tests?.length === 0 && (run.errors.length > 0 || run.stopped)) run.tests = undefined
  const isFinal = run.stopped === 'asked' || run.stopped === 'late'
  if (outage && !run.tests && !run.absence && !isFinal && !loadsByDetour) {
    const why = await outage.loadFailed()
    if (why !== undefined) run.absence = why
  }
  return run
}

/** Of a test that had not ended when the service was found to be unreachable. */
export function unreachableAttempt(absence: string): Attempt {
  const message = `The environment does not respond, so the test was not run to its end: ${absence}.`
  return { status: 'failed', durationMs: 0, isLast: true, expects: 0, error: { message } }
}

/** The share of a second for which processes that are starved wait for a processor. */
const starvedShare = 1 / 3
/** So much time of a processor, in seconds, is enough for a sign of life, and so long it may take to get it. */
const [enough, patience] = [1, 10]

/** Whether a process group makes no progress because it gets no processor time; watched for as long as that is of interest. */
async function isStarved(leader: number, isOfInterest: () => boolean): Promise<boolean> {
  let had = 0
  for (let second = 0; second < patience && isOfInterest(); second++) {
    const use = await processorUse(leader)
    had += use?.running ?? 0
    if (!use || use.ready < starvedShare || had >= enough) return false
  }
  return true
}

function overrunAttempt(
  { timeoutMs, hasAsked, underWay }: ReplayEvent & { event: 'overrun' },
  starved: boolean,
): Attempt {
  const overrun = `It did not end when its ${timeoutMs} ms were over, and gave no sign of life`
  const ended = { status: 'failed' as const, durationMs: timeoutMs, isLast: true, expects: 0 }
  if (starved) {
    const ownFault = `monitor overloaded: the test had to wait for a processor of this machine. ${overrun} (${underWay}).`
    return { ...ended, error: { message: ownFault }, ownFault }
  }
  const message = `${overrun}: look for an endless loop (${underWay}).`
  const ownFault = hasAsked ? undefined : `${message} Nothing had been sent to the environment.`
  return { ...ended, error: { message }, ...(ownFault !== undefined && { ownFault }) }
}

async function noteNetwork(attempt: Attempt, probe: OnlineProbe): Promise<void> {
  attempt.offline = await probe.isOffline()
}
