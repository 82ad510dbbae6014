/** Finds the serial suites of tests. What Playwright does not make public is used only where it exists. */
import type { Suite, TestCase } from '@playwright/test/reporter'

/** Whether a test can be tried without those before it: it is not part of a serial suite, as far as Playwright shows. */
export function isIndependent(test: TestCase): boolean {
  return modesOf(test)?.includes('serial') === false
}

/** The outermost serial suite of a test: when one of its tests fails, Playwright skips the rest. */
export function serialSuiteOf(test: TestCase): Suite | undefined {
  return suitesOf(test).findLast(suite => modeOf(suite) === 'serial')
}

/**
 * Names the tests that are tried together with this one: those of its outermost serial suite, or those of its file where Playwright
 * does not show which suites are serial. Undefined for a test that can be tried alone.
 */
export function seriesOf(test: TestCase): string | undefined {
  if (isIndependent(test)) return undefined
  const suite = serialSuiteOf(test) ?? fileSuiteOf(test) ?? test.parent
  const { line = 0, column = 0 } = suite.location ?? {}
  // Not public: the names of projects need not be unique.
  const project = Object(test.parent.project()).__projectId ?? ''
  // The project, the file and the describe blocks.
  return [project, ...suite.titlePath(), `${line}:${column}`].join(' › ')
}

function fileSuiteOf(test: TestCase): Suite | undefined {
  return suitesOf(test).find(({ type }) => type === 'file')
}

/** From the inside out. */
export function suitesOf(test: TestCase): Suite[] {
  const suites: Suite[] = []
  for (let suite: Suite | undefined = test.parent; suite; suite = suite.parent) suites.push(suite)
  return suites
}

/** Of its suites, from the inside out; undefined where Playwright does not show them. */
export function modesOf(test: TestCase): string[] | undefined {
  const modes = suitesOf(test).map(modeOf)
  return modes.every(mode => typeof mode === 'string') ? modes : undefined
}

const modeOf = (suite: Suite): unknown => Object(suite)._parallelMode
