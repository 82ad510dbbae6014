import { expect } from '@playwright/test'
import type pg from 'pg'
import { monitor, replay, test } from '../testing/store-fixture.ts'
import { readStates } from './checks.ts'

async function incidents(pool: pg.Pool): Promise<string[]> {
  const { rows } = await pool.query<{ text: string }>(
    `select incident.environment || ': ' || string_agg(check_name || case when member.closed_at is null then '' else ' (up)' end,
              ', ' order by check_name) || case when incident.closed_at is null then '' else ' closed' end as text
       from reprise.incidents incident join reprise.incident_checks member on member.incident = incident.id
      group by incident.id order by incident.id`,
  )
  return rows.map(({ text }) => text)
}

async function messages(pool: pg.Pool): Promise<string[]> {
  const { rows } = await pool.query(
    `select channel || ' ' || position || ' ' || (message ->> 'kind') as text from reprise.outbox order by id`,
  )
  return rows.map(({ text }) => text)
}

async function fail(pool: pg.Pool, check: string, secondsAgo: number) {
  await replay(pool, check, secondsAgo, 'failed')
  await replay(pool, check, secondsAgo - 5, 'failed')
}

test('an incident opens once and closes once, with one message each to each channel', async ({ pool }) => {
  await monitor(pool, { name: 'users', channels: ['oncall', 'chat'] })
  await fail(pool, 'users', 100)
  await fail(pool, 'users', 80)
  expect(await incidents(pool)).toEqual(['production: users'])
  expect(await messages(pool)).toEqual(['chat 1 down', 'oncall 1 down'])
  // The status page is public, so states contain no reasons.
  expect(JSON.stringify(await readStates(pool))).not.toContain('expected 201')
  await replay(pool, 'users', 60, 'passed')
  await replay(pool, 'users', 50, 'passed')
  expect(await incidents(pool)).toEqual(['production: users (up) closed'])
  expect((await messages(pool)).slice(2).sort()).toEqual(['chat 2 up', 'oncall 2 up'])
  const { rows } = await pool.query('select message, incident from reprise.outbox order by id limit 1')
  expect(rows[0]).toMatchObject({
    message: {
      kind: 'down',
      incident: rows[0].incident,
      environment: 'production',
      checks: [{ name: 'users', state: 'down', reason: 'a user is added: expected 201' }],
    },
  })
})

test('checks of one environment that fall together share an incident, which ends with the last of them', async ({
  pool,
}) => {
  await monitor(pool, { name: 'users' }, { name: 'orders' }, { name: 'staged', environment: 'staging' })
  for (const check of ['users', 'orders', 'staged']) await fail(pool, check, 100)
  expect(await incidents(pool)).toEqual(['production: orders, users', 'staging: staged'])
  await replay(pool, 'users', 60, 'passed')
  expect(await messages(pool)).toEqual(['oncall 1 down', 'oncall 1 down', 'oncall 2 update'])
  await replay(pool, 'orders', 50, 'passed')
  expect(await incidents(pool)).toEqual(['production: orders (up), users (up) closed', 'staging: staged'])
  expect(await messages(pool)).toEqual(['oncall 1 down', 'oncall 1 down', 'oncall 2 up'])
})

test('checks of an environment that fall long after each other have two incidents, unless one depends on the other', async ({
  pool,
}) => {
  await monitor(
    pool,
    { name: 'database', environment: 'shared' },
    { name: 'users', dependsOn: ['database'] },
    { name: 'orders' },
  )
  await fail(pool, 'database', 2000)
  await fail(pool, 'users', 1000)
  await fail(pool, 'orders', 100)
  expect(await incidents(pool)).toEqual(['shared: database, users', 'production: orders'])
})

test('a check that falls after a check that depends on it joins its incident', async ({ pool }) => {
  await monitor(pool, { name: 'database', environment: 'shared' }, { name: 'users', dependsOn: ['database'] })
  await fail(pool, 'users', 1000)
  await fail(pool, 'database', 100)
  expect(await incidents(pool)).toEqual(['production: database, users'])
})

test('after maintenance, checks that are still down are alerted, and those that are up again are not', async ({
  pool,
}) => {
  await monitor(pool, { name: 'users' }, { name: 'orders', environment: 'staging' })
  const until = (seconds: number) => (_: string, at: Date) => at.getTime() < Date.now() - seconds * 1000
  for (const check of ['users', 'orders']) {
    for (const seconds of [100, 95]) await replay(pool, check, seconds, 'failed', until(50))
  }
  await replay(pool, 'orders', 90, 'passed', until(50))
  expect(await messages(pool)).toEqual([])
  await replay(pool, 'users', 40, 'failed', until(50))
  expect(await messages(pool)).toEqual(['oncall 1 down'])
  const { rows } = await pool.query(
    // Summed, because the replays are of two days just after midnight.
    `select check_name, sum(maintenance)::int as maintenance, sum(failed)::int as failed, sum(passed)::int as passed
       from reprise.rollups where period = 'day' group by check_name order by check_name`,
  )
  expect(rows).toEqual([
    { check_name: 'orders', maintenance: 3, failed: 0, passed: 0 },
    { check_name: 'users', maintenance: 2, failed: 1, passed: 0 },
  ])
})

test('a flapping check is reported as flapping once, and its incident ends when it is steady', async ({ pool }) => {
  await monitor(pool, { name: 'users' })
  for (let turn = 0; turn < 4; turn++) {
    await fail(pool, 'users', 1000 - 20 * turn)
    await replay(pool, 'users', 990 - 20 * turn, 'passed')
  }
  for (let slot = 0; slot < 11; slot++) await replay(pool, 'users', 900 - slot, 'passed')
  expect((await messages(pool)).map(message => message.split(' ').at(-1))).toEqual([
    'down',
    'up',
    'down',
    'up',
    'down',
    'flapping',
    'up',
  ])
})
