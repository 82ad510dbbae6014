/** When digests are written, and what they contain; all times are given. */
import { expect } from '@playwright/test'
import type pg from 'pg'
import { digestLines } from '../alerts/digest-lines.ts'
import { setChecks } from '../store/checks.ts'
import { readDigestFigures } from '../store/digest-figures.ts'
import { openPool } from '../store/pool.ts'
import { rules, test } from '../testing/store-fixture.ts'
import { createDigests, writeDueDigest } from './digests.ts'

/** Mondays at eight in Berlin: at 07:00 UTC in winter, at 06:00 in summer. */
const weekly = { cron: '0 8 * * 1', timezone: 'Europe/Berlin', channels: ['desk', 'mail'] }
const at = (time: string) => new Date(`${time}Z`)

/** The store is older than all times of the tests. */
const storedSince = (pool: pg.Pool, time = '2029-01-01T00:00') =>
  pool.query('update reprise.migrations set applied_at = $1', [at(time)])

async function digests(pool: pg.Pool): Promise<string[]> {
  const { rows } = await pool.query<{ text: string }>(
    `select concat_ws(' ', channel, position, message ->> 'from', message ->> 'at') as text from reprise.outbox
      where stream = 'digest' and message ->> 'kind' = 'digest' order by id`,
  )
  return rows.map(({ text }) => text)
}

test('a digest is written once to each channel, by several instances and after restarts', async ({
  pool,
  emptyDatabase,
}) => {
  await storedSince(pool)
  await writeDueDigest(pool, weekly, at('2030-03-04T06:00'), at('2030-03-04T06:59:59'))
  expect(await digests(pool)).toEqual([])
  const other = openPool(emptyDatabase.url)
  const [after, now] = [at('2030-03-04T06:59'), at('2030-03-04T07:00')]
  await Promise.all([pool, other, pool, other].map(each => writeDueDigest(each, weekly, after, now)))
  await other.end()
  await writeDueDigest(pool, weekly, at('2030-03-03T20:00'), at('2030-03-04T20:00'))
  const of = (channel: string) => `${channel} 1 2030-02-25T07:00:00.000Z 2030-03-04T07:00:00.000Z`
  expect(await digests(pool)).toEqual([of('desk'), of('mail')])
  // A channel that was added gets it as well; the others not again.
  await writeDueDigest(pool, { ...weekly, channels: ['mail', 'new'] }, after, now)
  expect((await digests(pool)).slice(2)).toEqual([of('new')])
})

test('of several that came due only the last is written, none from before the store, and summer time is heeded', async ({
  pool,
}) => {
  await storedSince(pool)
  const daily = { ...weekly, cron: '0 8 * * *', channels: ['desk'] }
  await writeDueDigest(pool, daily, at('2030-03-26T12:00'), at('2030-03-31T12:00'))
  expect(await digests(pool)).toEqual(['desk 1 2030-03-30T07:00:00.000Z 2030-03-31T06:00:00.000Z'])
  await writeDueDigest(
    pool,
    { ...weekly, cron: '0 8 1 1 *', channels: ['desk'] },
    at('2029-12-31T12:00'),
    at('2030-01-01T12:00'),
  )
  // A yearly one reaches back a month.
  expect((await digests(pool)).slice(1)).toEqual(['desk 2 2029-12-01T07:00:00.000Z 2030-01-01T07:00:00.000Z'])
  await storedSince(pool, '2030-04-01T10:00')
  await writeDueDigest(pool, daily, at('2030-03-31T12:00'), at('2030-04-01T12:00'))
  expect(await digests(pool)).toHaveLength(2)
})

test('after a start, what came due within the last day is written; without a digest in the configuration, nothing', async ({
  pool,
}) => {
  await storedSince(pool, '2020-01-01T00:00')
  let digest: typeof weekly | undefined
  const write = createDigests(pool, () => digest)
  expect(await write()).toBe(60_000)
  expect(await digests(pool)).toEqual([])
  digest = { ...weekly, cron: '* * * * *', channels: ['desk'] }
  await createDigests(pool, () => digest)()
  const [first = ''] = await digests(pool)
  const [, , from = '', due = ''] = first.split(' ')
  expect(new Date(due).getTime() - new Date(from).getTime()).toBe(60_000)
})

