/** Removal of old messages. */
import { expect } from '@playwright/test'
import { ago, monitor, replay, test } from '../testing/store-fixture.ts'
import { removeMessagesBefore } from './message-retention.ts'
import { deliverNext } from './outbox.ts'

test('messages are removed after the retention, except those that wait or that open incidents need', async ({
  pool,
}) => {
  await monitor(pool, { name: 'users' }, { name: 'orders', environment: 'staging' })
  for (const check of ['users', 'orders'])
    for (const seconds of [400, 300]) await replay(pool, check, seconds, 'failed')
  await replay(pool, 'users', 200, 'passed')
  const deliver = () => deliverNext(pool, 'oncall', async () => undefined)
  await deliver()
  await deliver()
  await pool.query(
    `insert into reprise.outbox (stream, channel, position, message, once, delivered_at, dead_at)
     values ('digest', 'desk', 1, '{"kind":"digest","at":"1"}', null, now() - interval '2 h', null),
            ('digest', 'desk', 2, '{"kind":"digest","at":"2"}', 'week 7', now() - interval '60 days', null),
            ('digest', 'desk', 3, '{"kind":"digest","at":"3"}', 'week 3', now() - interval '100 days', null),
            ('digest', 'desk', 4, '{"kind":"digest","at":"4"}', null, null, now() - interval '2 h')`,
  )
  const left = async () => {
    const { rows } = await pool.query<{ left: string }>(
      `select concat_ws(' ', message ->> 'kind', incident, message ->> 'at') as left from reprise.outbox where channel = 'desk'
       union all select concat_ws(' ', message ->> 'kind', incident) from reprise.outbox where channel = 'oncall' order by 1`,
    )
    return rows.map(({ left }) => left)
  }
  await removeMessagesBefore(pool, ago(3600))
  expect(await left()).toEqual(['digest 2', 'down 1', 'down 2', 'up 1'])
  // The recovery of the first incident still waits; the second one is open.
  await removeMessagesBefore(pool, ago(-60))
  expect(await left()).toEqual(['digest 2', 'down 2', 'up 1'])
  await deliver()
  await removeMessagesBefore(pool, ago(-60))
  expect(await left()).toEqual(['digest 2', 'down 2'])
  // Its recovery follows as usual.
  await replay(pool, 'orders', 100, 'passed')
  expect(await left()).toEqual(['digest 2', 'down 2', 'up 2'])
})
