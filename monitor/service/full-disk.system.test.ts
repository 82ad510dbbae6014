/** A monitor whose disk is full. */
import path from 'node:path'
import { expect, mergeTests } from '@playwright/test'
import { withClient } from '../../postgres/connection.ts'
import { serverFilesFolder, serverUrlIn } from '../../postgres/persistent/server-files.ts'
import { serviceAccount } from '../../postgres/providers/embedded/service-account.ts'
import type { NestedMonitor } from '../../testing/nested-monitor/nested-monitor.ts'
import { openPool } from '../store/pool.ts'
import { service } from '../testing/breaking-service-fixture.ts'
import { orders } from '../testing/orders-fixture.ts'
import { test as withReceiver } from '../testing/receiver-fixture.ts'
import { test as withMonitors } from '../testing/service-fixture.ts'
import { type SmallDisk, test as withSmallDisk } from '../testing/small-disk-fixture.ts'

const test = mergeTests(withMonitors, withReceiver, withSmallDisk)

test('a monitor with a full disk, whose database stops, reports it, keeps its results, and goes on when there is space again', async ({
  serve,
  project,
  startMonitor,
  receiver,
  mountSmallDisk,
}) => {
  const target = orders()
  const { state, listener, goOn, request, replays } = service()
  const url = await serve((incoming, answer) =>
    incoming.url?.startsWith('/orders') ? target.listener(incoming, answer) : listener(incoming, answer),
  )
  const nested = await project(url, {
    environment: { writes: 'cleaned', cleanup: [target.rule] },
    defaults: { confirm: { down: 1, up: 1 }, channels: ['oncall'] },
    channels: { oncall: { kind: 'webhook', url: receiver.url } },
    checks: { orders: { specs: 'a.spec.ts', cron: '*/4 * * * * *' } },
    files: {
      'a.spec.ts': `test('orders', async ({ request, unique }) => {
        expect((await request.post('/orders', { data: { ref: unique.id } })).status()).toBe(201)
        expect((await request.get('/')).status()).toBe(200)
      })`,
    },
  })
  const disk = await mountSmallDisk(path.join(nested.folder, '.reprise'), 80)
  const monitor = await startMonitor(onDisk(disk, nested), { REPRISE_MONITOR_DATABASE_URL: '' })
  await monitor.says('orders is up')
  const place = await serverFilesFolder(path.join(nested.folder, '.reprise/monitor'), await serviceAccount())
  const database = await serverUrlIn(disk.at(place))
  state.hangs = true
  await request()
  const held = replays.at(-1)
  await exhaust(disk, database)
  await monitor.says(
    `The monitor's database server is down and is being restarted: There is no room left on the disk of ${place}: free some space there.`,
  )
  // The space that stopping the database has freed must not be enough.
  await expect.poll(async () => disk.fill().then(() => isThere(database))).toBe(false)

  // The outage lasts for one replay, so that only this result knows of it.
  state.status = 500
  goOn()
  state.status = 200
  // The result is recorded when the test has ended; the report follows.
  await monitor.says('Results cannot be written to disk, so they wait in memory: The result of check orders')
  await monitor.says('The report of a run could not be written: There is no room left on the disk of ')
  expect((await fetch(monitor.url)).status).toBe(503)

  await disk.free()
  await monitor.says("The monitor's database server is down and is being restarted: it works again.")
  await monitor.says('orders is down')
  await monitor.says('orders is up')
  const pool = openPool(database)
  const open = async () => {
    const { rows } = await pool.query(`
      select (select count(*)::int from reprise.intents) as intents,
             (select count(*)::int from reprise.outbox where delivered_at is null) as undelivered`)
    return rows[0]
  }
  await expect.poll(open, { timeout: 90_000 }).toEqual({ intents: 0, undelivered: 0 })
  const come = [...replays]
  const { rows: known } = await pool.query<{ id: string; outcome: string | null; counted: number }>(
    `select id, outcome, (select sum(passed + failed + error)::int from reprise.rollups where period = 'day') as counted
       from reprise.replays`,
  )
  await pool.end()
  monitor.process.kill('SIGTERM')
  expect((await monitor.result).code).toBe(0)

  // Each replay that has reached the target is recorded, was run once, and counts once.
  expect(replays).toEqual([...new Set(replays)])
  expect(come.filter(id => !known.some(replay => replay.id === id))).toEqual([])
  const judged = known.filter(({ outcome }) => outcome === 'passed' || outcome === 'failed')
  expect(judged.filter(({ id }) => !replays.includes(id))).toEqual([])
  expect(judged.filter(({ outcome }) => outcome === 'failed').map(({ id }) => id)).toEqual([held])
  const ended = known.filter(({ outcome }) => outcome !== null)
  expect(known.length - ended.length).toBeLessThanOrEqual(1)
  expect(known[0]?.counted).toBe(ended.length)
  const kinds = receiver.received.map(({ body }) => JSON.parse(body).kind)
  // Some slots may have no evidence, which is alerted as well.
  expect(kinds.filter(kind => kind !== 'unknown' && kind !== 'known')).toEqual(['down', 'up'])
  expect([...target.rows.keys()]).toEqual([])
  await expect.poll(disk.users).toEqual([])
})

/** Starts monitors of a project on the disk. */
const onDisk = (disk: SmallDisk, project: NestedMonitor): NestedMonitor => ({
  ...project,
  start: (args, env) => project.start(args, env, disk.within(project.folder)),
})

/** Writes until there is no space for another file, like a lot of work would. */
async function exhaust(disk: SmallDisk, url: string): Promise<void> {
  const work = withClient(url, async client => {
    for (;;) {
      await disk.fill()
      await client.query(`select pg_logical_emit_message(false, 'reprise', 'full'), pg_switch_wal()`)
    }
  })
  // Which of its processes runs out of space first varies.
  await expect(work).rejects.toThrow(/No space left on device|Connection terminated/)
}

async function isThere(url: string): Promise<boolean> {
  return withClient(url, async () => true).catch(() => false)
}
