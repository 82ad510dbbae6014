/** Monitors whose database is killed and comes back. */
import { rm } from 'node:fs/promises'
import path from 'node:path'
import { expect } from '@playwright/test'
import { withClient } from '../../postgres/connection.ts'
import { startPersistentServer } from '../../postgres/persistent/persistent-server.ts'
import { runningServerUrl } from '../../postgres/persistent/server-files.ts'
import { openPool } from '../store/pool.ts'
import { answers, service } from '../testing/breaking-service-fixture.ts'
import { monthsAway } from '../testing/months-away.ts'
import { test } from '../testing/service-fixture.ts'

test('when the shared database is killed and restarted, results are recorded once, nothing runs twice, and monitoring goes on', async ({
  serve,
  project,
  startMonitor,
}, info) => {
  const { state, listener, goOn, request, replays } = service()
  const nested = await project(await serve(listener), {
    checks: {
      users: { specs: 'a.spec.ts', cron: monthsAway() },
      often: { specs: 'b.spec.ts', cron: '* * * * * *' },
    },
    files: { 'a.spec.ts': answers, 'b.spec.ts': answers },
  })
  const server = await startPersistentServer(info.outputPath('database'))
  try {
    state.hangs = true
    const asked = request()
    const monitor = await startMonitor(nested, { REPRISE_MONITOR_DATABASE_URL: server.url })
    await asked
    await kill(server.url)
    await server.lost
    goOn()
    await monitor.says('Results cannot be recorded, so they wait on disk')
    await server.restart()
    await monitor.says('Results cannot be recorded, so they wait on disk: it works again.')
    await monitor.says('users is up')
    const pool = openPool(server.url)
    const later = async () => {
      const { rows } = await pool.query(
        `select count(*)::int from reprise.replays where outcome = 'passed' and started_at > pg_postmaster_start_time()`,
      )
      return rows[0]?.count
    }
    await expect.poll(later).toBeGreaterThan(0)
    monitor.process.kill('SIGTERM')
    expect((await monitor.result).code).toBe(0)
    const { rows } = await pool.query(
      `select count(*)::int as replays, count(outcome)::int as ended, (
                select sum(passed)::int from reprise.rollups where period = 'day') as counted from reprise.replays`,
    )
    await pool.end()
    expect(replays.length).toBe(new Set(replays).size)
    expect(rows).toEqual([{ replays: replays.length, ended: replays.length, counted: replays.length }])
  } finally {
    await server.stop()
    await rm(server.folder, { recursive: true })
  }
})

test("when the monitor's own database is killed, it is started again, and monitoring goes on", async ({
  serve,
  project,
  startMonitor,
}) => {
  const { listener } = service()
  const nested = await project(await serve(listener), {
    checks: { often: { specs: 'a.spec.ts', cron: '* * * * * *' } },
    files: { 'a.spec.ts': answers },
  })
  const monitor = await startMonitor(nested, { REPRISE_MONITOR_DATABASE_URL: '' })
  await monitor.says('often is up')
  const killedAt = Date.now()
  await kill(String(await runningServerUrl(path.join(nested.folder, '.reprise/monitor'))))
  const isDown = "The monitor's database server is down and is being restarted: "
  await monitor.says(`${isDown}The embedded Postgres ended during the run (killed by SIGKILL).`)
  await monitor.says(`${isDown}it works again.`)
  const lastDue = async () => {
    const response = await fetch(new URL('/api/checks', monitor.url))
    return response.ok ? Date.parse((await response.json()).checks[0].lastReplay.due) : 0
  }
  await expect.poll(lastDue).toBeGreaterThan(killedAt)
  monitor.process.kill('SIGTERM')
  expect((await monitor.result).code).toBe(0)
})

/** As the kernel does when memory runs out. */
async function kill(url: string): Promise<void> {
  const pid = await withClient(url, async client => {
    const { rows } = await client.query(`select split_part(pg_read_file('postmaster.pid'), e'\\n', 1)::int as pid`)
    return rows[0]?.pid
  })
  process.kill(pid, 'SIGKILL')
}
