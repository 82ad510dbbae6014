import { expect } from '@playwright/test'
import type pg from 'pg'
import { databaseTime } from '../store/check-locations.ts'
import { noMaintenance } from '../store/check-rules.ts'
import { readStates, setChecks } from '../store/checks.ts'
import { monitor, rules, slotStates, test } from '../testing/store-fixture.ts'
import { missedAfterMs, planDue, planningTime } from './plan.ts'
import { timetable } from './timetable.ts'

const minute = 60_000

/** Sets both clocks to the time. */
const planAt = (pool: pg.Pool, table: ReturnType<typeof timetable>, now: Date) =>
  planDue(pool, table, planningTime(now, now), noMaintenance, () => undefined)

for (const [change, day] of [
  ['spring', '2026-03-29'],
  ['autumn', '2026-10-25'],
] as const) {
  test(`when planning by the clock in the night of the change in ${change}, each slot is added once and in time, and none is missed`, async ({
    pool,
  }) => {
    const start = new Date(`${day}T00:00:00Z`)
    await setChecks(pool, [rules({ name: 'often' }), rules({ name: 'nightly' })], new Date(start.getTime() - 1))
    const table = timetable([
      { name: 'often', cron: '*/10 * * * *', timezone: 'Europe/Berlin' },
      { name: 'nightly', cron: '30 2 * * *', timezone: 'Europe/Berlin' },
    ])
    const added: string[] = []
    for (let time = start.getTime(); time < start.getTime() + 3 * 60 * minute; time += minute) {
      const now = new Date(time)
      const counts = await Promise.all([planAt(pool, table, now), planAt(pool, table, now)])
      for (const count of counts) if (count > 0) added.push(`${now.toISOString().slice(11, 16)} ${count}`)
    }
    table.close()
    const nightly = change === 'spring' ? '01:30' : '00:30'
    expect(added).toEqual(
      Array.from({ length: 18 }, (_, index) =>
        new Date(start.getTime() + index * 10 * minute).toISOString().slice(11, 16),
      ).map(time => `${time} ${time === nightly ? 2 : 1}`),
    )
  })
}

const now = new Date(Math.floor(Date.now() / minute) * minute)
const minutesAgo = (minutes: number) => new Date(now.getTime() - minutes * minute)

test('slots of a time without a monitor are recorded as missed, and the last is replayed with makeUpMissed', async ({
  pool,
}) => {
  const checks = [rules({ name: 'users' }), rules({ name: 'orders' })]
  await setChecks(pool, checks, minutesAgo(4.5))
  const table = timetable([
    { name: 'users', cron: '* * * * *', timezone: 'UTC' },
    { name: 'orders', cron: '* * * * *', timezone: 'UTC', makeUpMissed: true },
  ])
  const late = new Date(now.getTime() - minute + missedAfterMs + 1000)
  expect(await planAt(pool, table, late)).toBe(8)
  expect(await planAt(pool, table, late)).toBe(0)
  const missed = { state: 'missed', reason: 'no monitor was running' }
  expect(await slotStates(pool)).toMatchObject([
    ...[4, 3, 2].map(minutes => ({ check: 'orders', due: minutesAgo(minutes), ...missed })),
    { check: 'orders', due: minutesAgo(1), state: 'due' },
    ...[4, 3, 2, 1].map(minutes => ({ check: 'users', due: minutesAgo(minutes), ...missed })),
  ])
  expect(await planAt(pool, table, now)).toBe(2)
  expect((await readStates(pool)).map(({ state }) => state)).toEqual(['unknown', 'unknown'])
  table.close()
})

test('after weeks without a monitor the slots of the last two days are recorded, and those before are counted once', async ({
  pool,
}) => {
  await setChecks(pool, [rules({ name: 'users' })], minutesAgo(40 * 1440))
  const table = timetable([{ name: 'users', cron: '0 * * * *', timezone: 'UTC' }])
  const isInMaintenance = (_check: string, at: Date) => at < minutesAgo(30 * 1440)
  const plan = () => planDue(pool, table, planningTime(now, now), isInMaintenance, () => undefined)
  const added = await Promise.all([plan(), plan()])
  expect(added.reduce((sum, count) => sum + count)).toBe(48)
  const { rows } = await pool.query(
    `select sum(missed)::int as missed, sum(maintenance)::int as maintenance, count(*)::int as days
       from reprise.rollups where period = 'day'`,
  )
  const [{ missed, maintenance, days }] = rows
  // On the hour, the first slot after the maintenance is missed, and the last is due.
  const [onHour, before] = [
    { missed: 720, maintenance: 239 },
    { missed: 720, maintenance: 240 },
  ]
  expect([onHour, before]).toContainEqual({ missed, maintenance })
  expect([40, 41]).toContain(days)
  table.close()
})

test('the clock of an instance that is set back or runs wrong changes nothing: the clock of the database counts', async ({
  pool,
}) => {
  await setChecks(pool, [rules({ name: 'users' })], minutesAgo(1.5))
  const table = timetable([{ name: 'users', cron: '* * * * *', timezone: 'UTC' }])
  const plan = (own: Date, database: Date) =>
    planDue(pool, table, planningTime(own, database), noMaintenance, () => undefined)
  expect(await plan(minutesAgo(61), minutesAgo(1))).toBe(1)
  expect(await plan(minutesAgo(-59), now)).toBe(1)
  expect(await plan(minutesAgo(-60), now)).toBe(0)
  expect(await slotStates(pool)).toMatchObject([
    { due: minutesAgo(1), state: 'missed', reason: 'it was not started before the next slot was due' },
    { due: now, state: 'due' },
  ])
  table.close()
})

test('the time of the database is that of its own clock', async ({ pool }) => {
  const before = Date.now()
  const time = (await databaseTime(pool)).getTime()
  expect(time).toBeGreaterThanOrEqual(before - 1)
  expect(time).toBeLessThanOrEqual(Date.now() + 1)
})

test('a new check has its first slot after it was configured, and a removed check has none', async ({ pool }) => {
  await monitor(pool, { name: 'gone' })
  await setChecks(pool, [rules({ name: 'users' })], minutesAgo(0.5))
  const table = timetable(['gone', 'users'].map(name => ({ name, cron: '* * * * *', timezone: 'UTC' })))
  expect(await planAt(pool, table, now)).toBe(1)
  expect(await slotStates(pool)).toMatchObject([{ check: 'users', due: now, state: 'due' }])
  table.close()
})
