/** Behaviour after the database's clock was set back. */
import { randomUUID } from 'node:crypto'
import { expect } from '@playwright/test'
import type pg from 'pg'
import { databaseTime } from '../store/check-locations.ts'
import { noMaintenance } from '../store/check-rules.ts'
import { readStates, setChecks } from '../store/checks.ts'
import { readLastReplays } from '../store/history.ts'
import { enter } from '../store/instances.ts'
import { openLedger, takeLedger } from '../store/ledgers.ts'
import { readOpenIncidents } from '../store/open-incidents.ts'
import { readPastIncidents } from '../store/past-incidents.ts'
import { rehearse } from '../store/rehearsal.ts'
import { recordResult } from '../store/replays.ts'
import { enterHome, outcomeOf, rules, slotStates, startDue } from '../testing/store-fixture.ts'
import { test } from '../testing/turned-clock-fixture.ts'
import type { Outcome } from '../verdict/finding.ts'
import { defaultPolicy } from '../verdict/policy.ts'
import { planDue, planningTime } from './plan.ts'
import { timetable } from './timetable.ts'

const day = '2030-03-01'
const at = (time: string) => new Date(`${day}T${time}Z`)

const everyTenMinutes = (...names: string[]) =>
  timetable(names.map(name => ({ name, cron: '*/10 * * * *', timezone: 'UTC' })))

/** Plans on three instances at the same time; returns how many slots they added, and their messages. */
async function plan(pool: pg.Pool, table: ReturnType<typeof timetable>) {
  const messages: string[] = []
  const now = await databaseTime(pool)
  const time = planningTime(now, now)
  const added = await Promise.all(
    [1, 2, 3].map(() => planDue(pool, table, time, noMaintenance, text => messages.push(text))),
  )
  return { added: added.reduce((total, count) => total + count, 0), messages }
}

/** Replays what is due; returns the due times. */
async function replayAll(pool: pg.Pool, outcome: Outcome): Promise<string[]> {
  const started = await startDue(pool, await enterHome(pool))
  for (const replay of started) await recordResult(pool, outcomeOf(replay, outcome), noMaintenance)
  return started.map(({ due }) => due.toISOString().slice(11, 23))
}

test('set back by an hour: each recurring due time gets a slot, one instance reports it, and states go on changing', async ({
  pool,
  clock,
}) => {
  const table = everyTenMinutes('users')
  await clock.stop(at('11:55:00'))
  await setChecks(pool, [rules({ name: 'users' })], at('11:55:00'))
  await clock.stop(at('12:00:00'))
  expect(await plan(pool, table)).toEqual({ added: 1, messages: [] })
  expect(await replayAll(pool, 'passed')).toEqual(['12:00:00.000'])
  await clock.stop(at('12:10:05'))
  expect(await plan(pool, table)).toEqual({ added: 1, messages: [] })
  expect(await replayAll(pool, 'failed')).toEqual(['12:10:00.000'])

  await clock.stop(at('11:10:05'))
  expect(await plan(pool, table)).toEqual({
    added: 0,
    messages: [
      `The clock of the monitor's database was set back: slots had been planned up to ${day} 12:10:00 UTC, and are planned again from ${day} 11:10:05 UTC on.`,
    ],
  })
  // The failure is confirmed by this clock.
  await clock.stop(at('11:10:25'))
  expect(await replayAll(pool, 'failed')).toEqual(['11:10:25.000'])
  expect(await readStates(pool)).toMatchObject([
    { state: 'down', since: at('11:10:25'), lastReplay: { due: at('11:10:25').toISOString() } },
  ])
  for (const [time, due] of [
    ['11:20:00', '11:20:00.000'],
    ['11:30:05', '11:30:00.000'],
    ['11:40:00', '11:40:00.000'],
    ['11:50:00', '11:50:00.000'],
    ['12:00:00', '12:00:00.001'],
    ['12:10:05', '12:10:00.001'],
    ['12:20:00', '12:20:00.000'],
  ] as const) {
    await clock.stop(at(time))
    // A slot a millisecond later is not due yet at this time.
    if (due.endsWith('1')) await clock.stop(new Date(at(time).getTime() + 1))
    expect(await plan(pool, table)).toEqual({ added: 1, messages: [] })
    expect(await plan(pool, table)).toEqual({ added: 0, messages: [] })
    expect(await replayAll(pool, 'passed')).toEqual([due])
    expect(await readStates(pool)).toMatchObject([{ state: 'up', since: at('11:20:00') }])
  }
  const open = (await slotStates(pool)).filter(({ state }) => state !== 'done')
  expect(open).toMatchObject([
    { kind: 'confirm', due: at('12:10:25'), state: 'missed', reason: 'the clock of the database was set back' },
  ])
  const { rows } = await pool.query(
    `select (select array_agg(to_char(at at time zone 'UTC', 'HH24:MI:SS ') || kind order by id) from reprise.transitions) as turns,
            (select sum(passed + failed)::int from reprise.rollups where period = 'day') as counted`,
  )
  expect(rows).toEqual([
    {
      turns: ['12:00:00 state', '11:10:25 state', '11:10:25 opened', '11:20:00 state', '11:20:00 closed'],
      counted: 10,
    },
  ])
  table.close()
})

