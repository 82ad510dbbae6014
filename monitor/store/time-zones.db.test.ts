/** The store in databases whose default time zone changes its offset. */
import { expect } from '@playwright/test'
import { monitor, test } from '../testing/store-fixture.ts'
import { readDayOutcomes } from './day-counts.ts'
import { openDays } from './days.ts'
import { openPool } from './pool.ts'
import { readUptimes } from './uptime.ts'

const zones = ['UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'Pacific/Apia', 'Africa/Cairo']

test('a span has as many hours and days as its name says, also when the offset changed within it', async ({
  pool,
  emptyDatabase,
}) => {
  await monitor(pool, { name: 'users' })
  // On the day after a change of Berlin's and New York's clocks, in the quarter after it, and on a leap day.
  const times = ['2027-03-29T00:30', '2027-11-01T23:30', '2027-11-08T05:30', '2027-12-15T12:00', '2028-02-29T23:59']
  for (const zone of zones) {
    await pool.query(`alter database ${emptyDatabase.name} set timezone = '${zone}'`)
    const zoned = openPool(emptyDatabase.url)
    for (const time of times) {
      await pool.query('truncate reprise.rollups')
      await pool.query(
        `insert into reprise.rollups (check_name, location, period, start, passed)
         select 'users', 'home', period, date_trunc(period, $1::timestamptz, 'UTC') - number * length, 1
           from (values ('hour', interval '1 hour'), ('day', interval '24 hours')) period (period, length),
                generate_series(0, 200) number`,
        [`${time}Z`],
      )
      const uptimes = await readUptimes(zoned, new Date(`${time}Z`), ['users'])
      const counted = Object.entries(uptimes.get('users') ?? {}).map(([span, { up }]) => `${up} in ${span}`)
      expect(counted.sort(), `${time} in ${zone}`).toEqual([
        '168 in 7 days',
        '24 in 24 hours',
        '30 in 30 days',
        '90 in 90 days',
      ])
      const days = await readDayOutcomes(zoned, 'users', 90, new Date(`${time}Z`))
      expect(days, `${time} in ${zone}`).toHaveLength(90)
    }
    await zoned.end()
  }
})

test("every day has its partitions, also one that begins at one o'clock", async ({ pool, emptyDatabase }) => {
  for (const zone of zones) {
    await pool.query(`alter database ${emptyDatabase.name} set timezone = '${zone}'`)
    const zoned = openPool(emptyDatabase.url)
    await openDays(zoned, new Date('2027-04-29T12:00:00Z'), new Date('2027-05-01T00:00:00Z'))
    const { rows } = await zoned.query(
      `select relname from pg_class where relname ~ '^slots_2027\\d+$' and relkind = 'r' order by relname`,
    )
    expect(
      rows.map(({ relname }) => relname),
      zone,
    ).toEqual(['slots_20270429', 'slots_20270430', 'slots_20270501'])
    for (const { relname } of rows)
      await zoned.query(`drop table reprise.${relname}, reprise.${relname.replace('slots', 'replays')}`)
    await zoned.end()
  }
})
