/** Sends the same messages to a bare server and to a sandbox, and compares the responses message by message. */
import { expect } from '@playwright/test'
import { test as base, workerServer } from '../../postgres/testing/server-fixture.ts'
import { type Mode, Stage } from './stage.ts'
import { subjects } from './subjects.ts'

const test = base.extend<object, { bare: Stage; sandboxed: Stage }>({
  bare: [
    async ({}, use) => {
      const stage = await Stage.create(await workerServer(), { sandboxed: false })
      await use(stage)
      await stage.dispose()
    },
    { scope: 'worker' },
  ],
  sandboxed: [
    async ({}, use) => {
      const stage = await Stage.create(await workerServer(), { sandboxed: true })
      await use(stage)
      await stage.dispose()
    },
    { scope: 'worker' },
  ],
})

const titles: Record<Mode, string> = {
  transaction: 'as on a bare server',
  direct: 'as on a bare server, in direct mode',
}

for (const mode of ['transaction', 'direct'] as const) {
  for (const [subject, scenarios] of Object.entries(subjects)) {
    for (const [name, steps] of Object.entries(scenarios)) {
      test(`${titles[mode]}: ${subject}: ${name}`, async ({ bare, sandboxed }) => {
        const expected = await bare.play(steps)
        expect(await sandboxed.play(steps, mode)).toEqual(expected)
      })
    }
  }
}
