import { deepEqual, ok } from 'node:assert/strict'
import fc from 'fast-check'
import { forEachRow } from '../../testing/for-each-row.ts'
import { expect, test } from '../../testing/test.ts'
import { timeZone } from '../time-zone.ts'
import { dueTimes } from './due-times.ts'

const dayMs = 86_400_000

/** Due times of a day (UTC), as hours and minutes in UTC. */
function dues(cron: string, timezone: string, day: string): string[] {
  const times = dueTimes({ cron, timezone })
  const start = new Date(`${day}T00:00:00Z`)
  const found = times.between(new Date(start.getTime() - 1), new Date(start.getTime() + 86_399_999))
  times.close()
  return found.map(time => time.toISOString().slice(11, 16))
}

const everyHour = Array.from({ length: 24 }, (_, hour) => `${String(hour).padStart(2, '0')}:00`)

// Berlin: in spring, at 01:00 UTC, 02:00 becomes 03:00; in autumn, at 01:00 UTC, 03:00 becomes 02:00.
const [spring, autumn] = ['2026-03-29', '2026-10-25']
const days = [
  ['0 * * * *', 'Europe/Berlin', spring, everyHour],
  ['0 * * * *', 'Europe/Berlin', autumn, everyHour],
  ['30 2 * * *', 'Europe/Berlin', '2026-03-28', ['01:30']],
  ['30 2 * * *', 'Europe/Berlin', spring, ['01:30']],
  ['30 2 * * *', 'Europe/Berlin', '2026-03-30', ['00:30']],
  ['30 2 * * *', 'Europe/Berlin', autumn, ['00:30']],
  ['30 2 * * *', 'Europe/Berlin', '2026-10-26', ['01:30']],
  ['0 3 * * *', 'Europe/Berlin', spring, ['01:00']],
  ['0 3 * * *', 'Europe/Berlin', autumn, ['02:00']],
  ['*/30 1-3 * * *', 'Europe/Berlin', spring, ['00:00', '00:30', '01:00', '01:30', '23:00', '23:30']],
  ['*/30 2 * * *', 'Europe/Berlin', autumn, ['00:00', '00:30', '01:00', '01:30']],
  ['30 3 * * 0', 'America/New_York', '2026-03-08', ['07:30']],
  ['30 2 * * 0', 'America/New_York', '2026-03-08', ['07:30']],
  ['30 1 * * *', 'America/New_York', '2026-11-01', ['05:30']],
  ['15 2 * * *', 'Australia/Lord_Howe', '2026-10-03', ['15:45']],
  ['0 12 * * *', 'Asia/Kolkata', '2026-06-01', ['06:30']],
  ['@daily', 'UTC', '2026-06-01', ['00:00']],
  ['0 12 L * *', 'UTC', '2026-02-28', ['12:00']],
  // A day of the month and a day of the week: either matches. November 13, 2026 is a Friday.
  ['0 0 13 * 5', 'UTC', '2026-11-13', ['00:00']],
  ['0 0 13 * 5', 'UTC', '2026-11-20', ['00:00']],
  ['0 0 13 * 5', 'UTC', '2026-12-13', ['00:00']],
  ['0 0 0 13 * FRI', 'UTC', '2026-12-13', ['00:00']],
  ['0 0 13 * 5', 'UTC', '2026-11-14', []],
  // No February has 31 days. The other one is a Monday.
  ['0 0 31 2 1', 'UTC', '2026-02-02', ['00:00']],
  ['0 0 0 30,31 2 MON', 'UTC', '2026-02-03', []],
  ['0 0 */2 * 5', 'UTC', '2026-11-20', []],
  ['0 0 * * 5', 'UTC', '2026-11-14', []],
  ['0 0 13 * *', 'UTC', '2026-11-20', []],
] as const

test('due times of a day, in UTC', async () => {
  await forEachRow(
    days,
    ([cron, timezone, day]) => `${cron} in ${timezone} on ${day}`,
    ([cron, timezone, day, expected]) => {
      expect(dues(cron, timezone, day)).toEqual(expected)
    },
  )
})

test('every five minutes is every five minutes in every zone, also during clock changes', () => {
  for (const [timezone, ...changes] of [
    ['Europe/Berlin', '2026-03-29', '2026-10-25'],
    ['America/St_Johns', '2026-03-08', '2026-11-01'],
    ['Australia/Lord_Howe', '2026-04-05', '2026-10-04'],
    ['Pacific/Chatham', '2026-04-05', '2026-09-27'],
  ] as const) {
    const times = dueTimes({ cron: '*/5 * * * *', timezone })
    for (const change of changes) {
      const start = new Date(Date.parse(`${change}T00:00:00Z`) - 2 * dayMs)
      const zone = timeZone(timezone)
      const [before, after] = [start.getTime(), start.getTime() + 4 * dayMs].map(at => zone.offsetAt(at))
      expect(before, timezone).not.toBe(after)
      expect(times.between(start, new Date(start.getTime() + 4 * dayMs))).toHaveLength(4 * 288)
    }
    times.close()
  }
})

test('a time of day occurs once each day, also during clock changes', () => {
  const zones = fc.constantFrom('Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'UTC')
  const time = fc.record({
    hour: fc.integer({ min: 0, max: 23 }),
    minute: fc.integer({ min: 0, max: 59 }),
    zone: zones,
  })
  const changes = fc.constantFrom('2026-03-06', '2026-03-27', '2026-04-03', '2026-10-02', '2026-10-23', '2026-10-30')
  fc.assert(
    fc.property(time, changes, ({ hour, minute, zone }, from) => {
      const times = dueTimes({ cron: `${minute} ${hour} * * *`, timezone: zone })
      const start = new Date(`${from}T00:00:00Z`)
      const found = times.between(start, new Date(start.getTime() + 5 * dayMs))
      times.close()
      const days = found.map(due => Math.floor((due.getTime() + timeZone(zone).offsetAt(due.getTime())) / dayMs))
      deepEqual(
        days,
        days.map((_, index) => (days[0] ?? 0) + index),
      )
      ok(days.length >= 4)
    }),
  )
})

test('seconds are respected', () => {
  const times = dueTimes({ cron: '*/20 * * * * *', timezone: 'UTC' })
  const found = times.between(new Date('2026-01-01T00:00:00Z'), new Date('2026-01-01T00:01:00Z'))
  expect(found.map(time => time.getUTCSeconds())).toEqual([20, 40, 0])
  expect(times.hasSeconds).toBe(true)
  times.close()
})

test('an invalid schedule is rejected with its place and the remedy', () => {
  expect(() => dueTimes({ cron: '61 * * * *', timezone: 'UTC' })).toThrow(
    '"61 * * * *" is not a cron expression: 61 is a invalid expression for minute. Write five fields, such as "*/5 * * * *".',
  )
  for (const cron of ['0 0 31 2 *', '0 0 32 2 1', '0 0 31 2 9', '0 0 31 13 1', '0 0 1 2 9'])
    expect(() => dueTimes({ cron, timezone: 'UTC' }), cron).toThrow('is not a cron expression')
  expect(() => dueTimes({ cron: '@daily', timezone: 'Europe/Bärlin' })).toThrow(
    'The schedule "@daily" has an unknown time zone, "Europe/Bärlin". Write one such as "Europe/Berlin".',
  )
})
