/**
 * Decides whether a failed attempt is the monitor's own fault: by where its error came from, never by its message, since messages
 * quote what the service has answered.
 */
import { stripVTControlCharacters } from 'node:util'
import type { TestResult, TestStep } from '@playwright/test/reporter'
import type { AttemptLog } from '../../../environment/contract/attempt-log.ts'

/** Why it is; undefined where it may be the service's. */
export function ownFaultOf(result: TestResult, log: AttemptLog | undefined): string | undefined {
  const [error] = result.errors
  const [reason = ''] = stripVTControlCharacters(error?.message ?? 'an error without a message').split('\n', 1)
  if (log?.ownFault !== undefined) return log.ownFault
  // What a spec throws has a stack or is a value; this is Playwright's own message for a worker that has exited.
  if (!log && result.status === 'failed' && error && error.stack === undefined && error.value === undefined)
    return reason
  const asked = hasAsked(result, log)
  if (result.status === 'timedOut') {
    // What a page of a hook shows is of the environment.
    if (asked || (hasAskedBefore(log) && !isPreparing(result))) return undefined
    return `${reason} Nothing had been sent to the environment; ${underWay(result)}`
  }
  if (log && asked) return undefined
  const before = beforeHooks(result)
  // A fixture or hook of the specs' has a line; what has none is Playwright's own, such as its browser.
  return before?.error && error && !error.location ? reason : undefined
}

const hasAskedBefore = (log: AttemptLog | undefined) => log !== undefined && log.sentBefore > 0

/** Whether its fixtures or hooks are under way, but no call of Playwright's in them. */
function isPreparing(result: TestResult): boolean {
  const path = pathUnderWay(result)
  return path[0] === beforeHooks(result) && !path.some(({ category }) => category === 'pw:api' || category === 'expect')
}

function beforeHooks({ steps }: TestResult): TestStep | undefined {
  return steps.find(({ category, title }) => category === 'hook' && title === 'Before Hooks')
}

/** What had begun and not ended, for a message. */
export function underWay(result: TestResult): string {
  const titles = pathUnderWay(result).map(({ title }) => title)
  return `under way: ${titles.join(' › ') || 'the test itself'}`
}

/** From the outside in. */
function pathUnderWay(result: TestResult): TestStep[] {
  const path: TestStep[] = []
  const next = (steps: readonly TestStep[]) => steps.findLast(({ duration, error }) => duration < 0 || error)
  for (let step = next(result.steps); step; step = next(step.steps)) path.push(step)
  return path
}

/** Whether anything was sent to the environment; without a log, any call of Playwright's counts, except the launch of a browser. */
export function hasAsked({ steps }: TestResult, log: AttemptLog | undefined): boolean {
  if (log) return log.sent > 0
  const isLaunch = ({ category, title }: TestStep) => category === 'fixture' && /\bbrowser\b/.test(title)
  const hasCall = (some: readonly TestStep[]): boolean =>
    some.some(step => !isLaunch(step) && (step.category === 'pw:api' || hasCall(step.steps)))
  return hasCall(steps)
}
