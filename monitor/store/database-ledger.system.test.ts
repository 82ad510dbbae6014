import { randomUUID } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import type { RequestListener } from 'node:http'
import { expect, mergeTests } from '@playwright/test'
import type pg from 'pg'
import type { Intent, LedgerEntry } from '../../environment/ledger/entry.ts'
import { SocketStore } from '../../environment/ledger/socket-store.ts'
import { withClient } from '../../postgres/connection.ts'
import { test as withProject } from '../../testing/nested-monitor/nested-monitor.ts'
import { connectSender } from '../replay/connect-sender.ts'
import { test as withStore } from '../testing/store-fixture.ts'
import { databaseLedger } from './database-ledger.ts'
import { sweepDatabase } from './database-sweep.ts'
import { readIntents, readLedgers } from './ledgers.ts'
import type { RunLedger } from './run-ledger.ts'

interface LedgerFixtures {
  /** A service that holds these things; `DELETE /orders/ID` removes one, and is recorded. */
  orders: { url: string; rows: Set<string>; removals: string[] }
  /** The ledger of a run against it, and the store of one of its workers. */
  opened: { ledger: RunLedger; worker: SocketStore; run: string }
}

const test = mergeTests(withStore, withProject).extend<LedgerFixtures>({
  orders: async ({ serve }, use) => {
    const [rows, removals] = [new Set(['1', '2', '3']), [] as string[]]
    const listener: RequestListener = ({ method, url = '' }, response) => {
      const row = url.split('/').at(-1) ?? ''
      if (method === 'GET') {
        response.writeHead(rows.has(row) ? 200 : 404).end()
        return
      }
      removals.push(row)
      response.writeHead(rows.delete(row) ? 204 : 404).end()
    }
    await use({ url: await serve(listener), rows, removals })
  },
  opened: async ({ pool, orders }, use, info) => {
    const scratch = info.outputPath('s')
    await mkdir(scratch, { recursive: true })
    const run = `run-${randomUUID()}`
    const ledger = await databaseLedger(pool)({
      name: run,
      scratch,
      environmentName: 'production',
      environment: { baseURL: orders.url },
      replays: [],
    })
    const worker = new SocketStore(ledger.place.ledgerSocket ?? '')
    await use({ ledger, worker, run })
    worker.close()
    await ledger.close()
  },
})

const finishing = { environment: () => undefined, env: {}, connect: connectSender }
const sweeping = { ...finishing, waits: false }

/** An order that exists. */
function order(url: string, id: string): { intent: Intent; entries: LedgerEntry[] } {
  const intent = {
    id: randomUUID(),
    at: new Date().toISOString(),
    environment: 'production',
    replay: 'r',
    method: 'POST',
    url: `${url}/orders`,
    token: 't',
    timeoutMs: 0,
  }
  return {
    intent,
    entries: [
      { entry: 'intent', intent },
      { entry: 'created', id: intent.id, things: [{ remove: [{ send: `DELETE ${url}/orders/${id}` }] }] },
    ],
  }
}

test('a run that only reads is not in the database', async ({ pool, opened: { ledger } }) => {
  expect(await ledger.finish(finishing)).toEqual({ removed: 0, unverified: 0, neverCreated: 0, leaks: [] })
  expect(await readLedgers(pool)).toEqual([])
})

test('entries that are acknowledged to a worker are in the database, and the run removes its things when it ends', async ({
  pool,
  orders,
  opened: { ledger, worker, run },
}) => {
  const [first, second] = [order(orders.url, '1'), order(orders.url, '2')]
  await Promise.all([worker.append(first.entries), worker.append(second.entries)])
  expect((await readIntents(pool, run)).map(({ intent }) => intent)).toEqual([first.intent, second.intent])
  await worker.append([{ entry: 'ended', id: second.intent.id, as: 'removed' }])
  expect(await ledger.finish(finishing)).toEqual({ removed: 1, unverified: 0, neverCreated: 0, leaks: [] })
  expect(orders.removals).toEqual(['1'])
  expect(await readLedgers(pool)).toEqual([])
})

test('the run learns of what was answered like a creation and shown by no test', async ({
  orders,
  opened: { ledger, worker },
}) => {
  const [shown, unshown] = [order(orders.url, '1').intent, order(orders.url, '2').intent]
  const unruled = { route: 'POST /orders', reason: 'answered like a creation' }
  await worker.append([shown, unshown].map(intent => ({ entry: 'intent', intent })))
  await worker.append([
    { entry: 'ended', id: shown.id, as: 'never created', unruled },
    { entry: 'ended', id: unshown.id, as: 'never created', unruled, isUnshown: true },
  ])
  const found: unknown[] = []
  await ledger.finish({ ...finishing, onUnruled: (...more) => found.push(more) })
  expect(found).toEqual([[unshown, unruled]])
})

