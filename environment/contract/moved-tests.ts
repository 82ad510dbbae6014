/**
 * Defines how a monitor's run has workers leave out tests: those that another process tries, and those that have failed already since the
 * environment does not respond.
 */
import { readFileSync, renameSync, writeFileSync } from 'node:fs'

/** The environment variable with the path of a file that lists these tests, with the reasons; the file exists only if there are any. */
export const movedTestsVariable = 'REPRISE_MOVED_TESTS'

/** The reasons with which a worker skips a test. */
export const movedReasons = {
  elsewhere: 'tried in another process of this run',
  unreachable: 'the environment does not respond',
}

/** Writes the file at once: no worker may begin one of them meanwhile. @param tests The reasons, by the ids of the tests. */
export function writeMovedTests(file: string, tests: ReadonlyMap<string, string>): void {
  const lines = [...tests].map(([id, reason]) => `${id} ${reason}`)
  // A worker may be reading it.
  writeFileSync(`${file}.new`, lines.join('\n'), { mode: 0o600 })
  renameSync(`${file}.new`, file)
}

/** Why this process, a worker of Playwright, has to skip a test; undefined where it has not. */
export function movedReasonOf(testId: string): string | undefined {
  const file = process.env[movedTestsVariable]
  if (file === undefined) return undefined
  try {
    const line = readFileSync(file, 'utf8')
      .split('\n')
      .find(line => line.startsWith(`${testId} `))
    return line?.slice(testId.length + 1)
  } catch {
    // No test was moved.
    return undefined
  }
}
