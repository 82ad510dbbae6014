import { expect } from '@playwright/test'
import type pg from 'pg'
import { heartbeatsOf, messagesAbout, passTime, stateOf } from '../testing/heartbeat-fixture.ts'
import { deliverAny, test } from '../testing/store-fixture.ts'
import { databaseTime } from './check-locations.ts'
import { noMaintenance } from './check-rules.ts'
import { claimDueSlots } from './claims.ts'
import { type HeartbeatReport, recordReport } from './heartbeat-reports.ts'
import { haveOthersListened, noteListening } from './heartbeat-watch.ts'
import { readProgress } from './heartbeats.ts'
import { enter } from './instances.ts'
import { notifyOthers } from './judgement.ts'
import { judgeLate } from './late-heartbeats.ts'
import type { AlertMessage } from './messages.ts'
import { mute } from './mutes.ts'
import type { Send } from './outbox.ts'
import { readReplayPage } from './replay-pages.ts'

const hour = 3600

/** Hourly, with a grace of ten minutes; watched from now on. */
const hourly = { everyMs: hour * 1000, graceMs: 600_000 }

const report = (pool: pg.Pool, kind: HeartbeatReport['kind'], more: Partial<HeartbeatReport> = {}) =>
  recordReport(pool, { check: 'backup', rid: '', kind, ...more }, () => undefined, noMaintenance)

test('a heartbeat is unknown until its first report, and down when that has not come in time', async ({ pool }) => {
  const all = await heartbeatsOf(pool, { backup: hourly, mails: hourly })
  expect(await stateOf(pool, 'backup')).toBe('unknown')
  await report(pool, 'passed')
  expect(await stateOf(pool, 'backup')).toBe('up')
  expect(await stateOf(pool, 'mails')).toBe('unknown')
  await passTime(pool, 69 * 60)
  expect(await judgeLate(pool, all, noMaintenance)).toEqual([])
  await passTime(pool, 90)
  expect((await judgeLate(pool, all, noMaintenance)).sort()).toEqual(['backup', 'mails'])
  expect([await stateOf(pool, 'backup'), await stateOf(pool, 'mails')]).toEqual(['down', 'down'])
  const [message] = await messagesAbout(pool, 'backup')
  expect(message).toMatchObject({
    kind: 'down',
    checks: [
      {
        name: 'backup',
        state: 'down',
        source: 'heartbeat',
        reason: expect.stringMatching(/^It was due at .+ UTC, and no report had come by .+ UTC\.$/),
      },
      { name: 'mails' },
    ],
  })
  // No instance replays it.
  const instance = await enter(pool, { location: 'heartbeat', capacity: 5 })
  expect(await claimDueSlots(pool, instance, 5)).toBeUndefined()
  await report(pool, 'passed')
  expect(await stateOf(pool, 'backup')).toBe('up')
})

test('each due time without a report is judged once, also by two instances', async ({ pool }) => {
  const all = await heartbeatsOf(pool, { backup: hourly })
  await passTime(pool, 71 * 60)
  const judged = await Promise.all([1, 2, 3].map(() => judgeLate(pool, all, noMaintenance)))
  expect(judged.flat()).toEqual(['backup'])
  await passTime(pool, hour)
  expect(await judgeLate(pool, all, noMaintenance)).toEqual(['backup'])
  const { replays } = await readReplayPage(pool, 'backup', undefined, { limit: 10, withDetail: false })
  expect(replays.map(({ outcome }) => outcome)).toEqual(['failed', 'failed'])
  expect(await messagesAbout(pool, 'backup')).toHaveLength(1)
})

test('a failure is told at once with its reason, and its output is kept', async ({ pool }) => {
  await heartbeatsOf(pool, { backup: hourly })
  await report(pool, 'passed')
  await report(pool, 'failed', { reason: 'The job ended with exit code 2: no space left', output: 'a\nno space left' })
  expect(await stateOf(pool, 'backup')).toBe('down')
  const [message] = await messagesAbout(pool, 'backup')
  expect(message).toMatchObject({ checks: [{ reason: 'The job ended with exit code 2: no space left' }] })
  const { rows } = await pool.query(
    `select detail ->> 'output' as output from reprise.replays where outcome = 'failed'`,
  )
  expect(rows).toEqual([{ output: 'a\nno space left' }])
})

