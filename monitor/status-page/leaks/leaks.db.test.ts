/** `/leaks` and `/api/leaks` over a ledger in the database. */
import { randomUUID } from 'node:crypto'
import { expect } from '@playwright/test'
import type pg from 'pg'
import type { Intent, LedgerEntry, Thing } from '../../../environment/ledger/entry.ts'
import { openLedger, releaseLedger, takeLedger, writeEntries } from '../../store/ledgers.ts'
import { type ServedPage, test } from '../../testing/status-page-fixture.ts'

const settings = { baseURL: 'https://api.example.com/v1/' }

const intentOf = (about: Partial<Intent> = {}): Intent => ({
  id: randomUUID(),
  at: '2026-03-31T23:59:59.999Z',
  environment: 'production',
  check: 'orders',
  replay: 'r',
  method: 'POST',
  url: 'https://api.example.com/v1/orders',
  token: 't',
  timeoutMs: 1000,
  ...about,
})
const noted = (intent: Intent): LedgerEntry => ({ entry: 'intent', intent })
const thing = (id: number): Thing => ({ remove: [{ send: `DELETE https://api.example.com/v1/orders/${id}` }] })
const created = ({ id }: Intent, ...ids: number[]): LedgerEntry => ({ entry: 'created', id, things: ids.map(thing) })
const ended = ({ id }: Intent, as: 'removed' | 'unverified' | 'never created', count = 1): LedgerEntry => {
  return { entry: 'ended', id, as, count }
}

/** Opens the ledger of a run, whose entries the returned function writes. */
async function openRun(pool: pg.Pool, environment = 'production') {
  const [run, holder] = [randomUUID(), randomUUID()]
  await openLedger(pool, { run, environment, settings }, holder)
  return {
    run,
    write: (...entries: LedgerEntry[]) => writeEntries(pool, run, holder, entries),
    release: () => releaseLedger(pool, run, holder),
  }
}

const leaksOf = async (url: string) => (await fetch(`${url}/api/leaks`)).json()
const pageOf = async (url: string) => (await (await fetch(`${url}/leaks`)).text()).replace(/\s+/g, ' ')
const nothing = { created: 0, removed: 0, unverified: 0, left: 0, unknown: 0, pending: 0, unruled: 0 }

test('each thing is counted once, in the month of its request', async ({ pool, served }) => {
  const { run, write, release } = await openRun(pool)
  const [one, three, found, april] = [intentOf(), intentOf(), intentOf(), intentOf({ at: '2026-04-01T00:00:00.000Z' })]
  const [never, open] = [intentOf(), intentOf()]
  await write(...[one, three, found, april, never, open].map(noted))
  await write(created(one, 1), created(three, 2, 3, 4))
  expect((await leaksOf(served.url)).months).toEqual([
    { ...nothing, month: '2026-04', environment: 'production', pending: 1 },
    { ...nothing, month: '2026-03', environment: 'production', pending: 5 },
  ])
  // Each is written again, since the first answer may have been lost.
  for (const _ of [1, 2]) {
    await write(ended(one, 'removed'), ended(april, 'unverified'), ended(never, 'never created'))
    await write(created(three, 2, 3))
    // What a search finds has no list of things.
    await write(ended(found, 'removed', 2))
  }
  await release()
  const march = { ...nothing, month: '2026-03', environment: 'production' }
  expect((await leaksOf(served.url)).months).toEqual([
    { ...nothing, month: '2026-04', environment: 'production', created: 1, removed: 1, unverified: 1 },
    { ...march, created: 6, removed: 4, left: 2, unknown: 1 },
  ])
  // Another instance goes on, and the rest is removed.
  const other = randomUUID()
  expect(await takeLedger(pool, run, other)).toBe(true)
  await writeEntries(pool, run, other, [created(three, 2), ended(three, 'removed', 2), ended(open, 'never created')])
  await expect(write(ended(three, 'removed', 2))).rejects.toThrow('taken over')
  expect((await leaksOf(served.url)).months[1]).toEqual({ ...march, created: 6, removed: 6 })
})

test('instances that settle at the same time lose no count', async ({ pool, served }) => {
  const runs = await Promise.all(
    ['production', 'staging'].flatMap(name => Array(6).fill(name)).map(name => openRun(pool, name)),
  )
  await Promise.all(
    runs.map(async ({ write }, n) => {
      const environment = n < 6 ? 'production' : 'staging'
      const intents = ['2026-03-01T00:00:00Z', '2026-02-01T00:00:00Z'].flatMap(at => {
        return Array.from({ length: 5 }, () => intentOf({ at, environment }))
      })
      await write(...intents.map(noted))
      await Promise.all(intents.map(intent => write(ended(intent, 'removed'))))
    }),
  )
  const { months } = await leaksOf(served.url)
  expect(
    months.map(({ month, environment, removed }: typeof nothing & Record<string, string>) => [
      month,
      environment,
      removed,
    ]),
  ).toEqual([
    ['2026-03', 'production', 30],
    ['2026-03', 'staging', 30],
    ['2026-02', 'production', 30],
    ['2026-02', 'staging', 30],
  ])
})

