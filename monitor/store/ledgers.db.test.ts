import { randomUUID } from 'node:crypto'
import { expect } from '@playwright/test'
import type pg from 'pg'
import type { Intent, LedgerEntry } from '../../environment/ledger/entry.ts'
import { secret } from '../../environment/secrets/secret.ts'
import { test } from '../testing/store-fixture.ts'
import {
  heldForMs,
  holdLedger,
  openLedger,
  readIntents,
  readLedgers,
  releaseLedger,
  takeLedger,
  writeEntries,
} from './ledgers.ts'

const ledger = {
  run: '20260101T000000Z-a',
  environment: 'production',
  settings: { baseURL: 'https://api.example.com/', headers: { authorization: secret('SMOKE_TOKEN') } },
}

const intentOf = (ref: string): Intent => ({
  id: randomUUID(),
  at: new Date().toISOString(),
  environment: 'production',
  replay: 'r',
  method: 'POST',
  url: `https://api.example.com/orders?ref=${ref}`,
  token: 't',
  timeoutMs: 1000,
})

const noted = (intent: Intent): LedgerEntry => ({ entry: 'intent', intent })

/** Lets the hold of a ledger expire. */
const forsake = (pool: pg.Pool) => pool.query(`update reprise.ledgers set held_until = now() - interval '1 s'`)

test('open intents are read in their order, with their progress', async ({ pool }) => {
  const holder = randomUUID()
  await openLedger(pool, ledger, holder)
  const [first, second, third, fourth] = ['a', 'b', 'c', 'd'].map(intentOf)
  if (!first || !second || !third || !fourth) throw new Error('There are four.')
  const things = [{ remove: [{ send: 'DELETE https://api.example.com/orders/7' }] }]
  await writeEntries(pool, ledger.run, holder, [noted(first), noted(second), noted(third)])
  await writeEntries(pool, ledger.run, holder, [
    { entry: 'created', id: first.id, things },
    { entry: 'ended', id: second.id, as: 'removed' },
    { entry: 'unresolved', id: third.id, reason: 'who knows' },
    noted(fourth),
    { entry: 'created', id: fourth.id, things },
  ])
  // Repeated, because the first call may not have been acknowledged.
  await writeEntries(pool, ledger.run, holder, [noted(first)])
  const left = [
    { intent: first, things },
    { intent: third, reason: 'who knows' },
    { intent: fourth, things },
  ]
  expect(await readIntents(pool, ledger.run)).toEqual(left)
  await releaseLedger(pool, ledger.run, holder)
  expect(await readLedgers(pool)).toEqual([{ ...ledger, heldForMs: 0 }])

  const next = randomUUID()
  expect(await takeLedger(pool, ledger.run, next)).toBe(true)
  const endings = left.map(({ intent }): LedgerEntry => ({ entry: 'ended', id: intent.id, as: 'never created' }))
  await writeEntries(pool, ledger.run, next, endings)
  await releaseLedger(pool, ledger.run, next)
  expect(await readLedgers(pool)).toEqual([])
})

test('an intent that ends at once leaves no row', async ({ pool }) => {
  const holder = randomUUID()
  await openLedger(pool, ledger, holder)
  const intent = intentOf('a')
  await writeEntries(pool, ledger.run, holder, [noted(intent), { entry: 'ended', id: intent.id, as: 'removed' }])
  expect(await readIntents(pool, ledger.run)).toEqual([])
})

test('a held ledger cannot be taken; an expired one is taken by exactly one process', async ({ pool }) => {
  const holder = randomUUID()
  await openLedger(pool, ledger, holder)
  expect(await takeLedger(pool, ledger.run, randomUUID())).toBe(false)
  await pool.query(`update reprise.ledgers set held_until = now() + interval '1 s'`)
  await holdLedger(pool, ledger.run, holder)
  const [{ heldForMs: left = 0 } = {}] = await readLedgers(pool)
  expect(left).toBeGreaterThan(heldForMs - 5000)

  await forsake(pool)
  const taken = await Promise.all(Array.from({ length: 8 }, () => takeLedger(pool, ledger.run, randomUUID())))
  expect(taken.filter(Boolean)).toHaveLength(1)
})

test('after another process has taken the ledger, its first holder cannot write', async ({ pool }) => {
  const [first, second] = [randomUUID(), randomUUID()]
  await openLedger(pool, ledger, first)
  await forsake(pool)
  expect(await takeLedger(pool, ledger.run, second)).toBe(true)
  await expect(writeEntries(pool, ledger.run, first, [noted(intentOf('a'))])).rejects.toThrow(
    `another process has taken over the ledger of run ${ledger.run}`,
  )
  await holdLedger(pool, ledger.run, first)
  await releaseLedger(pool, ledger.run, first)
  expect(await readLedgers(pool)).toHaveLength(1)
  await writeEntries(pool, ledger.run, second, [])
})