test('a run has a duration, and one that is too long is down until it ends', async ({ pool }) => {
  const all = await heartbeatsOf(pool, { backup: { ...hourly, maxRunMs: 2 * hour * 1000 } })
  await report(pool, 'start')
  // The client did not get the response, and sent it again.
  await report(pool, 'start')
  expect(await stateOf(pool, 'backup')).toBe('unknown')
  // As long as it may run, no other report is waited for.
  await passTime(pool, 1.9 * hour)
  expect(await judgeLate(pool, all, noMaintenance)).toEqual([])
  expect(await readProgress(pool, 'backup')).toMatchObject({ runs: [{ overdue: false }] })
  await passTime(pool, 0.2 * hour)
  expect(await judgeLate(pool, all, noMaintenance)).toEqual(['backup'])
  expect(await judgeLate(pool, all, noMaintenance)).toEqual([])
  const [message] = await messagesAbout(pool, 'backup')
  expect(message).toMatchObject({
    checks: [{ reason: expect.stringMatching(/^The run that began at .+ had not ended by .+ UTC\.$/) }],
  })
  await report(pool, 'passed')
  expect(await stateOf(pool, 'backup')).toBe('up')
  const [last] = (await readReplayPage(pool, 'backup', undefined, { limit: 1, withDetail: false })).replays
  expect(Math.round((last?.durationMs ?? 0) / 360_000) / 10).toBe(2.1)
  expect((await readProgress(pool, 'backup'))?.runs).toEqual([])
})

test('runs overlap by their ids; without one, a run that is followed by another has not ended', async ({ pool }) => {
  await heartbeatsOf(pool, { backup: hourly })
  const [one, two] = ['6d2c7f6e-0000-4000-8000-000000000001', '6d2c7f6e-0000-4000-8000-000000000002']
  await report(pool, 'start', { rid: one })
  await passTime(pool, 60)
  await report(pool, 'start', { rid: two })
  await report(pool, 'passed', { rid: one })
  expect(await stateOf(pool, 'backup')).toBe('up')
  expect((await readProgress(pool, 'backup'))?.runs.map(({ rid }) => rid)).toEqual([two])
  await report(pool, 'start')
  await passTime(pool, 60)
  await report(pool, 'start')
  expect(await stateOf(pool, 'backup')).toBe('down')
  const [message] = await messagesAbout(pool, 'backup')
  expect(message).toMatchObject({
    checks: [{ reason: expect.stringContaining('did not report its end before the next one began') }],
  })
})

test('what was due while no monitor listened is unknown, and not down', async ({ pool }) => {
  const all = await heartbeatsOf(pool, { backup: hourly, later: { ...hourly, everyMs: 20 * hour * 1000 } })
  await noteListening(pool, all, false)
  await report(pool, 'passed')
  await passTime(pool, 2 * hour)
  await noteListening(pool, all, false)
  expect(await judgeLate(pool, all, noMaintenance)).toEqual(['backup'])
  expect(await stateOf(pool, 'backup')).toBe('unknown')
  const [message] = await messagesAbout(pool, 'backup')
  expect(message).toMatchObject({
    kind: 'unknown',
    checks: [{ source: 'heartbeat', reason: expect.stringContaining('its report may have been lost') }],
  })
  // What is due after that is judged again.
  for (let minutes = 0; minutes < 125; minutes += 5) {
    await passTime(pool, 300, { listening: true })
    await noteListening(pool, all, false)
  }
  expect(await judgeLate(pool, all, noMaintenance)).toEqual(['backup'])
  expect(await stateOf(pool, 'backup')).toBe('down')
})

