import { fork } from 'node:child_process'
import { on } from 'node:events'
import path from 'node:path'
import { mock } from 'node:test'
import { expect, test } from '@playwright/test'
import { startSchedule } from './schedule.ts'

/** Lets promises settle, without waiting for the event loop. */
async function settle() {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve()
}

test('slots are planned at each full minute and once after a failure, and added slots are reported', async () => {
  mock.timers.enable({ apis: ['setTimeout', 'Date'], now: new Date('2026-10-25T00:58:30Z') })
  try {
    const planned: string[] = []
    const [added, errors] = [[] as string[], [] as string[]]
    const time = () => new Date().toISOString().slice(11, 19)
    const schedule = startSchedule({
      everySecond: false,
      plan: async () => {
        planned.push(time())
        if (planned.length === 2) throw new Error('the database is away')
        return planned.length === 4 ? 0 : 3
      },
      onAdded: () => added.push(time()),
      onError: error => errors.push(error.message),
    })
    for (let second = 0; second < 220; second++) {
      mock.timers.tick(1000)
      await settle()
    }
    expect(planned).toEqual(['00:59:00', '01:00:00', '01:01:00', '01:02:00'])
    expect(added).toEqual(['00:59:00', '01:01:00'])
    expect(errors).toEqual(['the database is away'])
    await schedule.planNow()
    expect(planned).toHaveLength(5)
    await schedule.stop()
    mock.timers.tick(120_000)
    await settle()
    expect(planned).toHaveLength(5)
  } finally {
    mock.timers.reset()
  }
})

test("planning goes on at once when the machine's clock is set back by an hour", async () => {
  const child = fork(path.join(import.meta.dirname, '../testing/turned-clock/main.ts'), {
    execArgv: ['--import', 'tsx'],
  })
  for await (const [message] of on(child, 'message')) {
    if (message === 'planned before') child.send('set it back')
    if (message === 'planned after') break
  }
  child.kill()
})
