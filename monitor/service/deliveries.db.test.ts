/** Deliveries to several real receivers, and to channels that are added and removed. */
import { expect } from '@playwright/test'
import type pg from 'pg'
import { senderOf } from '../alerts/sender.ts'
import { type Channel, webhook } from '../index.ts'
import type { RemovedChannel } from '../store/removed-channels.ts'
import { listen } from '../store/wake.ts'
import { test as base, type Receiver, type Responder } from '../testing/receiver-fixture.ts'
import { monitor, replay } from '../testing/store-fixture.ts'
import { startDeliveries } from './deliveries.ts'

interface Delivering {
  /** The channels of the instance's configuration; can be replaced. */
  channels: Record<string, Channel>
  errors: Error[]
  /** How often `onDone` was called since the last error. */
  worked: number
  removed: RemovedChannel[]
  wake(): void
}

const test = base.extend<{ deliver: (channels: Record<string, Channel>) => Delivering }>({
  /** Delivers as an instance does, woken by the database. */
  deliver: async ({ pool, emptyDatabase }, use) => {
    const stops: (() => Promise<void>)[] = []
    await use(channels => {
      const delivering: Delivering = { channels, errors: [], worked: 0, removed: [], wake: () => undefined }
      const sender = () => ({
        channels: new Set(Object.keys(delivering.channels)),
        send: senderOf(delivering.channels, {}),
      })
      const { wake, stop } = startDeliveries(pool, sender, {
        onError: error => {
          delivering.errors.push(error)
          delivering.worked = 0
        },
        onDone: () => {
          delivering.worked++
        },
        onRemoved: removed => delivering.removed.push(removed),
      })
      const listening = listen(emptyDatabase.url, wake)
      stops.push(async () => void (await Promise.all([stop(), listening.stop()])))
      return Object.assign(delivering, { wake })
    })
    await Promise.all(stops.map(stop => stop()))
  },
})

/** Creates the messages of as many incidents. */
async function owe(pool: pg.Pool, channel: string, messages: number) {
  await pool.query(
    `insert into reprise.outbox (stream, channel, incident, position, message)
     select 'incident ' || number, $1, number, 1, jsonb_build_object('kind', 'down', 'incident', number, 'environment', 'production',
              'openedAt', now(), 'at', now(), 'checks', '[]'::jsonb)
       from generate_series(1, $2) number`,
    [channel, messages],
  )
}

const incidents = ({ received }: Receiver) => received.map(({ body }) => JSON.parse(body).incident)
const outbox = async (pool: pg.Pool, columns: string) =>
  (await pool.query(`select ${columns} from reprise.outbox order by id`)).rows

test('a channel that hangs with many waiting messages delays no other', async ({
  pool,
  receiver: hanging,
  second: well,
  deliver,
}) => {
  await monitor(pool, { name: 'users', channels: ['hanging', 'well'] })
  await owe(pool, 'hanging', 40)
  await owe(pool, 'well', 3)
  const events: string[] = []
  let letGo = (): unknown => undefined
  const released = new Promise<void>(resolve => {
    letGo = () => resolve()
  })
  const hang: Responder = async (_request, response) => {
    events.push('hanging')
    await released
    response.writeHead(204).end()
  }
  const take: Responder = (_request, response) => {
    events.push('well')
    response.writeHead(204).end()
    if (well.received.length === 3) letGo()
  }
  hanging.answers = Array.from({ length: 40 }, () => hang)
  well.answers = [take, take, take]
  deliver({ hanging: webhook({ url: hanging.url }), well: webhook({ url: well.url }) })
  await released
  // One message hangs. No second attempt of this channel has started before the other channel had all its messages.
  expect([...events].sort()).toEqual(['hanging', 'well', 'well', 'well'])
  expect(await outbox(pool, 'last_error')).toEqual(Array(43).fill({ last_error: null }))
  await expect.poll(() => incidents(hanging)).toEqual(Array.from({ length: 40 }, (_, index) => index + 1))
})

test('messages to a channel of another instance only wait for that instance', async ({ pool, receiver, deliver }) => {
  await monitor(pool, { name: 'users', channels: ['oncall'] })
  const older = deliver({})
  await owe(pool, 'oncall', 1)
  older.wake()
  deliver({ oncall: webhook({ url: receiver.url }) })
  await expect
    .poll(() => outbox(pool, 'attempts, delivered_at is null as waits'))
    .toEqual([{ attempts: 1, waits: false }])
  expect(older).toMatchObject({ errors: [], removed: [] })
})

test('a channel that is added by a changed configuration gets the messages that wait for it', async ({
  pool,
  receiver,
  deliver,
}) => {
  await monitor(pool, { name: 'users', channels: ['oncall'] })
  await owe(pool, 'oncall', 1)
  const delivering = deliver({})
  delivering.channels = { oncall: webhook({ url: receiver.url }) }
  delivering.wake()
  await expect.poll(() => incidents(receiver)).toEqual([1])
})

test('messages of a channel that no check has any more are closed, which is reported once', async ({
  pool,
  receiver,
  second,
  deliver,
}) => {
  await monitor(pool, { name: 'users', channels: ['removed'] }, { name: 'orders', channels: ['kept'] })
  await replay(pool, 'users', 400, 'failed')
  await replay(pool, 'users', 300, 'failed')
  receiver.answers = Array.from({ length: 100 }, (): Responder => (_, response) => void response.writeHead(500).end())
  const channels = { removed: webhook({ url: receiver.url }), kept: webhook({ url: second.url }) }
  const delivering = deliver(channels)
  await expect.poll(() => receiver.received.length).toBeGreaterThan(0)
  await expect.poll(() => outbox(pool, 'last_failure')).toEqual([{ last_failure: 'answered 500' }])
  // The instance's own configuration still has the channel: the checks in the database decide.
  await monitor(pool, { name: 'users', channels: ['kept'] }, { name: 'orders', channels: ['kept'] })
  delivering.wake()
  await expect.poll(() => delivering.removed).toEqual([{ channel: 'removed', messages: 1 }])
  const triedBefore = receiver.received.length
  // A channel that missed the start of an incident is not notified of its end.
  await replay(pool, 'users', 200, 'passed')
  expect(await outbox(pool, `channel, last_error, delivered_at is null as waits`)).toEqual([
    { channel: 'removed', last_error: 'this channel is not configured any more', waits: false },
  ])
  expect(receiver.received).toHaveLength(triedBefore)
})

test('an error of one channel is not reported as over when another channel works', async ({
  pool,
  receiver,
  second,
  deliver,
}) => {
  await monitor(pool, { name: 'users', channels: ['failing', 'well'] })
  await pool.query(
    `create function refuse() returns trigger language plpgsql as $$ begin raise 'not this one'; end $$;
     create trigger refuse before update on reprise.outbox for each row when (new.channel = 'failing')
       execute function refuse()`,
  )
  await owe(pool, 'failing', 1)
  const delivering = deliver({ failing: webhook({ url: receiver.url }), well: webhook({ url: second.url }) })
  await expect.poll(() => delivering.errors.map(({ message }) => message)).toContain('not this one')
  await owe(pool, 'well', 1)
  delivering.wake()
  await expect.poll(() => incidents(second)).toEqual([1])
  await expect.poll(() => outbox(pool, 'delivered_at is null as waits')).toEqual([{ waits: true }, { waits: false }])
  expect(delivering.worked).toBe(0)
  await pool.query('drop trigger refuse on reprise.outbox')
  await expect.poll(() => incidents(receiver)).toEqual([1])
  await expect.poll(() => delivering.worked).toBeGreaterThan(0)
})
