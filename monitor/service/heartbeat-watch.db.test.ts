/** Which instances watch heartbeats. */
import { expect } from '@playwright/test'
import { databaseTime } from '../store/check-locations.ts'
import { noMaintenance } from '../store/check-rules.ts'
import { recordReport } from '../store/heartbeat-reports.ts'
import { haveOthersListened } from '../store/heartbeat-watch.ts'
import { enter, leave } from '../store/instances.ts'
import { heartbeatsOf, passTime, stateOf } from '../testing/heartbeat-fixture.ts'
import { test } from '../testing/store-fixture.ts'
import { startHeartbeatWatch } from './heartbeat-watch.ts'

test('a muted instance listens for no other, and leaves what is late to those that are not muted', async ({ pool }) => {
  const all = await heartbeatsOf(pool, { backup: { everyMs: 3_600_000, graceMs: 600_000 } })
  await recordReport(pool, { check: 'backup', rid: '', kind: 'passed' }, () => undefined, noMaintenance)
  const began = await databaseTime(pool)
  const muted = await enter(pool, { location: 'a', capacity: 1, isMuted: true })
  await pool.query(`update reprise.instances set alive_since = alive_since - interval '1 min'`)
  const own = await enter(pool, { location: 'b', capacity: 1 })
  expect(await haveOthersListened(pool, own.id, began)).toBe(false)
  await passTime(pool, 71 * 60, { listening: true })
  const errors: Error[] = []
  const watch = (isMuted: boolean) => {
    const rounds: (() => void)[] = []
    let done = 0
    const loop = startHeartbeatWatch({
      ...{ pool, isMuted, heartbeats: () => all, isInMaintenance: noMaintenance },
      instance: () => (isMuted ? muted : own).id,
      onError: error => errors.push(error),
      onDone: () => {
        done++
        rounds.shift()?.()
      },
    })
    /** Resolves after another round. */
    const round = () =>
      new Promise<void>(resolve => {
        rounds.push(resolve)
        loop.wake()
      })
    return { ...loop, round, isBegun: () => done > 0 }
  }
  const trial = watch(true)
  for (const _ of [1, 2, 3]) await trial.round()
  expect(await stateOf(pool, 'backup')).toBe('up')
  // Without any other, as in a new environment, it watches.
  await leave(pool, own)
  for (const _ of [1, 2, 3]) await trial.round()
  expect(await stateOf(pool, 'backup')).not.toBe('up')
  await trial.stop()
  expect(errors).toEqual([])
})
