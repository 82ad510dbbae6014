/** Defines how a monitor's run moves tests from workers that wait for hanging tests to another process. */
import { readFileSync } from 'node:fs'

/** The environment variable with the path of a file that lists the moved tests; the file exists only if there are any. */
export const movedTestsVariable = 'REPRISE_MOVED_TESTS'

/** The reason with which a worker skips a moved test. */
export const movedReason = 'tried in another process of this run'

/** Whether this process, a worker of Playwright, has to skip a test because another process runs it. */
export function isMoved(testId: string): boolean {
  const file = process.env[movedTestsVariable]
  if (file === undefined) return false
  try {
    return readFileSync(file, 'utf8').split('\n').includes(testId)
  } catch {
    // No test was moved.
    return false
  }
}