test('a digest has uptime, incidents, flaky specs, leaks, certificates, and what was not watched', async ({ pool }) => {
  const [from, to] = [at('2030-02-25T07:00'), at('2030-03-04T07:00')]
  const lines = async () => digestLines(await readDigestFigures(pool, from, to))
  expect(await lines()).toEqual(['No slots were due.', 'No incidents.', 'Every slot had a result.'])

  await setChecks(
    pool,
    ['orders', 'search', 'users', 'old']
      .map(name => rules({ name }))
      .concat(rules({ name: 'pay', environment: 'staging' })),
    from,
  )
  await pool.query(`update reprise.checks set active = false where name = 'old'`)
  await pool.query(
    `insert into reprise.rollups (check_name, location, period, start, passed, flaky, slow, failed, error, missed, maintenance) values
       ('users', 'paris', 'hour', '2030-02-25T07:00Z', 900, 50, 50, 2, 1, 0, 9),
       ('users', 'rome', 'hour', '2030-03-04T06:00Z', 998, 0, 0, 0, 0, 3, 0),
       ('users', 'paris', 'day', '2030-02-25T00:00Z', 900, 50, 50, 2, 1, 0, 9),
       ('users', 'paris', 'hour', '2030-02-25T06:00Z', 0, 0, 0, 500, 0, 0, 0),
       ('users', 'paris', 'hour', '2030-03-04T07:00Z', 0, 0, 0, 500, 0, 0, 0),
       ('orders', 'paris', 'hour', '2030-03-01T00:00Z', 1000, 0, 0, 10, 0, 0, 0),
       ('search', 'paris', 'hour', '2030-03-01T00:00Z', 10, 0, 0, 0, 0, 0, 0),
       ('old', 'paris', 'hour', '2030-03-01T00:00Z', 0, 0, 0, 99, 0, 0, 0),
       ('pay', 'paris', 'hour', '2030-03-01T00:00Z', 0, 0, 0, 0, 0, 5, 0)`,
  )
  await pool.query(
    `insert into reprise.incidents (environment, opened_at, closed_at) values
       ('production', '2030-02-20T00:00Z', '2030-02-25T06:00Z'),
       ('production', '2030-02-26T00:00Z', '2030-02-26T00:42Z'),
       ('production', '2030-03-04T05:55Z', null), ('production', '2030-03-04T08:00Z', null)`,
  )
  await pool.query(
    `insert into reprise.incident_checks (incident, check_name, opened_at)
     select id, name, opened_at from reprise.incidents, unnest(array['orders', 'users']) name where id = 3`,
  )
  const spec = (title: string, outcome: string) => ({ title, file: 'a.spec.ts', outcome })
  await pool.query(`select reprise.open_day('2030-03-01')`)
  await pool.query(
    `insert into reprise.replays (check_name, due, location, kind, id, run, outcome, detail)
     select 'users', '2030-03-01T00:00Z'::timestamptz + n * interval '1 minute', 'paris', 'cron', gen_random_uuid(),
            gen_random_uuid(), 'flaky', $1 from generate_series(1, 3) n`,
    [JSON.stringify({ specs: [spec('a user is added', 'flaky'), spec('a user is found', 'passed')] })],
  )
  await pool.query(
    `insert into reprise.ledgers (run, environment, settings, holder, held_until)
     values ('r', 'production', '{}', gen_random_uuid(), '2030-01-01')`,
  )
  await pool.query(
    `insert into reprise.intents (id, run, intent, created, reason) values
       (gen_random_uuid(), 'r', '{"at": "2020-01-01T00:00:00Z"}', '[{}, {}]', 'answered 500'),
       (gen_random_uuid(), 'r', '{"at": "2020-01-01T00:00:00Z"}', null, 'no answer')`,
  )
  await pool.query(
    `insert into reprise.open_notices (stream, subject, channel, since)
     select 'certificate production', 'api.example.com', channel, now() from unnest(array['desk', 'mail']) channel`,
  )
  const certificate = { kind: 'certificate', subjects: [{ name: 'api.example.com', text: 'it expires in 12 days' }] }
  await pool.query(
    `insert into reprise.outbox (stream, channel, position, message) values ('certificate production', 'desk', 1, $1)`,
    [JSON.stringify(certificate)],
  )
  expect(await lines()).toEqual([
    'Uptime in production: 99.60 % of 3020 replays.',
    'Uptime in staging: not known.',
    'Lowest uptime: orders 99.00 %, users 99.90 %.',
    '2 incidents, the longest for 1 h 5 min: incident 3 (orders, users). 1 of them is not over.',
    'Flaky: "a user is added" of users (3 times).',
    'Possible leaks in production: 2 things left, 1 request of which it is not known.',
    'Certificates: api.example.com (it expires in 12 days).',
    'Unwatched: 9 of 3029 slots had no result (pay 5, users 4).',
  ])
})
