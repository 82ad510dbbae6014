/** Sends the same messages to a bare server and to a sandbox, and compares the responses message by message. */
import { expect } from '@playwright/test'
import { test, workerServer } from '../../postgres/testing/server-fixture.ts'
import { Stage } from './stage.ts'
import { subjects } from './subjects.ts'

interface Stages {
  bare: Stage
  transaction: Stage
  direct: Stage
}

let made: Promise<Stages> | undefined

async function makeStages(): Promise<Stages> {
  const server = await workerServer()
  const [bare, transaction, direct] = await Promise.all([
    Stage.create(server, { sandboxed: false }),
    Stage.create(server, { sandboxed: true }),
    // Its database begins anew for each scenario, unlike that of a sandbox that leaves nothing.
    Stage.create(server, { sandboxed: true }),
  ])
  return { bare, transaction, direct }
}

// Not a fixture of the worker, for which Playwright would start another one.
test.afterAll(async () => {
  const stages = await made
  made = undefined
  for (const stage of Object.values(stages ?? {})) await stage.dispose()
})

for (const [subject, scenarios] of Object.entries(subjects)) {
  for (const [name, steps] of Object.entries(scenarios)) {
    test(`as on a bare server, also in direct mode: ${subject}: ${name}`, async () => {
      made ??= makeStages()
      const { bare, transaction, direct } = await made
      const expected = await bare.play(steps)
      expect.soft(await transaction.play(steps)).toEqual(expected)
      expect.soft(await direct.play(steps, 'direct'), 'in direct mode').toEqual(expected)
    })
  }
}
