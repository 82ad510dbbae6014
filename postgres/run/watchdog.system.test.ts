import { once } from 'node:events'
import { expect } from '@playwright/test'
import { withClient } from '../connection.ts'
import { endRun, remainsOf, type StartedRun, startRun, test, watchdogOf } from '../testing/killed-run/killed-run.ts'
import { test as withServer } from '../testing/server-fixture.ts'

test.describe('an embedded server', () => {
  for (const how of ['in order', 'SIGINT', 'SIGTERM', 'SIGHUP', 'SIGKILL'] as const) {
    test(`leaves nothing behind when its run ends: ${how}`, async ({ place }) => {
      const run = await startRun({ REPRISE_POSTGRES: 'embedded', TMPDIR: place })
      expect(await remainsOf(run, place)).not.toEqual([])
      await endRun(run, how)
      await expect.poll(() => remainsOf(run, place)).toEqual([])
    })
  }

  test('leaves nothing behind when signals reach the whole process group', async ({ place }) => {
    const run = await startRun({ REPRISE_POSTGRES: 'embedded', TMPDIR: place })
    // A watchdog that has just started may not handle signals yet; then it gets a successor.
    let watchdog = 0
    await expect
      .poll(async () => {
        const before = watchdog
        watchdog = await watchdogOf(run)
        process.kill(watchdog, 'SIGHUP')
        return watchdog === before
      })
      .toBe(true)
    // While stopped, the main process cannot start another watchdog.
    run.process.kill('SIGSTOP')
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.kill(watchdog, signal)
    await endRun(run, 'SIGKILL')
    await expect.poll(() => remainsOf(run, place)).toEqual([])
  })

  test('gets another watchdog when the first is killed', async ({ place }) => {
    const run = await startRun({ REPRISE_POSTGRES: 'embedded', TMPDIR: place })
    const first = await watchdogOf(run)
    process.kill(first, 'SIGKILL')
    await expect.poll(() => watchdogOf(run).catch(() => first)).not.toBe(first)
    await endRun(run, 'SIGKILL')
    await expect.poll(() => remainsOf(run, place)).toEqual([])
  })

  test('is removed by the next run if the watchdog was killed too', async ({ place }) => {
    const run = await startRun({ REPRISE_POSTGRES: 'embedded', TMPDIR: place })
    await killBoth(run)
    const next = await startRun({ REPRISE_POSTGRES: 'embedded', TMPDIR: place })
    await endRun(next, 'in order')
    expect(await remainsOf(run, place)).toEqual([])
    expect(await remainsOf(next, place)).toEqual([])
  })

  test('is left alone by other runs while its run lives, even if that is stopped', async ({ place }) => {
    const run = await startRun({ REPRISE_POSTGRES: 'embedded', TMPDIR: place })
    run.process.kill('SIGSTOP')
    const next = await startRun({ REPRISE_POSTGRES: 'embedded', TMPDIR: place })
    await endRun(next, 'in order')
    expect(await withClient(run.url, client => client.query('select 1'))).toMatchObject({ rowCount: 1 })
    run.process.kill('SIGCONT')
    await endRun(run, 'in order')
    expect(await remainsOf(run, place)).toEqual([])
  })
})

withServer.describe('an existing server', () => {
  for (const how of ['in order', 'SIGTERM', 'SIGKILL'] as const) {
    withServer(`keeps no database of a run that ends: ${how}`, async ({ server }) => {
      const run = await startRun({ REPRISE_POSTGRES: server.url })
      expect(await databasesAt(server.url)).toContain(run.database)
      await endRun(run, how)
      await expect.poll(() => databasesAt(server.url)).not.toContain(run.database)
    })
  }

  withServer('is cleaned by the next run when the watchdog was killed too', async ({ server, emptyDatabase }) => {
    const run = await startRun({ REPRISE_POSTGRES: server.url })
    await killBoth(run)
    const next = await startRun({ REPRISE_POSTGRES: server.url })
    await expect.poll(() => databasesAt(server.url)).not.toContain(run.database)
    await endRun(next, 'in order')
    // The run of this test is alive, so its database stays.
    expect(await databasesAt(server.url)).toContain(emptyDatabase.name)
  })

  withServer('keeps a template until its last user ends', async ({ server, emptyDatabase }) => {
    // With a dedicated maintenance database, the runs of other tests do not use the same template.
    const [first, second] = await Promise.all([
      startRun({ REPRISE_POSTGRES: emptyDatabase.url }),
      startRun({ REPRISE_POSTGRES: emptyDatabase.url }),
    ])
    expect(second.template).toBe(first.template)
    await endRun(first, 'in order')
    expect(await databasesAt(server.url)).toContain(first.template)
    await endRun(second, 'in order')
    expect(await databasesAt(server.url)).not.toContain(first.template)
  })
})

async function killBoth(run: StartedRun): Promise<void> {
  const watchdog = await watchdogOf(run)
  // Stopped first, the main process cannot start another watchdog in between.
  run.process.kill('SIGSTOP')
  process.kill(watchdog, 'SIGKILL')
  const gone = once(run.process, 'exit')
  run.process.kill('SIGKILL')
  await gone
}

async function databasesAt(url: string): Promise<string[]> {
  const { rows } = await withClient(url, client => client.query<{ datname: string }>('select datname from pg_database'))
  return rows.map(row => row.datname)
}
