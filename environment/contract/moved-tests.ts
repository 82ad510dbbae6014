/** What a monitor's run and its workers agree on so that tests do not wait behind others that hang: another process tries them. */
import { readFileSync } from 'node:fs'

/** The environment variable with the file that names the tests which another process tries; it is written when there are any. */
export const movedTestsVariable = 'REPRISE_MOVED_TESTS'

/** What a worker says of a test that it leaves to another process. */
export const movedReason = 'tried in another process of this run'

/** Whether this process, a worker of Playwright, leaves a test to another. */
export function isMoved(testId: string): boolean {
  const file = process.env[movedTestsVariable]
  if (file === undefined) return false
  try {
    return readFileSync(file, 'utf8').split('\n').includes(testId)
  } catch {
    // Nobody has had to wait.
    return false
  }
}
