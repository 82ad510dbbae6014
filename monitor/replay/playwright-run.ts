/** One process of Playwright that replays checks, supervised: what it told, and why it was stopped if it was. */
import type { ErrorPlace, PlannedTest, ReplayEvent } from './events.ts'
import type { OnlineProbe } from './online-probe.ts'
import type { Attempt } from './outcome.ts'
import { type Launch, launchPlaywright } from './playwright-process.ts'

export interface PlaywrightRun {
  /** Undefined: the spec files could not be loaded. */
  tests: PlannedTest[] | undefined
  /** Names of the projects of the user's configuration. */
  projects: string[]
  /** Of each test that has begun, by its id. */
  attempts: Map<string, Attempt[]>
  /** The tests that went on after their time was over. */
  endless: Set<string>
  /** Of no test; with `checks` if they are of a worker that runs theirs. */
  errors: { error: ErrorPlace; checks: string[] }[]
  /** Why it ended before everything was tried. */
  stopped?: Stop
  lastWords: string
}

type Stop = 'endless test' | 'asked' | 'silence' | 'died'

export interface Supervision {
  probe: OnlineProbe
  /** Resolves when somebody wants the run to end. */
  asked: Promise<unknown>
  /** Without a word for so long, in milliseconds, the process counts as stuck while no test runs. */
  silence?: number
  onTestEnd?(test: PlannedTest, attempt: Attempt): void
}

export async function runPlaywright(launch: Omit<Launch, 'onEvent'>, supervision: Supervision): Promise<PlaywrightRun> {
  const { probe, asked, silence = 120_000, onTestEnd } = supervision
  const run: PlaywrightRun = {
    tests: undefined,
    projects: [],
    attempts: new Map(),
    endless: new Set(),
    errors: [],
    lastWords: '',
  }
  const running = new Set<string>()
  const probing: Promise<void>[] = []
  let isComplete = false
  const stop = (why: Stop) => {
    run.stopped ??= why
    void child.stop()
  }
  const timer = setTimeout(() => (running.size > 0 ? timer.refresh() : stop('silence')), silence)
  const child = launchPlaywright({
    ...launch,
    onEvent: event => {
      timer.refresh()
      switch (event.event) {
        case 'begin':
          run.tests = event.tests
          run.projects = event.projects
          break
        case 'testBegin':
          running.add(event.test)
          break
        case 'testEnd': {
          running.delete(event.test)
          if (run.endless.has(event.test)) break
          const attempt: Attempt = event.attempt
          run.attempts.set(event.test, [...(run.attempts.get(event.test) ?? []), attempt])
          if (attempt.status === 'failed') probing.push(noteNetwork(attempt, probe))
          const test = run.tests?.find(({ id }) => id === event.test)
          if (test) onTestEnd?.(test, attempt)
          break
        }
        case 'overrun': {
          const attempt = overrunAttempt(event)
          run.endless.add(event.test)
          run.attempts.set(event.test, [...(run.attempts.get(event.test) ?? []), attempt])
          stop('endless test')
          break
        }
        case 'error':
          run.errors.push(event)
          break
        case 'end':
          isComplete = true
      }
    },
  })
  void asked.then(() => stop('asked'))
  const { lastWords } = await child.ended
  clearTimeout(timer)
  await Promise.all(probing)
  run.lastWords = lastWords
  if (!isComplete) run.stopped ??= 'died'
  // When loading fails or is interrupted, Playwright begins all the same, with nothing.
  if (run.tests?.length === 0 && (run.errors.length > 0 || run.stopped)) run.tests = undefined
  return run
}

function overrunAttempt({ timeoutMs, hasAsked, underWay }: ReplayEvent & { event: 'overrun' }): Attempt {
  const message = `It did not end when its ${timeoutMs} ms were over, and gave no sign of life: look for an endless loop (${underWay}).`
  const ownFault = hasAsked ? undefined : `${message} Nothing had been sent to the environment.`
  const ended = { status: 'failed' as const, durationMs: timeoutMs, isLast: true, expects: 0, error: { message } }
  return ownFault === undefined ? ended : { ...ended, ownFault }
}

async function noteNetwork(attempt: Attempt, probe: OnlineProbe): Promise<void> {
  attempt.offline = await probe.isOffline()
}
