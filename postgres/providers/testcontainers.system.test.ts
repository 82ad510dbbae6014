import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { promisify } from 'node:util'
import { expect, test } from '@playwright/test'
import { withClient } from '../connection.ts'
import { endRun, startRun, watchdogOf } from '../testing/killed-run/killed-run.ts'

const run = promisify(execFile)
const container = { REPRISE_POSTGRES: 'testcontainers' }

test('without a Docker engine the error is one sentence with the other two providers', async ({}, info) => {
  const DOCKER_HOST = `unix://${info.outputPath('no-engine.sock')}`
  await expect(startRun({ ...container, DOCKER_HOST })).rejects.toThrow(
    `No Docker engine answers at DOCKER_HOST ${DOCKER_HOST}. Start Docker, or set REPRISE_POSTGRES to "embedded" or to the postgres:// URL of a server.`,
  )
})

test.describe('with a Docker engine', () => {
  test.beforeAll(async () => {
    const reason = await whyNoContainers()
    test.skip(reason !== undefined, reason)
  })

  test('a container has its data in memory and does not sync', async () => {
    const started = await startRun(container)
    const settings = await withClient(started.url, client =>
      client.query("select current_setting('fsync') as fsync, current_setting('data_directory') as folder"),
    )
    expect(settings.rows).toEqual([{ fsync: 'off', folder: '/reprise/data' }])
    expect(await containersOf(started.runId)).toHaveLength(1)
    await endRun(started, 'in order')
    expect(await containersOf(started.runId)).toEqual([])
  })

  test('a killed run leaves no container behind', async () => {
    const started = await startRun(container)
    await endRun(started, 'SIGKILL')
    await expect.poll(() => containersOf(started.runId)).toEqual([])
  })

  test('the next run removes the container if the watchdog was killed too', async () => {
    const started = await startRun(container)
    const watchdog = await watchdogOf(started)
    started.process.kill('SIGSTOP')
    process.kill(watchdog, 'SIGKILL')
    const gone = once(started.process, 'exit')
    started.process.kill('SIGKILL')
    await gone
    const next = await startRun(container)
    await endRun(next, 'in order')
    expect(await containersOf(started.runId)).toEqual([])
  })
})

/** Why containers cannot be tested here: no engine, or no image locally or in the registry. */
async function whyNoContainers(): Promise<string | undefined> {
  try {
    await run('docker', ['version'])
  } catch {
    return 'No Docker engine answers.'
  }
  const image = process.env.REPRISE_POSTGRES_IMAGE ?? 'postgres:18-alpine'
  const found = await run('docker', ['image', 'inspect', image])
    .catch(() => run('docker', ['pull', image]))
    .catch(() => undefined)
  return found
    ? undefined
    : `The image ${image} is neither on this machine nor can it be pulled; REPRISE_POSTGRES_IMAGE names another.`
}

async function containersOf(runId: string): Promise<string[]> {
  const { stdout } = await run('docker', ['ps', '-aq', '--filter', `label=reprise.run=${runId}`])
  return stdout.split('\n').filter(Boolean)
}