test('while the database is unreachable nothing is acknowledged, and progress is written later', async ({
  pool,
  server,
  emptyDatabase,
  orders,
  opened: { ledger, worker, run },
}) => {
  const [first, second] = [order(orders.url, '1'), order(orders.url, '2')]
  await worker.append([{ entry: 'intent', intent: first.intent }])
  await whileAway(server, emptyDatabase, async () => {
    const away = /^The ledger cannot be written in the monitor's database, so that nothing is created: .+\.$/
    await expect(worker.append(second.entries)).rejects.toThrow(away)
    await expect(worker.append(first.entries.slice(1))).rejects.toThrow(away)
  })
  await worker.append([])
  expect(await readIntents(pool, run)).toMatchObject([
    { intent: { id: first.intent.id }, things: [{ remove: [{ send: `DELETE ${orders.url}/orders/1` }] }] },
  ])
  expect(await ledger.finish(finishing)).toMatchObject({ removed: 1, leaks: [] })
})

test('progress that the database has missed until the run ended is written when it is back', async ({
  pool,
  server,
  emptyDatabase,
  orders,
  opened: { ledger, worker, run },
}) => {
  const [removed, left] = [order(orders.url, '1'), order(orders.url, '2')]
  await worker.append([removed, left].map(({ intent }) => ({ entry: 'intent', intent })))
  await whileAway(server, emptyDatabase, async database => {
    const ended: LedgerEntry = { entry: 'ended', id: removed.intent.id, as: 'removed' }
    await expect(worker.append([ended, ...left.entries.slice(1)])).rejects.toThrow()
    await expect(ledger.finish(finishing)).rejects.toThrow(database)
    await ledger.close()
  })
  await expect
    .poll(() => readIntents(pool, run))
    .toMatchObject([
      { intent: { id: left.intent.id }, things: [{ remove: [{ send: `DELETE ${orders.url}/orders/2` }] }] },
    ])
  // And it can be taken.
  await expect.poll(async () => (await sweepDatabase(pool, sweeping)).removed).toBe(1)
  expect(orders.removals).toEqual(['2'])
})

test('a monitor that has exited acknowledges nothing', async ({ orders, opened: { ledger, worker } }) => {
  await worker.append(order(orders.url, '1').entries)
  await ledger.close()
  await expect(worker.append(order(orders.url, '2').entries)).rejects.toThrow(
    /^The ledger cannot be written in the monitor, so that nothing is created: /,
  )
})

test('a run under way is left alone; after its death any number of concurrent sweeps remove its things once', async ({
  pool,
  orders,
  opened: { ledger, worker },
}) => {
  for (const id of ['1', '2', '3']) await worker.append(order(orders.url, id).entries)
  const nothing = { removed: 0, unverified: 0, neverCreated: 0, leaks: [] }
  expect(await sweepDatabase(pool, sweeping)).toEqual(nothing)

  await ledger.close()
  await expire(pool)
  expect(await sweepDatabase(pool, { ...sweeping, only: 'staging' })).toEqual(nothing)
  const results = await Promise.all([1, 2, 3].map(() => sweepDatabase(pool, sweeping)))
  expect(results.map(({ removed }) => removed).sort()).toEqual([0, 0, 3])
  expect(orders.removals).toEqual(['3', '2', '1'])
  expect(await readLedgers(pool)).toEqual([])
})

test('a thing that cannot be removed stays in the ledger, is reported, and is tried again', async ({
  pool,
  orders,
  opened,
}) => {
  const { intent } = order(orders.url, '1')
  await opened.worker.append([{ entry: 'intent', intent }])
  const reason = 'its response did not arrive, and there is no cleanup rule with `find` to check whether it was created'
  const leak = { run: opened.run, reason, intent }
  expect((await opened.ledger.finish(finishing)).leaks).toEqual([leak])
  expect((await sweepDatabase(pool, sweeping)).leaks).toEqual([leak])
  expect(await readIntents(pool, opened.run)).toEqual([{ intent, reason: 'its response did not arrive' }])
})

/** Lets the holds of all ledgers expire. */
async function expire(pool: pg.Pool): Promise<void> {
  await pool.query(`update reprise.ledgers set held_until = now() - interval '1 s'`)
}

/** Calls `work` with the name of the database while it accepts no connections. */
function whileAway(server: Place, { url }: Place, work: (database: string) => Promise<void>): Promise<void> {
  const database = new URL(url).pathname.slice(1)
  return withClient(server.url, async client => {
    await client.query(`alter database "${database}" allow_connections false`)
    await client.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [database])
    await work(database)
    await client.query(`alter database "${database}" allow_connections true`)
  })
}

interface Place {
  url: string
}