test('a restart is a time in which no one listened, unless another instance did', async ({ pool }) => {
  const all = await heartbeatsOf(pool, { backup: hourly, mails: hourly })
  await report(pool, 'passed')
  const began = await databaseTime(pool)
  const [own, other] = [
    await enter(pool, { location: 'a', capacity: 1 }),
    await enter(pool, { location: 'b', capacity: 1 }),
  ]
  expect(await haveOthersListened(pool, own.id, began)).toBe(false)
  await pool.query(`update reprise.instances set alive_since = alive_since - interval '1 min' where id = $1`, [
    other.id,
  ])
  expect(await haveOthersListened(pool, own.id, began)).toBe(true)
  await noteListening(pool, all, true)
  await passTime(pool, 71 * 60, { listening: true })
  await judgeLate(pool, all, noMaintenance)
  expect(await stateOf(pool, 'backup')).toBe('unknown')
  // It was configured with that start.
  expect(await stateOf(pool, 'mails')).toBe('down')
  expect((await readReplayPage(pool, 'backup', undefined, { limit: 1, withDetail: false })).replays).toMatchObject([
    { outcome: 'unknown' },
  ])
})

test('in maintenance, also if it has ended before the grace, no alert is sent', async ({ pool }) => {
  const all = await heartbeatsOf(pool, { backup: hourly })
  await report(pool, 'passed')
  await passTime(pool, 71 * 60)
  const now = Date.now()
  // From 65 to 55 minutes after the last report, and thus over when it is late.
  const isInMaintenance = (_: string, at: Date) => Math.abs(now - 11 * 60_000 - at.getTime()) < 300_000
  await judgeLate(pool, all, isInMaintenance)
  expect(await stateOf(pool, 'backup')).toBe('down')
  expect(await messagesAbout(pool, 'backup')).toEqual([])
  const { rows } = await pool.query(
    `select maintenance, failed from reprise.rollups where period = 'day' order by start desc`,
  )
  expect(rows[0]).toEqual({ maintenance: 1, failed: 0 })
})

test('heartbeats that are late together are one message to a channel, although it is delivered meanwhile', async ({
  pool,
}) => {
  const names = Array.from({ length: 12 }, (_, index) => `job-${index}`)
  const all = await heartbeatsOf(pool, Object.fromEntries(names.map(name => [name, hourly])))
  await passTime(pool, 71 * 60)
  const sent: AlertMessage[] = []
  let isJudged = false
  const deliver = async () => {
    const note: Send = async ({ message }) => void sent.push(message)
    while (!isJudged) await deliverAny(pool, note)
    while (await deliverAny(pool, note));
  }
  const delivering = deliver()
  expect(await judgeLate(pool, all, noMaintenance)).toHaveLength(12)
  isJudged = true
  await delivering
  expect(sent).toMatchObject([{ kind: 'down', checks: names.sort().map(name => ({ name, news: 'fell' })) }])
})

test('a channel that is added, or was muted, is told of a heartbeat that is late, before the next due time', async ({
  pool,
}) => {
  const all = await heartbeatsOf(pool, { backup: hourly, mails: hourly })
  await report(pool, 'passed')
  const muted = (channel: string) => mute(pool, { kind: 'channel', name: channel }, { forMs: 60_000 }, 'Ada')
  await muted('oncall')
  await passTime(pool, 71 * 60)
  await judgeLate(pool, all, noMaintenance)
  const told = async (isInMaintenance = noMaintenance) => {
    for (const _ of [1, 2]) await notifyOthers(pool, isInMaintenance)
    const texts: string[] = []
    const note: Send = async ({ channel, message }) => {
      const checks = 'checks' in message ? message.checks : []
      texts.push(`${channel} ${message.kind}: ${checks.map(({ name, news }) => `${name} ${news}`).join(', ')}`)
    }
    while (await deliverAny(pool, note));
    return texts
  }
  expect(await told()).toEqual([])
  await pool.query('delete from reprise.mutes')
  expect(await told()).toEqual(['oncall down: backup fell, mails fell'])
  await pool.query(`update reprise.checks set rules = rules || '{"channels": ["desk", "oncall"]}'`)
  await pool.query(`insert into reprise.channels (name) values ('desk')`)
  expect(await told(() => true)).toEqual([])
  expect(await told()).toEqual(['desk down: backup fell, mails fell'])
})

