/**
 * Gives signs of life in a worker, and reads them in the runner. A test that asks for more time (`test.setTimeout`, `test.slow`) may
 * wait in one step for longer than the time that the runner knows.
 */
import { statSync, writeFileSync } from 'node:fs'
import { test } from '@playwright/test'
import { signsVariable } from '../../../environment/contract/signs-of-life.ts'

/** In milliseconds; shorter than the grace of a test that gives none. */
const everyMs = 500

/** Call it in a worker. It gives signs for as long as its event loop runs and the time of the current test is not over. */
export function giveSigns(index: string): void {
  const prefix = process.env[signsVariable]
  if (prefix === undefined) return
  const begun = new WeakMap<object, number>()
  setInterval(() => {
    const current = currentTest()
    if (!current) return
    const begin = begun.get(current) ?? performance.now()
    begun.set(current, begin)
    if (performance.now() - begin < current.timeout) sign(`${prefix}-${index}`)
  }, everyMs).unref()
}

/** When a worker has given its last sign, in milliseconds since 1970; 0 if it has given none. */
export function lastSignOf(index: number): number {
  return statSync(`${process.env[signsVariable]}-${index}`, { throwIfNoEntry: false })?.mtimeMs ?? 0
}

function sign(file: string): void {
  try {
    writeFileSync(file, '.', { mode: 0o600 })
  } catch {
    // Such as a full disk: then the test has the time that the runner knows.
  }
}

function currentTest() {
  try {
    return test.info()
  } catch {
    return undefined
  }
}