test('set back from a year ahead: replays started there end without delaying others, and no state changes without a reason', async ({
  pool,
  clock,
}) => {
  const table = everyTenMinutes('users')
  await clock.stop(at('11:55:00'))
  await setChecks(pool, [rules({ name: 'users' })], at('11:55:00'))
  await clock.stop(at('12:00:00'))
  await plan(pool, table)
  expect(await replayAll(pool, 'passed')).toEqual(['12:00:00.000'])

  await clock.stop(new Date('2031-03-01T12:00:00Z'))
  expect((await plan(pool, table)).added).toBe(288)
  const [ahead] = await startDue(pool, await enterHome(pool))
  if (!ahead) throw new Error('Nothing was started.')
  // No evidence for two days.
  expect(await readStates(pool)).toMatchObject([{ state: 'unknown' }])

  await clock.stop(at('12:09:00'))
  expect(await plan(pool, table)).toMatchObject({
    added: 0,
    messages: [expect.stringContaining('2031-03-01 12:00:00 UTC')],
  })
  await clock.stop(at('12:10:00'))
  expect((await plan(pool, table)).added).toBe(1)
  // It waits for the replay under way, which is no older than it seems.
  expect(await slotStates(pool)).toContainEqual(expect.objectContaining({ due: at('12:10:00'), state: 'skipped' }))
  await recordResult(pool, outcomeOf(ahead, 'failed'), noMaintenance)
  await clock.stop(at('12:10:20'))
  expect(await replayAll(pool, 'passed')).toEqual(['12:10:20.000'])
  expect(await readStates(pool)).toMatchObject([
    { state: 'up', since: at('12:10:20'), lastReplay: { due: at('12:10:20').toISOString() } },
  ])
  await clock.stop(at('12:20:00'))
  expect((await plan(pool, table)).added).toBe(1)
  expect(await replayAll(pool, 'failed')).toEqual(['12:20:00.000'])
  expect(await readStates(pool)).toMatchObject([{ state: 'up' }])
  await clock.stop(at('12:20:20'))
  expect(await replayAll(pool, 'failed')).toEqual(['12:20:20.000'])
  expect(await readStates(pool)).toMatchObject([{ state: 'down', since: at('12:20:20') }])
  const shown = (await readLastReplays(pool, 10)).get('users') ?? []
  expect(shown.map(({ due }) => due)).toEqual([at('12:20:20'), at('12:20:00'), at('12:10:20'), at('12:00:00')])
  table.close()
})