test('what was found in maintenance is not told after it, but with the next due time', async ({ pool }) => {
  const all = await heartbeatsOf(pool, { backup: hourly })
  await report(pool, 'passed')
  await passTime(pool, 71 * 60)
  const now = Date.now()
  const isInMaintenance = (_: string, at: Date) => Math.abs(now - 11 * 60_000 - at.getTime()) < 300_000
  await judgeLate(pool, all, isInMaintenance)
  await notifyOthers(pool, isInMaintenance)
  expect(await messagesAbout(pool, 'backup')).toEqual([])
  await passTime(pool, hour, { listening: true })
  await judgeLate(pool, all, noMaintenance)
  expect(await messagesAbout(pool, 'backup')).toMatchObject([{ kind: 'down' }])
})

test('a start that comes after its due time was missed is no success, and its end is', async ({ pool }) => {
  const all = await heartbeatsOf(pool, { backup: hourly })
  await report(pool, 'passed')
  await passTime(pool, 71 * 60)
  await judgeLate(pool, all, noMaintenance)
  expect(await stateOf(pool, 'backup')).toBe('down')
  await report(pool, 'start')
  expect(await stateOf(pool, 'backup')).toBe('down')
  expect(await messagesAbout(pool, 'backup')).toMatchObject([{ kind: 'down' }])
  // Its own end is waited for from its start on, and nothing is missed twice.
  await passTime(pool, 30 * 60)
  expect(await judgeLate(pool, all, noMaintenance)).toEqual([])
  await report(pool, 'passed')
  expect(await stateOf(pool, 'backup')).toBe('up')
  expect((await messagesAbout(pool, 'backup')).map(({ kind }) => kind)).toEqual(['down', 'up'])
  // The next one is due an hour after that end.
  await passTime(pool, 69 * 60)
  expect(await judgeLate(pool, all, noMaintenance)).toEqual([])
  await passTime(pool, 2 * 60)
  expect(await judgeLate(pool, all, noMaintenance)).toEqual(['backup'])
})

test('after the clock of the database was set back, a heartbeat is expected anew', async ({ pool }) => {
  const all = await heartbeatsOf(pool, { backup: hourly })
  await noteListening(pool, all, false)
  await report(pool, 'start')
  await passTime(pool, -5 * hour)
  await noteListening(pool, all, false)
  const progress = await readProgress(pool, 'backup')
  const now = (await databaseTime(pool)).getTime()
  expect(Math.abs((progress?.expected?.getTime() ?? 0) - now - hour * 1000)).toBeLessThan(60_000)
  expect(progress?.runs[0]?.began.getTime()).toBeLessThanOrEqual(now)
  await report(pool, 'passed')
  expect(await stateOf(pool, 'backup')).toBe('up')
})

test('a heartbeat that is configured no more is forgotten, and one with another schedule is expected anew', async ({
  pool,
}) => {
  await heartbeatsOf(pool, { backup: hourly, mails: hourly })
  await report(pool, 'passed')
  const before = await readProgress(pool, 'backup')
  await heartbeatsOf(pool, { backup: { ...hourly, graceMs: 5000 } })
  expect(await readProgress(pool, 'backup')).toEqual(before)
  expect(await readProgress(pool, 'mails')).toBeUndefined()
  await heartbeatsOf(pool, { backup: { ...hourly, everyMs: 5 * hour * 1000 } })
  expect((await readProgress(pool, 'backup'))?.expected).not.toEqual(before?.expected)
  await heartbeatsOf(pool, {})
  expect(await report(pool, 'passed')).toBe(false)
})

test('a heartbeat joins the incident of one that it depends on', async ({ pool }) => {
  await heartbeatsOf(pool, { backup: hourly, restore: { ...hourly, dependsOn: ['backup'] } })
  await report(pool, 'failed')
  // Too late to be of the same outage by its time.
  await pool.query(`update reprise.incidents set opened_at = opened_at - interval '1 hour'`)
  await recordReport(pool, { check: 'restore', rid: '', kind: 'failed' }, () => undefined, noMaintenance)
  const { rows } = await pool.query('select incident, check_name from reprise.incident_checks order by check_name')
  expect(rows).toEqual([
    { incident: 1, check_name: 'backup' },
    { incident: 1, check_name: 'restore' },
  ])
})
