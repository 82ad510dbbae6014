import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, type TestInfo } from '@playwright/test'
import { remainsOf, test } from './testing/killed-run/killed-run.ts'

const fixture = fileURLToPath(new URL('./testing/server-fixture.ts', import.meta.url))
const usesServer = `
import { test } from '${fixture}'
test('waits to be killed', async ({ server, emptyDatabase }) => {
  console.log('RUN ' + server.runId + ' ' + process.env.REPRISE_RUN)
  await new Promise(() => {})
})
`
const usesNone = `
import { test } from '${fixture}'
import { readdirSync } from 'node:fs'
import { dirname } from 'node:path'
const endpoint = process.env.REPRISE_RUN
test('needs no server', () => console.log('RUN ' + readdirSync(dirname(endpoint)).sort() + ' ' + endpoint))
`

for (const signal of ['SIGINT', 'SIGTERM', 'SIGKILL'] as const) {
  test(`a Playwright run killed with ${signal} leaves nothing behind`, async ({ place }, info) => {
    const run = await startPlaywright(info, usesServer, { REPRISE_POSTGRES: 'embedded', TMPDIR: place })
    expect(await remainsOf(run, place)).not.toEqual([])
    run.process.kill(signal)
    await run.closed
    await expect.poll(() => remainsOf(run, place)).toEqual([])
  })
}

test('a Playwright run that needs no server starts none, and passes even if none can start', async ({
  place,
}, info) => {
  const run = await startPlaywright(info, usesNone, { REPRISE_POSTGRES: 'no such way', TMPDIR: place })
  expect(run.said, 'the folder holds two sockets, and no data of a server').toBe('alive,run')
  await run.closed
  expect(run.process.exitCode).toBe(0)
  expect(await remainsOf(run, place)).toEqual([])
})

interface PlaywrightRun {
  readonly process: ChildProcess
  readonly runId: string
  /** The text that the spec printed between `RUN` and the endpoint's address. */
  readonly said: string
  readonly closed: Promise<unknown>
}

/** Starts Playwright on one spec and waits until that prints `RUN`, a word and the endpoint's address. */
async function startPlaywright(info: TestInfo, spec: string, env: NodeJS.ProcessEnv): Promise<PlaywrightRun> {
  const folder = info.outputPath('project')
  await mkdir(folder, { recursive: true })
  const globalSetup = fileURLToPath(new URL('./global-setup.ts', import.meta.url))
  await writeFile(path.join(folder, 'package.json'), '{ "type": "module" }')
  await writeFile(path.join(folder, 'one.spec.ts'), spec)
  await writeFile(
    path.join(folder, 'playwright.config.ts'),
    `export default { globalSetup: '${globalSetup}', reporter: 'line' }`,
  )
  const cli = createRequire(import.meta.url).resolve('@playwright/test/cli')
  const child = spawn(process.execPath, [cli, 'test'], {
    cwd: folder,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const closed = once(child, 'close')
  let output = ''
  for await (const line of createInterface({ input: child.stdout })) {
    output += `${line}\n`
    const [, said, runId] = /RUN (\S+) \S+reprise-([0-9a-f]{12})\/run$/.exec(line) ?? []
    if (said && runId) return { process: child, closed, said, runId }
  }
  throw new Error(`Playwright ended before its test ran:\n${output}`)
}
