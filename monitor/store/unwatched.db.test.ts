/** Slots without a replay are counted in the rollups, each once. */
import { copyFile, mkdir, readdir } from 'node:fs/promises'
import path from 'node:path'
import { expect } from '@playwright/test'
import type pg from 'pg'
import { test as inEmptyDatabase } from '../../postgres/testing/server-fixture.ts'
import { ago, enterHome, monitor, outcomeOf, replay, startDue, test } from '../testing/store-fixture.ts'
import { noMaintenance } from './check-rules.ts'
import { openDays } from './days.ts'
import { judgeClosed } from './judgement.ts'
import { openPool } from './pool.ts'
import { presumeResult, recordResult } from './replays.ts'
import { migrate } from './schema.ts'
import { planSlots } from './slots.ts'

const missed = 'no monitor was running'
const slot = (secondsAgo: number, check = 'users') => ({ check, due: ago(secondsAgo), location: 'home' })

/** The sums over all hours, and whether those over all days are the same. */
async function counts(pool: pg.Pool) {
  const { rows } = await pool.query(
    `select sum(passed)::int as passed, sum(failed)::int as failed, sum(error)::int as error, sum(missed)::int as missed,
            sum(skipped)::int as skipped, sum(maintenance)::int as maintenance
       from reprise.rollups group by period`,
  )
  const [hours, days] = rows
  expect(hours).toEqual(days)
  return hours
}

test('missed and skipped slots are counted once, whoever judges them and however often', async ({ pool }) => {
  await monitor(pool, { name: 'users' })
  // As two instances that plan the same.
  const slots = [{ ...slot(900), missed }, { ...slot(800), missed }, slot(700)]
  const plan = async () => {
    await planSlots(pool, slots)
    await judgeClosed(pool, ['users', 'users'], noMaintenance)
  }
  await plan()
  await plan()
  expect(await counts(pool)).toMatchObject({ missed: 2, skipped: 0 })
  // Skipped while the replay is under way, and missed because it was not started in time; counted without another plan.
  const [under] = await startDue(pool, await enterHome(pool))
  await planSlots(pool, [slot(600)])
  if (!under) throw new Error('Nothing was started.')
  await recordResult(pool, outcomeOf(under), noMaintenance)
  await planSlots(pool, [slot(500)])
  await planSlots(pool, [slot(400)])
  await replay(pool, 'users', 300, 'failed')
  expect(await counts(pool)).toEqual({ passed: 1, failed: 1, error: 0, missed: 4, skipped: 1, maintenance: 0 })
})

test('slots in maintenance count as that, and those of a removed check not at all', async ({ pool }) => {
  await monitor(pool, { name: 'users' }, { name: 'orders' })
  await planSlots(pool, [{ ...slot(900), missed }, { ...slot(800), missed }, slot(700, 'orders')])
  const window = ago(850)
  await judgeClosed(pool, ['users'], (_check, at) => at < window)
  await monitor(pool, { name: 'users' })
  await monitor(pool, { name: 'users' }, { name: 'orders' })
  await replay(pool, 'orders', 600, 'passed')
  expect(await counts(pool)).toEqual({ passed: 1, failed: 0, error: 0, missed: 1, skipped: 0, maintenance: 1 })
})

test('a presumed result that is replaced counts once', async ({ pool }) => {
  await monitor(pool, { name: 'users' })
  await planSlots(pool, [slot(60)])
  const [started] = await startDue(pool, await enterHome(pool))
  if (!started) throw new Error('Nothing was started.')
  await presumeResult(pool, outcomeOf(started, 'error'), noMaintenance)
  expect(await counts(pool)).toMatchObject({ passed: 0, error: 1 })
  await recordResult(pool, outcomeOf(started, 'passed'), noMaintenance)
  expect(await counts(pool)).toMatchObject({ passed: 1, error: 0, missed: 0 })
})

