import { expect, test } from '../../testing/test.ts'
import { maintenance } from './maintenance.ts'

test('a window begins by its cron expression and ends after its length', () => {
  const windows = maintenance([
    { cron: '0 2 * * 0', timezone: 'UTC', lengthMs: 3_600_000 },
    { cron: '0 12 * * *', timezone: 'Europe/Berlin', lengthMs: 60_000, checks: ['users'] },
  ])
  const includes = (check: string, time: string) => windows.includes(check, new Date(`2026-06-0${time}Z`))
  expect(includes('users', '7T01:59:59')).toBe(false)
  expect(includes('users', '7T02:00:00')).toBe(true)
  expect(includes('users', '7T02:59:59')).toBe(true)
  expect(includes('users', '7T03:00:00')).toBe(false)
  expect(includes('users', '6T02:30:00')).toBe(false)
  expect(includes('users', '8T10:00:30')).toBe(true)
  expect(includes('orders', '8T10:00:30')).toBe(false)
  windows.close()
})

test('the windows of a span are those open during it, also if they began before', () => {
  const windows = maintenance([
    { cron: '0 2 * * *', timezone: 'UTC', lengthMs: 3_600_000 },
    { cron: '0 12 * * *', timezone: 'Europe/Berlin', lengthMs: 60_000, checks: ['users'] },
  ])
  expect(windows.spans(new Date('2026-06-07T02:30:00Z'), new Date('2026-06-08T02:00:00Z'))).toEqual([
    { begin: new Date('2026-06-07T02:00:00Z'), end: new Date('2026-06-07T03:00:00Z') },
    { begin: new Date('2026-06-08T02:00:00Z'), end: new Date('2026-06-08T03:00:00Z') },
    { begin: new Date('2026-06-07T10:00:00Z'), end: new Date('2026-06-07T10:01:00Z'), checks: ['users'] },
  ])
  windows.close()
})