test('set back by mistake and forward again: slots that were replayed are not missed', async ({ pool, clock }) => {
  const table = everyTenMinutes('users')
  await clock.stop(at('11:05:00'))
  await setChecks(pool, [rules({ name: 'users' })], at('11:05:00'))
  for (const minute of ['11:10', '11:20', '11:30', '11:40', '11:50', '12:00']) {
    await clock.stop(at(`${minute}:00`))
    expect((await plan(pool, table)).added).toBe(1)
    expect(await replayAll(pool, 'passed')).toEqual([`${minute}:00.000`])
  }
  await clock.stop(at('11:05:00'))
  expect((await plan(pool, table)).messages).toHaveLength(1)
  await clock.stop(at('12:05:00'))
  expect(await plan(pool, table)).toEqual({ added: 0, messages: [] })
  await clock.stop(at('12:10:00'))
  expect(await plan(pool, table)).toEqual({ added: 1, messages: [] })
  expect(await readStates(pool)).toMatchObject([{ state: 'up', since: at('11:10:00') }])
  table.close()
})

test('set back by half an hour: a rehearsal judges the repeated half hour in the same order as the monitor has', async ({
  pool,
  clock,
}) => {
  const table = everyTenMinutes('users')
  await clock.stop(at('11:55:00'))
  await setChecks(pool, [rules({ name: 'users' })], at('11:55:00'))
  const replayed = async (time: string, outcome: Outcome) => {
    await clock.stop(at(time))
    await plan(pool, table)
    expect(await replayAll(pool, outcome)).toHaveLength(1)
  }
  await replayed('12:00:00', 'passed')
  await replayed('12:10:00', 'passed')
  await replayed('12:20:00', 'failed')
  await replayed('12:20:20', 'failed')
  await replayed('12:30:00', 'failed')
  await clock.stop(at('11:55:00'))
  expect((await plan(pool, table)).messages).toHaveLength(1)
  await replayed('12:00:00.001', 'passed')
  await replayed('12:10:00.001', 'failed')
  await replayed('12:10:20.001', 'failed')

  const rehearsed = (down: number) => {
    const policy = { ...defaultPolicy, confirm: { down, up: 1 } }
    return rehearse(pool, [rules({ name: 'users', policy })], new Date(0), noMaintenance)
  }
  const actual = await readPastIncidents(pool, new Date(0))
  expect(actual).toMatchObject([
    { openedAt: at('12:10:20.001'), closedAt: null },
    { openedAt: at('12:20:20'), closedAt: at('12:00:00.001') },
  ])
  expect(await rehearsed(2)).toEqual(actual)
  expect(await rehearsed(3)).toMatchObject([{ openedAt: at('12:30:00'), closedAt: at('12:00:00.001') }])
  // There never were four failures in a row.
  expect(await rehearsed(4)).toEqual([])
  table.close()
})

test('set back by less than a minute: no due time recurs', async ({ pool, clock }) => {
  const table = everyTenMinutes('users')
  await clock.stop(at('11:55:00'))
  await setChecks(pool, [rules({ name: 'users' })], at('11:55:00'))
  await clock.stop(at('12:00:10'))
  expect(await plan(pool, table)).toEqual({ added: 1, messages: [] })
  for (const time of ['11:59:10', '12:00:00', '12:00:20']) {
    await clock.stop(at(time))
    expect(await plan(pool, table)).toEqual({ added: 0, messages: [] })
  }
  table.close()
})

