/** Measures whether an overloaded monitor reports a healthy service as down. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { availableParallelism } from 'node:os'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { openPool } from '../monitor/store/pool.ts'
import { withClient } from '../postgres/connection.ts'
import { startPersistentServer } from '../postgres/persistent/persistent-server.ts'
import { benchFolder, writeChecksProject } from './checks-project.ts'
import { startMonitorProcess } from './monitor-process.ts'
import type { Row, Section } from './table.ts'

const cron = '*/5 * * * * *'
const timeout = '2s'

export async function measureOverload(short: boolean): Promise<Section> {
  // The long form has four times the 600 checks per minute that two processors sustain (`monitor-load`).
  const [checks, seconds] = short ? [20, 5] : [200, 180]
  const rows = [
    ...(await observe('alone', checks, 0, seconds)),
    ...(await observe('with four busy processes per processor', checks, 4 * availableParallelism(), seconds)),
  ]
  return {
    title: `${checks} checks every 5 s for ${seconds} s${short ? '' : ', four times what two processors sustain'}; a healthy service; timeout ${timeout}`,
    rows,
  }
}

async function observe(what: string, checks: number, busy: number, seconds: number): Promise<Row[]> {
  const folder = benchFolder()
  const server = await startPersistentServer(path.join(folder, 'server'))
  const service = createServer((_request, response) => response.end('{}')).listen(0, '127.0.0.1')
  await once(service, 'listening')
  const hogs: ChildProcess[] = []
  try {
    await withClient(server.url, client => client.query('create database monitor'))
    const databaseUrl = new URL('/monitor', server.url).href
    const project = path.join(folder, 'project')
    const baseURL = `http://127.0.0.1:${Object(service.address()).port}`
    await writeChecksProject(project, {
      baseURL,
      checks,
      perFile: 10,
      cron,
      request: "'/' + title",
      defaults: { timeout, confirm: { down: 2, up: 1, every: '2s' } },
    })
    const monitor = await startMonitorProcess(project, databaseUrl)
    for (let hog = 0; hog < busy; hog++) hogs.push(spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' }))
    await pause(seconds * 1000)
    for (const hog of hogs.splice(0)) hog.kill('SIGKILL')
    await monitor.stop()
    const pool = openPool(databaseUrl)
    try {
      const outcomes = await pool.query<{ outcome: string; count: number }>(
        `select outcome, count(*)::int from reprise.replays group by outcome order by outcome`,
      )
      const falls = await pool.query(`select from reprise.transitions where to_state in ('down', 'degraded')`)
      const counts = new Map(outcomes.rows.map(({ outcome, count }) => [outcome, count]))
      const failed = counts.get('failed') ?? 0
      return [
        {
          what: `${what}: replays`,
          median: [...counts].map(([outcome, count]) => `${count} ${outcome}`).join(', '),
          target: 'none failed',
          missed: failed > 0,
        },
        {
          what: '  checks that went down',
          median: `${falls.rowCount}`,
          target: 'none',
          missed: (falls.rowCount ?? 0) > 0,
        },
      ]
    } finally {
      await pool.end()
    }
  } finally {
    for (const hog of hogs) hog.kill('SIGKILL')
    service.close()
    service.closeAllConnections()
    await server.stop()
    for (const place of [server.folder, folder]) await rm(place, { recursive: true, force: true })
  }
}
