import { expect, mergeTests } from '@playwright/test'
import { type NestedRun, test as withRuns } from '../testing/nested-run/nested-run.ts'
import { remainsOf, test as withPlace } from './testing/killed-run/killed-run.ts'

const test = mergeTests(withPlace, withRuns)

const usesServer = `
test('waits to be killed', async ({ db }) => {
  await db.query('select 1')
  console.log('RUN ' + process.env.REPRISE_RUN)
  await new Promise(() => {})
})
`
const usesNone = `
import { readdirSync } from 'node:fs'
import { dirname } from 'node:path'
test('needs no server', () => {
  console.log('HOLDS ' + readdirSync(dirname(process.env.REPRISE_RUN)).sort())
  console.log('RUN ' + process.env.REPRISE_RUN)
})
`

for (const signal of ['SIGINT', 'SIGTERM', 'SIGKILL'] as const) {
  test(`a Playwright run killed with ${signal} leaves nothing behind`, async ({ place, startRun }) => {
    const run = await startRun({ spec: usesServer, env: { REPRISE_POSTGRES: 'embedded', TMPDIR: place } })
    const id = await idOf(run)
    expect(await remainsOf(id, place)).not.toEqual([])
    run.process.kill(signal)
    await run.result()
    await expect.poll(() => remainsOf(id, place)).toEqual([])
  })
}

test('a Playwright run that needs no server starts none, and passes even if none can start', async ({
  place,
  startRun,
}) => {
  const run = await startRun({ spec: usesNone, env: { REPRISE_POSTGRES: 'no such way', TMPDIR: place } })
  expect(await run.says('HOLDS '), 'the folder holds two sockets, and no data of a server').toBe('alive,run')
  const id = await idOf(run)
  expect(await run.result()).toMatchObject({ exitCode: 0, tests: { 'needs no server': { status: 'passed' } } })
  expect(await remainsOf(id, place)).toEqual([])
})

/** Of the run whose endpoint a spec prints. */
async function idOf(run: NestedRun): Promise<{ runId: string }> {
  const [, runId = ''] = /reprise-([0-9a-f]{12})\/run$/.exec(await run.says('RUN ')) ?? []
  expect(runId).not.toBe('')
  return { runId }
}