test('set back with several locations: they are judged together: replays under way first, then those of recurring due times', async ({
  pool,
  clock,
}) => {
  const table = everyTenMinutes('users', 'orders')
  const policy = { ...defaultPolicy, locations: { count: 2, agree: 1 } }
  const users = rules({ name: 'users', locations: ['home', 'abroad'], policy })
  await clock.stop(at('11:55:00'))
  await setChecks(pool, [users, rules({ name: 'orders' })], at('11:55:00'))
  await clock.stop(at('12:00:00'))
  expect((await plan(pool, table)).added).toBe(3)
  expect(await replayAll(pool, 'passed')).toHaveLength(2)
  const abroad = await enter(pool, { location: 'abroad', capacity: 10 })
  const [slow] = await startDue(pool, abroad)
  if (!slow) throw new Error('Nothing was started.')

  // From now on, orders is replayed from abroad as well.
  await clock.stop(at('11:15:00'))
  await setChecks(pool, [users, { ...users, name: 'orders' }], at('11:15:00'))
  expect((await plan(pool, table)).messages).toHaveLength(1)
  await clock.stop(at('11:20:05'))
  expect((await plan(pool, table)).added).toBe(4)
  expect(await replayAll(pool, 'failed')).toHaveLength(2)
  expect(await readStates(pool)).toMatchObject([
    { name: 'orders', state: 'up' },
    { name: 'users', state: 'unknown' },
  ])
  await recordResult(pool, outcomeOf(slow, 'passed'), noMaintenance)
  expect(await readStates(pool)).toMatchObject([{}, { name: 'users', state: 'up', since: at('12:00:00') }])
  const { rows } = await pool.query(
    `select verdict -> 'streak' ->> 'failed' as failed from reprise.checks where name = 'users'`,
  )
  expect(rows).toEqual([{ failed: '1' }])

  await clock.stop(at('12:00:05'))
  expect((await plan(pool, table)).added).toBe(4 * 4)
  const again = (await slotStates(pool)).filter(({ state, kind }) => state === 'due' && kind === 'cron')
  const due = new Date(at('12:00:00').getTime() + 1)
  expect(again.map(({ check, location, due }) => ({ check, location, due }))).toEqual(
    ['orders', 'users'].flatMap(check => ['abroad', 'home'].map(location => ({ check, location, due }))),
  )
  table.close()
})

test('set back from a year ahead: an incident from there takes in no check that falls now, and its ledgers are released soon', async ({
  pool,
  clock,
}) => {
  const table = everyTenMinutes('users', 'orders')
  const policy = { ...defaultPolicy, confirm: { down: 1, up: 1 } }
  const checks = ['users', 'orders'].map(name => rules({ name, policy }))
  const holder = randomUUID()
  await clock.stop(new Date('2031-03-01T12:05:00Z'))
  await openLedger(pool, { run: 'r1', environment: 'production', settings: { baseURL: 'http://a' } }, holder)
  await setChecks(pool, checks, await databaseTime(pool))
  await clock.stop(new Date('2031-03-01T12:10:05Z'))
  expect((await plan(pool, table)).added).toBe(2)
  const [orders, users] = await startDue(pool, await enterHome(pool))
  if (!orders || !users) throw new Error('Nothing was started.')
  await recordResult(pool, outcomeOf(orders, 'failed'), noMaintenance)
  await recordResult(pool, outcomeOf(users, 'passed'), noMaintenance)

  await clock.stop(at('12:15:00'))
  expect((await plan(pool, table)).messages).toHaveLength(1)
  expect(await takeLedger(pool, 'r1', randomUUID())).toBe(false)
  await clock.stop(at('12:20:05'))
  expect((await plan(pool, table)).added).toBe(2)
  expect(await takeLedger(pool, 'r1', randomUUID())).toBe(true)
  expect(await replayAll(pool, 'failed')).toHaveLength(2)
  expect((await readOpenIncidents(pool)).map(({ checks }) => checks.map(({ name }) => name))).toEqual([
    ['users'],
    ['orders'],
  ])
  table.close()
})

test("a database whose clock is years behind this machine's changes states all the same", async ({ pool, clock }) => {
  const table = everyTenMinutes('users')
  await clock.stop(new Date('2020-03-01T12:05:00Z'))
  await setChecks(pool, [rules({ name: 'users' })], await databaseTime(pool))
  await clock.stop(new Date('2020-03-01T12:10:00Z'))
  expect((await plan(pool, table)).added).toBe(1)
  expect(await replayAll(pool, 'passed')).toHaveLength(1)
  expect(await readStates(pool)).toMatchObject([{ state: 'up' }])
  table.close()
})