test('a slot of a week ago that is closed when the next one comes due is counted, in maintenance as that', async ({
  pool,
}) => {
  await monitor(pool, { name: 'users' }, { name: 'orders' })
  for (const check of ['users', 'orders']) {
    await replay(pool, check, 900, 'passed')
    await planSlots(pool, [slot(600, check)])
  }
  await makeOlder(pool, 7)
  const window = `values (now() - interval '170 hours', now() - interval '166 hours', '{orders}', 'Ada')`
  await pool.query(`insert into reprise.maintenance_windows (begins_at, ends_at, checks, operator) ${window}`)
  await planSlots(pool, [slot(60), slot(60, 'orders')])
  await judgeClosed(pool, ['users', 'orders'], noMaintenance)
  await judgeClosed(pool, ['users', 'orders'], noMaintenance)
  expect(await counts(pool)).toMatchObject({ passed: 2, missed: 1, maintenance: 1 })
})

test('a late result of maintenance long ago replaces the presumed one there', async ({ pool }) => {
  await monitor(pool, { name: 'users' })
  const window = `values (now() - interval '1 hour', now(), 'Ada')`
  await pool.query(`insert into reprise.maintenance_windows (begins_at, ends_at, operator) ${window}`)
  await planSlots(pool, [slot(60)])
  const [started] = await startDue(pool, await enterHome(pool))
  if (!started) throw new Error('Nothing was started.')
  await presumeResult(pool, outcomeOf(started, 'error'), noMaintenance)
  await makeOlder(pool, 5)
  const due = new Date(started.due.getTime() - 5 * 86_400_000)
  await recordResult(pool, { ...outcomeOf(started, 'passed'), due }, noMaintenance)
  expect(await counts(pool)).toEqual({ passed: 0, failed: 0, error: 0, missed: 0, skipped: 0, maintenance: 1 })
})

/** As if everything so far had happened that many days earlier. */
async function makeOlder(pool: pg.Pool, days: number) {
  const older = `interval '${days * 24} hours'`
  await openDays(pool, ago((days + 1) * 86_400), ago(0))
  await pool.query(`update reprise.slots set due = due - ${older}`)
  await pool.query(`update reprise.replays set due = due - ${older}`)
  await pool.query(`update reprise.rollups set start = start - ${older}`)
  await pool.query(`update reprise.checks set judged_until = judged_until - ${older}`)
  await pool.query(
    `update reprise.maintenance_windows set begins_at = begins_at - ${older}, ends_at = ends_at - ${older}`,
  )
}

inEmptyDatabase(
  'slots that were closed by an earlier version are counted when the database is migrated',
  async ({ emptyDatabase }, info) => {
    const pool = openPool(emptyDatabase.url)
    const all = path.join(import.meta.dirname, 'migrations')
    const folder = info.outputPath('before-008')
    await mkdir(folder)
    for (const name of (await readdir(all)).filter(name => name < '008')) {
      await copyFile(path.join(all, name), path.join(folder, name))
    }
    await migrate(pool, folder)
    await pool.query(`select reprise.open_day('2030-03-01'), reprise.open_day('2030-03-02')`)
    await pool.query(`
    insert into reprise.rollups (check_name, location, period, start, passed)
    values ('users', 'home', 'day', '2030-03-01T00:00:00Z', 7), ('users', 'home', 'hour', '2030-03-01T23:00:00Z', 7)`)
    await pool.query(`
    insert into reprise.slots (check_name, due, location, kind, environment, state, reason)
    values ('users', '2030-03-01T23:10:00Z', 'home', 'cron', 'production', 'missed', '${missed}'),
           ('users', '2030-03-01T23:20:00Z', 'home', 'cron', 'production', 'skipped', 'the replay had not ended'),
           ('users', '2030-03-02T00:00:00Z', 'home', 'cron', 'production', 'missed', '${missed}'),
           ('users', '2030-03-02T00:10:00Z', 'home', 'cron', 'production', 'missed', 'the check is not configured any more')`)
    await migrate(pool)
    const { rows } = await pool.query(
      `select period || ' ' || to_char(start at time zone 'UTC', 'DD HH24') as start, passed, missed, skipped
       from reprise.rollups order by 1`,
    )
    expect(rows).toEqual([
      { start: 'day 01 00', passed: 7, missed: 1, skipped: 1 },
      { start: 'day 02 00', passed: 0, missed: 1, skipped: 0 },
      { start: 'hour 01 23', passed: 7, missed: 1, skipped: 1 },
      { start: 'hour 02 00', passed: 0, missed: 1, skipped: 0 },
    ])
    await pool.end()
  },
)
