import { expect } from '@playwright/test'
import { readDayCounts } from '../store/day-counts.ts'
import { test } from '../testing/store-fixture.ts'
import { dayBar, lastDays } from './day-bar.ts'

test('the bar of days tells apart what happened, in words as well', async ({ pool }) => {
  await pool.query(`
    insert into reprise.rollups (check_name, location, period, start, passed, failed, error, missed, maintenance)
    select name, location, 'day', '2030-03-31T00:00:00Z'::timestamptz - age * interval '24 hours', passed, failed, error, missed, maintenance
      from (values ('users', 'home', 100, 9, 0, 0, 0, 0), ('users', 'home', 10, 9, 0, 0, 0, 0), ('users', 'home', 9, 8, 1, 0, 0, 0),
                   ('users', 'tokyo', 9, 9, 0, 0, 0, 0), ('users', 'home', 8, 0, 0, 2, 7, 0), ('users', 'home', 7, 0, 0, 0, 0, 9),
                   ('users', 'home', 5, 9, 0, 0, 0, 0), ('users', 'home', 4, 9, 0, 0, 0, 0), ('users', 'home', 3, 4, 0, 0, 5, 0),
                   ('young', 'home', 1, 9, 0, 0, 0, 0), ('young', 'home', 0, 9, 0, 0, 0, 0),
                   -- As if the clock was set back since.
                   ('users', 'home', -2, 0, 9, 0, 0, 0))
             days (name, location, age, passed, failed, error, missed, maintenance)`)
  await pool.query(`
    with incident as (insert into reprise.incidents (environment, opened_at) values ('production', now()) returning id)
    insert into reprise.incident_checks (incident, check_name, opened_at, closed_at)
    select id, 'users', '2030-03-26T12:00:00Z', '2030-03-27T00:00:00Z' from incident`)
  const now = new Date('2030-03-31T23:59:59Z')
  const days = await readDayCounts(pool, new Date('2030-01-01T12:00:00Z'), now, ['users', 'young', 'never replayed'])
  const barOf = (name: string) => dayBar(lastDays(days.get(name), 90, now)).text
  const [users, young, never] = ['users', 'young', 'never replayed'].map(barOf)
  expect(users).toContain(
    'aria-label="Last 90 days: 1 up, 1 mostly not watched (2030-03-28), 1 with some failures (2030-03-22), 2 down (2030-03-26, 2030-03-27), 1 not watched (2030-03-23), 1 in maintenance (2030-03-24), 83 without slots"',
  )
  expect(users).toContain('<title>2030-03-22: with some failures, uptime 94.44 % of 100 % watched</title>')
  expect(users).toContain('<title>2030-03-23: not watched</title>')
  expect(users).toContain('<title>2030-03-28: mostly not watched, uptime 100 % of 44.4 % watched</title>')
  expect(young).toContain('aria-label="Last 90 days: 2 up, 88 before the first slot"')
  expect(never).toContain('aria-label="Last 90 days: 90 before the first slot"')
})
