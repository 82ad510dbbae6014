/** Turns Playwright's results and errors into the form that is sent to the parent process. */
import path from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import type { TestCase, TestError, TestResult, TestStep } from '@playwright/test/reporter'
import { type AttemptLog, attemptLogName } from '../../../environment/contract/attempt-log.ts'
import type { AttemptEnd, ErrorPlace, StepRecord } from '../events.ts'
import { ownFaultOf } from './own-fault.ts'

/** Of an error's message, in characters. */
const longestMessage = 10_000

/** @param expects How many `expect` calls count for it. */
export function attemptEnd(test: TestCase, result: TestResult, rootDir: string, expects: number): AttemptEnd {
  const body = result.attachments.findLast(({ name }) => name === attemptLogName)?.body
  const log: AttemptLog | undefined = body && JSON.parse(body.toString())
  const skip = [...test.annotations, ...result.annotations].find(({ type }) => type === 'skip' || type === 'fixme')
  const expected = statusOf(test, result)
  // Also of a test that is expected to fail.
  const hasFailed = expected === 'failed' || (expected === 'passed' && result.status === 'failed')
  const ownFault = hasFailed ? ownFaultOf(result, log) : undefined
  const status = ownFault === undefined ? expected : 'failed'
  const [first] = result.errors
  const error = result.errors[log?.failedBy ?? 0] ?? first ?? { message: 'Expected to fail, but passed.' }
  const step = failedStep(result.steps, error)
  const steps = stepRecords(result.steps)
  return {
    startedAt: result.startTime.toISOString(),
    status,
    durationMs: result.duration,
    isLast: expected === 'passed' || expected === 'skipped' || result.retry >= test.retries,
    expects,
    ...(status === 'failed' && { error: { ...errorPlace(error, rootDir), ...(step !== '' && { step }) } }),
    ...(ownFault !== undefined && { ownFault }),
    ...(status === 'skipped' && skip && { skipReason: skip.description ?? `test.${skip.type}()` }),
    ...(log && { log }),
    ...(steps.length > 0 && { steps }),
  }
}

/** Whether the attempt has used up its time while a request of its was not answered to the end: a retry might take as long. */
export function hasHung({ status }: TestResult, { log, ownFault }: AttemptEnd): boolean {
  const isOpen = log !== undefined && (log.answered < log.sent || log.unfinished !== undefined)
  return status === 'timedOut' && ownFault === undefined && isOpen
}

export function errorPlace({ message, value, location }: TestError, rootDir: string): ErrorPlace {
  const text = stripVTControlCharacters(message ?? value ?? 'An error without a message.')
  return {
    message: cut(text, longestMessage),
    ...(location && { file: relativeFile(location.file, rootDir), line: location.line }),
  }
}

/** Of an error's steps, in characters. */
const longestStep = 500

/** Empty if the error was thrown outside of any step of the spec. */
export function failedStep(steps: readonly TestStep[], { message }: TestError): string {
  const titles: string[] = []
  const next = (among: readonly TestStep[]) => among.find(({ error }) => error && error.message === message)
  for (let step = next(steps); step; step = next(step.steps)) {
    if (step.category === 'test.step') titles.push(step.title)
  }
  return cut(stripVTControlCharacters(titles.join(' › ')), longestStep)
}

/** The steps of the spec, without Playwright's own. */
function stepRecords(steps: readonly TestStep[], left = { count: mostSteps }): StepRecord[] {
  return steps.flatMap(({ category, title, startTime, duration, error, steps }) => {
    if (category !== 'test.step') return stepRecords(steps, left)
    if (left.count-- <= 0) return []
    const within = stepRecords(steps, left)
    return [
      {
        title: cut(stripVTControlCharacters(title), longestStep),
        startedAt: startTime.toISOString(),
        durationMs: Math.max(0, Math.round(duration)),
        ...(error && { isFailed: true as const }),
        ...(within.length > 0 && { steps: within }),
      },
    ]
  })
}

const mostSteps = 200

const cut = (text: string, most: number) => (text.length > most ? `${text.slice(0, most)}…` : text)

/** With slashes. */
export function relativeFile(file: string, rootDir: string): string {
  return path.relative(rootDir, file).split(path.sep).join('/')
}

function statusOf({ expectedStatus }: TestCase, { status }: TestResult): AttemptEnd['status'] {
  if (status === 'skipped' || status === 'interrupted') return status
  return status === expectedStatus ? 'passed' : 'failed'
}