/** One thing is left, one request has an unknown result, one was answered like a creation. */
async function leave({ pool }: { pool: pg.Pool }) {
  const { write, release } = await openRun(pool)
  const [left, unknown, unruled] = [
    intentOf(),
    intentOf({ check: 'carts', url: 'https://api.example.com/v1/carts/7/items?a=1' }),
    intentOf(),
  ]
  await write(...[left, unknown, unruled].map(noted))
  await write(created(left, 7))
  const reason =
    "answered like a creation, with 200 and the field id; if it creates, add this rule: { create: 'POST /orders' }"
  const route = { route: 'POST /orders', reason }
  await write(
    { entry: 'unresolved', id: left.id, reason: 'DELETE https://api.example.com/v1/orders/7 was answered with 500' },
    { entry: 'unresolved', id: unknown.id, reason: 'its response did not arrive' },
    { entry: 'ended', id: unruled.id, as: 'never created', unruled: route },
  )
  await release()
}

test('the public sees counts, operators also requests, reasons and the rule to write', async ({ pool, served }) => {
  await leave({ pool })
  const counts = [
    { environment: 'production', check: 'carts', left: 0, unknown: 1, since: '2026-03-31T23:59:59.999Z' },
    { environment: 'production', check: 'orders', left: 1, unknown: 0, since: '2026-03-31T23:59:59.999Z' },
  ]
  const shown = await leaksOf(served.url)
  expect(shown).toMatchObject({ counts, months: [{ left: 1, unknown: 1, unruled: 1 }] })
  expect(JSON.stringify(shown)).not.toContain('example.com')
  expect((await leaksOf(served.operatorUrl)).details).toEqual({
    requests: [
      expect.objectContaining({
        check: 'orders',
        things: ['https://api.example.com/v1/orders/7'],
        reason: 'DELETE https://api.example.com/v1/orders/7 was answered with 500',
        rule: null,
      }),
      expect.objectContaining({
        check: 'carts',
        rule: "{ create: 'POST /carts/{cart}/items', remove: 'DELETE /carts/{path.cart}/items/{body.id}', find: 'GET /carts/{path.cart}/items?name={request.name}' }",
      }),
    ],
    unruled: [],
  })
  const page = await pageOf(served.url)
  expect(page).toContain('<h1>1 thing is left, and of 1 request the result is unknown.</h1>')
  expect(page).not.toContain('example.com')
  const full = await pageOf(served.operatorUrl)
  expect(full).toContain('DELETE https://api.example.com/v1/orders/7 was answered with 500.')
  expect(full).toContain('DELETE /carts/{path.cart}/items/{body.id}')
})

test('visitors of listed checks see counts of these, and no totals of all checks', async ({ pool, served }) => {
  await leave({ pool })
  const { configuration } = served.inForce
  served.inForce = {
    ...served.inForce,
    configuration: { ...configuration, statusPage: { public: ['carts'], shows: [] } },
  }
  const { months, counts } = await leaksOf(served.url)
  expect([months, counts]).toEqual([undefined, [expect.objectContaining({ check: 'carts', unknown: 1 })]])
  const page = await pageOf(served.url)
  expect(page).toContain('<h1>Of 1 request the result is unknown.</h1>')
  for (const hidden of ['this month', 'By month', '2026-03<', 'orders']) expect(page).not.toContain(hidden)
  expect((await leaksOf(served.operatorUrl)).months).toHaveLength(1)
})

test('a request without a rule is shown for 30 days after its last answer', async ({
  pool,
  served,
}: {
  pool: pg.Pool
  served: ServedPage
}) => {
  const { write } = await openRun(pool)
  const at = new Date().toISOString()
  const intents = [
    intentOf({ at }),
    intentOf({ at }),
    intentOf({ at: '2020-01-01T00:00:00Z', url: 'https://old.example.com' }),
  ]
  await write(...intents.map(noted))
  const unruled = (n: number, route: string) => ({ route, reason: `answered with 20${n}` })
  for (const [n, { id }] of intents.entries()) {
    await write({ entry: 'ended', id, as: 'never created', unruled: unruled(n, n < 2 ? 'POST /orders' : 'POST /old') })
  }
  expect((await leaksOf(served.operatorUrl)).details.unruled).toEqual([
    {
      environment: 'production',
      check: 'orders',
      route: 'POST /orders',
      reason: 'answered with 201',
      times: 2,
      firstAt: at,
      lastAt: at,
    },
  ])
  const page = await pageOf(served.operatorUrl)
  expect(page).toContain('Nothing is left behind.')
  expect(page).toContain('2 times in production by orders')
  expect(await pageOf(served.url)).not.toContain('POST /orders')
})
