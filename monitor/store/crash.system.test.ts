import { type ChildProcess, fork } from 'node:child_process'
import { on, once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { expect } from '@playwright/test'
import { builtProgram } from '../../testing/built/built-modules.ts'
import { ago, enterHome, monitor, test } from '../testing/store-fixture.ts'
import { noMaintenance } from './check-rules.ts'
import { deadAfterMs } from './instances.ts'
import { reap } from './reaper.ts'
import { planSlots } from './slots.ts'

test('when instances are killed at random points, no slot runs twice and each gets an outcome', async ({
  pool,
  emptyDatabase,
}) => {
  await pool.query('create table executions (check_name text, replay uuid)')
  const names = Array.from({ length: 360 }, (_, index) => `check ${index}`)
  // No confirming slot comes due meanwhile.
  await monitor(pool, ...names.map(name => ({ name, confirmEveryMs: 3_600_000 })))
  await planSlots(
    pool,
    names.map((check, index) => ({ check, due: ago(60 - (index % 30)), location: 'home' })),
  )
  const [, ...words] = builtProgram('monitor/testing/working-instance/main')
  const start = async () => {
    const child = fork(words.at(-1) ?? '', [emptyDatabase.url], { execArgv: words.slice(0, -1) })
    await once(child, 'message')
    return child
  }
  const kill = async (child: ChildProcess) => {
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  for (let round = 0; round < 4; round++) {
    const children = await Promise.all([start(), start()])
    await Promise.all(children.map(child => pause(Math.random() * 150).then(() => kill(child))))
  }
  const own = await enterHome(pool)
  await pool.query(
    `update reprise.instances set alive_since = alive_since - $2 * interval '2 ms',
            heartbeat_at = case when id = $1 then heartbeat_at else heartbeat_at - $2 * interval '2 ms' end`,
    [own.id, deadAfterMs],
  )
  const reaped = await reap(pool, own, noMaintenance)
  expect(reaped.instances).toBe(8)
  const last = await start()
  for await (const [message] of on(last, 'message')) if (message === 'idle') break
  await kill(last)
  const { rows } = await pool.query(`
    select (select count(*)::int from reprise.slots where kind = 'cron' and state = 'done' and judged) as done,
           (select count(*)::int from reprise.replays where outcome is null) as open,
           (select count(*)::int from reprise.replays where presumed) as presumed,
           (select sum(failed + error)::int from reprise.rollups where period = 'day') as counted,
           (select count(*)::int from (select from executions group by check_name having count(*) > 1) twice) as twice,
           (select count(*)::int from reprise.seats where taken_by is not null) as taken`)
  expect(rows).toEqual([{ done: 360, open: 0, presumed: reaped.closed, counted: 360, twice: 0, taken: 0 }])
})
