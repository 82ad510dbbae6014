import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from '@playwright/test'
import type { TestCase, TestResult } from '@playwright/test/reporter'
import { Overruns } from './overruns.ts'

const timeout = 100
const tests = ['silent', 'alive'].map((id, workerIndex) => {
  return { test: { id, timeout } as TestCase, result: { workerIndex } as TestResult }
})

test('a test whose worker gives signs of life after its time has asked for more', async () => {
  const reported: string[] = []
  const overruns = new Overruns(
    id => reported.push(id),
    worker => (worker === 1 ? Date.now() : 0),
  )
  for (const { test, result } of tests) overruns.begin(test, result)
  await delay(2500)
  for (const { test } of tests) overruns.end(test)
  expect(reported).toEqual(['silent'])
})
