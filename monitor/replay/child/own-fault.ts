/**
 * Decides whether a failed attempt is the monitor's own fault: by where its error came from, never by its message, since messages
 * quote what the service has answered.
 */
import type { TestResult, TestStep } from '@playwright/test/reporter'
import type { AttemptLog } from '../../../environment/contract/attempt-log.ts'

/** Why it is; undefined where it may be the service's. */
export function ownFaultOf(result: TestResult, log: AttemptLog | undefined): string | undefined {
  const [error] = result.errors
  const reason = error?.message?.split('\n', 1)[0] ?? 'an error without a message'
  if (log?.ownFault !== undefined) return log.ownFault
  // What a spec throws has a stack or is a value; this is Playwright's own message for a worker that has exited.
  if (!log && result.status === 'failed' && error && error.stack === undefined && error.value === undefined)
    return reason
  const asked = hasAsked(result, log)
  if (result.status === 'timedOut') {
    return asked ? undefined : `${reason} Nothing had been sent to the environment; ${underWay(result)}`
  }
  if (log && asked) return undefined
  const before = result.steps.find(({ category, title }) => category === 'hook' && title === 'Before Hooks')
  // A fixture or hook of the specs' has a line; what has none is Playwright's own, such as its browser.
  return before?.error && error && !error.location ? reason : undefined
}

/** What had begun and not ended, for a message. */
export function underWay(result: TestResult): string {
  const titles: string[] = []
  for (let { steps } = result; ; ) {
    const step: TestStep | undefined = steps.findLast(({ duration, error }) => duration < 0 || error)
    if (!step) break
    titles.push(step.title)
    steps = step.steps
  }
  return `under way: ${titles.join(' › ') || 'the test itself'}`
}

/** Whether anything was sent to the environment; without a log, any call of Playwright's counts. */
export function hasAsked({ steps }: TestResult, log: AttemptLog | undefined): boolean {
  if (log) return log.sent > 0
  const hasCall = (some: readonly TestStep[]): boolean =>
    some.some(({ category, steps }) => category === 'pw:api' || hasCall(steps))
  return hasCall(steps)
}
