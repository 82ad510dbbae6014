/** Monitors whose database is killed and comes back. */
import { rm } from 'node:fs/promises'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { expect } from '@playwright/test'
import { withClient } from '../../postgres/connection.ts'
import { startPersistentServer } from '../../postgres/persistent/persistent-server.ts'
import { runningServerUrl } from '../../postgres/persistent/server-files.ts'
import { openPool } from '../store/pool.ts'
import { migrate } from '../store/schema.ts'
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
      often: { specs: 'b.spec.ts', cron: '*/4 * * * * *' },
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
    checks: { often: { specs: 'a.spec.ts', cron: '*/4 * * * * *' } },
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

/** Both of its clocks jump when it gets SIGUSR2, as if so much time had passed. */
const jumpingClocks = `--import data:text/javascript,${encodeURIComponent(
  `const [ofDay, elapsed] = [Date.now, performance.now.bind(performance)]
  process.once('SIGUSR2', () => {
    Date.now = () => ofDay() + 200_000
    performance.now = () => elapsed() + 200_000
  })`,
)}`

test('a running monitor sends digests and reminders, and directly that its database is lost, and that it is back', async ({
  serve,
  project,
  startMonitor,
}, info) => {
  const { state, listener } = service()
  state.status = 500
  const received: { kind: string; phase?: string; lines?: string[]; subjects?: { name: string }[] }[] = []
  let onReceived = () => undefined as unknown
  const channel = await serve(async (request, response) => {
    received.push(JSON.parse(await text(request)))
    response.end()
    onReceived()
  })
  const receives = async (isWanted: (message: (typeof received)[number]) => boolean) => {
    while (!received.some(isWanted)) {
      await new Promise<void>(resolve => {
        onReceived = resolve
      })
    }
  }
  const nested = await project(await serve(listener), {
    channels: { desk: { kind: 'webhook', url: channel } },
    settings: { reminders: { after: ['1s'] }, digest: { cron: '* * * * * *', channels: ['desk'] } },
    defaults: { channels: ['desk'], confirm: { down: 1, up: 1, every: '1s' } },
    checks: { users: { specs: 'a.spec.ts', cron: monthsAway() } },
    files: { 'a.spec.ts': answers },
  })
  const server = await startPersistentServer(info.outputPath('database'))
  try {
    // A digest is due after the store was created.
    const pool = openPool(server.url)
    await migrate(pool)
    await pool.end()
    const monitor = await startMonitor(nested, {
      REPRISE_MONITOR_DATABASE_URL: server.url,
      NODE_OPTIONS: jumpingClocks,
    })
    await receives(({ kind }) => kind === 'down')
    await receives(({ kind }) => kind === 'digest')
    await receives(({ kind }) => kind === 'reminder')
    await kill(server.url)
    await server.lost
    await monitor.says('The heartbeat could not be written to the monitor database')
    monitor.process.kill('SIGUSR2')
    await receives(({ kind, phase }) => kind === 'trouble' && phase === 'began')
    await server.restart()
    await receives(({ kind, phase }) => kind === 'trouble' && phase === 'ended')
    monitor.process.kill('SIGTERM')
    expect((await monitor.result).code).toBe(0)
    const subjects = received.filter(({ kind }) => kind === 'trouble').flatMap(({ subjects }) => subjects ?? [])
    expect(subjects.map(({ name }) => name)).toEqual(
      [1, 2].map(() => expect.stringMatching(/^database, as seen by .* in local$/)),
    )
  } finally {
    await server.stop()
    await rm(server.folder, { recursive: true })
  }
})

/** As the kernel does when memory runs out. */
async function kill(url: string): Promise<void> {
  const pid = await withClient(url, async client => {
    const { rows } = await client.query(`select split_part(pg_read_file('postmaster.pid'), e'\\n', 1)::int as pid`)
    return rows[0]?.pid
  })
  process.kill(pid, 'SIGKILL')
}
