/** Adds the time that a sentence may take to the timeout of the test. */
import { test } from '@playwright/test'

/** A test without a timeout, as under a debugger, gets none. @param longest In milliseconds. */
export function addToTimeout(longest: number): void {
  const { timeout } = test.info()
  if (timeout > 0) test.setTimeout(timeout + longest)
}
