/** Finds the tests whose requests take a detour before they run, from the options that Playwright has loaded. */
import type { Suite, TestCase } from '@playwright/test/reporter'
import { takesDetour } from '../../../environment/contract/detours.ts'

/** Checks the options of its project, of `test.use()` in its file or its describe blocks, and of `test.extend()`. */
export function hasDetour(test: TestCase): boolean {
  if (takesDetour(test.parent.project()?.use)) return true
  for (let suite: Suite | undefined = test.parent; suite; suite = suite.parent) {
    // Not public: without it, only the test's fixtures detect a detour, while it runs.
    if (optionsIn(Object(suite)._use).some(takesDetour)) return true
  }
  // Functions among these are mostly Playwright's own, and not set by the test.
  return optionsIn(Object(Object(test)._testType).fixtures).some(options => takesDetour(withoutFunctions(options)))
}

function optionsIn(added: unknown): unknown[] {
  return Array.isArray(added) ? added.map(each => Object(each).fixtures) : []
}

function withoutFunctions(options: unknown): object {
  return Object.fromEntries(
    Object.entries(Object(options)).filter(([, value]) => typeof [value].flat()[0] !== 'function'),
  )
}
