/** Writes the function of Playwright that declares a test with special tags. */
import type { RunSettings } from '../compile/special-tags.ts'

/** `test`, or `test.skip`, for instance. */
export function calleeOf({ marks }: Pick<RunSettings, 'marks'>): string {
  const leftOut = marks.find(mark => mark === 'skip' || mark === 'fixme')
  if (leftOut) return `test.${leftOut}`
  // In the order of Playwright's test.fail.only.
  return ['test', ...marks].join('.')
}
