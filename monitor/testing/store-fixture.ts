/** Playwright's `test` with an empty, migrated store of its own; and steps that many tests share. */
import type pg from 'pg'
import { type Clone, createClone } from '../../postgres/templates/clone.ts'
import { test as base, createTestDatabase, workerServer } from '../../postgres/testing/server-fixture.ts'
import { type CheckRules, noMaintenance } from '../store/check-rules.ts'
import { setChecks } from '../store/checks.ts'
import type { StartingReplay } from '../store/claims.ts'
import { type DeliveryTimes, deliverNext, type Send } from '../store/outbox.ts'
import { openPool } from '../store/pool.ts'
import { recordResult } from '../store/replays.ts'
import { migrate } from '../store/schema.ts'
import type { Slot, SlotState } from '../store/slot.ts'
import { planSlots } from '../store/slots.ts'
import type { Outcome } from '../verdict/finding.ts'
import { defaultPolicy } from '../verdict/policy.ts'
import { enterHome, outcomeOf, startDue } from './due-slots.ts'

export { enterHome, outcomeOf, startDue } from './due-slots.ts'

export interface StoreFixtures {
  pool: pg.Pool
  /**
   * Whether `emptyDatabase` is a copy of a migrated store, the default: a copy takes a fraction of the time of the migrations. With
   * false it has nothing yet, and `pool` migrates it.
   */
  isCopied: boolean
}

export const test = base.extend<StoreFixtures>({
  isCopied: [true, { option: true }],
  emptyDatabase: async ({ isCopied }, use) => {
    const database = await createTestDatabase(isCopied ? (await migratedStore()).name : undefined)
    await use(database)
    await database.drop()
  },
  pool: async ({ emptyDatabase, isCopied }, use) => {
    const pool = openPool(emptyDatabase.url)
    if (!isCopied) await migrate(pool)
    await use(pool)
    await pool.end()
  },
})

/** What the stores of a worker are copied from. */
function migratedStore(): Promise<Clone> {
  migrated ??= migrateStore()
  return migrated
}

let migrated: Promise<Clone> | undefined

async function migrateStore(): Promise<Clone> {
  const server = await workerServer()
  const store = await createClone(server)
  server.dropAfterExit(store.name)
  const pool = openPool(store.url)
  await migrate(pool)
  await pool.end()
  return store
}

/** The rules of a check, with usual values. */
export const rules = (check: Partial<CheckRules> & { name: string }): CheckRules => ({
  environment: 'production',
  locations: ['home'],
  policy: defaultPolicy,
  confirmEveryMs: 20_000,
  dependsOn: [],
  channels: ['oncall'],
  ...check,
})

/** Makes these the active checks, configured an hour ago. Returns the names of those that were not active before. */
export function monitor(pool: pg.Pool, ...checks: (Partial<CheckRules> & { name: string })[]): Promise<string[]> {
  return setChecks(pool, checks.map(rules), new Date(Date.now() - 3_600_000))
}

/** Returns the time that many seconds ago, in whole seconds: a later call with the same number may be a second ahead. */
export const ago = (seconds: number) => new Date(Math.floor(Date.now() / 1000 - seconds) * 1000)

/**
 * Starts these checks in slots with a due time that many seconds ago, as one run; returns them in the order of
 * `checks`.
 */
export async function startTogether(
  pool: pg.Pool,
  checks: readonly string[],
  secondsAgo: number,
): Promise<StartingReplay[]> {
  const instance = await enterHome(pool)
  await planSlots(
    pool,
    checks.map(check => ({ check, due: ago(secondsAgo), location: 'home' })),
  )
  const started = await startDue(pool, instance)
  return started.sort((a, b) => checks.indexOf(a.check) - checks.indexOf(b.check))
}

/** Records a replay of a check with this outcome, in a slot with a due time that many seconds ago. */
export async function replay(
  pool: pg.Pool,
  check: string,
  secondsAgo: number,
  outcome: Outcome,
  isInMaintenance = noMaintenance,
): Promise<void> {
  const instance = await enterHome(pool)
  await planSlots(pool, [{ check, due: ago(secondsAgo), location: 'home' }])
  for (const started of await startDue(pool, instance)) {
    await recordResult(pool, outcomeOf(started, outcome), isInMaintenance)
  }
}

export async function slotStates(pool: pg.Pool): Promise<(Slot & { state: SlotState; reason: string | null })[]> {
  const { rows } = await pool.query(
    'select check_name as check, due, location, kind, state, reason from reprise.slots order by check_name, due, location, kind',
  )
  return rows
}

/** Sends the first due message of any channel. Returns false if none is due. */
export async function deliverAny(pool: pg.Pool, send: Send, times?: DeliveryTimes): Promise<boolean> {
  const { rows } = await pool.query<{ channel: string }>(
    'select channel from reprise.outbox where delivered_at is null group by channel order by min(next_attempt), min(id)',
  )
  for (const { channel } of rows) if (await deliverNext(pool, channel, send, times)) return true
  return false
}
