import { expect, test } from '@playwright/test'
import type { PlannedTest } from './events.ts'
import { watchQueue } from './queue.ts'

/** Of no process group, so that none of its processes is at work. */
const leader = 2 ** 30

const planned = (id: string, series?: string): PlannedTest => ({
  ...{ id, title: id, file: 'a.spec.ts', line: 1, checks: ['all'], isSkipped: false, takesDetour: false },
  ...(series !== undefined && { series }),
})

test('serial suites that have not begun wait for tests that hang as other tests do, and those that have begun stay', async () => {
  const tests = [
    planned('hangs'),
    ...['begun 1', 'begun 2'].map(id => planned(id, 'begun')),
    ...['tried 1', 'tried 2'].map(id => planned(id, 'tried')),
    ...['waits 1', 'waits 2'].map(id => planned(id, 'waits')),
    planned('waits alone'),
  ]
  const waiting = await new Promise<readonly string[]>(resolve => {
    const queue = watchQueue(leader, tests, 4, resolve)
    queue.testBegan('tried 1')
    queue.testEnded('tried 1')
    queue.testBegan('begun 1')
    queue.testBegan('hangs')
  })
  expect(waiting).toEqual(['waits 1', 'waits 2', 'waits alone'])
})
