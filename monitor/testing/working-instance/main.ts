/** A process that claims, starts and records due slots until it is killed, and records each replay that it runs. */
import { setTimeout as pause } from 'node:timers/promises'
import { noMaintenance } from '../../store/check-rules.ts'
import { openPool } from '../../store/pool.ts'
import { recordResult } from '../../store/replays.ts'
import { enterHome, outcomeOf, startDue } from '../due-slots.ts'

// In case the test ends first.
process.on('disconnect', () => process.exit())

const [, , url = ''] = process.argv
const pool = openPool(url, { max: 4 })
const instance = await enterHome(pool, 6)
process.send?.('working')
for (;;) {
  const started = await startDue(pool, instance)
  if (started.length === 0) process.send?.('idle')
  await Promise.all(
    started.map(async replay => {
      await pool.query('insert into executions values ($1, $2)', [replay.check, replay.replay])
      await recordResult(pool, outcomeOf(replay, 'failed'), noMaintenance)
    }),
  )
  await pause(started.length === 0 ? 50 : 1)
}
