import { expect } from '@playwright/test'
import { ago, enterHome, monitor, outcomeOf, slotStates, startDue, test } from '../testing/store-fixture.ts'
import { noMaintenance } from './check-rules.ts'
import { claimDueSlots, handBack, nextSlotInMs, startRun } from './claims.ts'
import { enter, leave } from './instances.ts'
import { openPool } from './pool.ts'
import { recordResult } from './replays.ts'
import { planSlots, requestReplay } from './slots.ts'

const run = { id: '00000000-0000-4000-8000-000000000001', environment: 'production' }
const replay = '00000000-0000-4000-8000-000000000002'

test('slots of one environment and due time are claimed together', async ({ pool }) => {
  const checks = ['a', 'b', 'c'].map(name => ({ name }))
  await monitor(pool, ...checks, { name: 'staged', environment: 'staging' })
  const names = ['a', 'b', 'c', 'staged']
  await planSlots(
    pool,
    names.map(check => ({ check, due: ago(5), location: 'home' })),
  )
  await planSlots(pool, [{ check: 'late', due: ago(4), location: 'home' }])
  const instance = await enterHome(pool)
  const claims = [await claimDueSlots(pool, instance, 9), await claimDueSlots(pool, instance, 9)]
  expect(claims.map(claim => `${claim?.environment}: ${claim?.slots.map(({ check }) => check).join()}`).sort()).toEqual(
    ['production: a,b,c', 'staging: staged'],
  )
  expect(await claimDueSlots(pool, instance, 9)).toBeUndefined()
})

test('concurrent claims never claim a slot twice', async ({ pool, emptyDatabase }) => {
  const names = Array.from({ length: 200 }, (_, index) => `check ${index}`)
  await monitor(pool, ...names.map(name => ({ name })))
  for (const seconds of [8, 6, 4]) {
    await planSlots(
      pool,
      names.slice(seconds * 10).map(check => ({ check, due: ago(seconds), location: 'home' })),
    )
  }
  const pools = Array.from({ length: 4 }, () => openPool(emptyDatabase.url, { max: 4 }))
  const claimed: string[] = []
  const claimAll = async (each: typeof pool) => {
    const instance = await enterHome(each, 7)
    for (let claim = await claimDueSlots(each, instance, 7); claim; claim = await claimDueSlots(each, instance, 7)) {
      claimed.push(...claim.slots.map(({ check }) => check))
    }
  }
  await Promise.all(pools.flatMap(each => [claimAll(each), claimAll(each)]))
  // A claim that finds all rows of a due time locked returns nothing.
  await claimAll(pool)
  expect(claimed.length).toBe(new Set(claimed).size)
  expect(claimed.length).toBe(160)
  await Promise.all(pools.map(each => each.end()))
})

test('two instances share the slots of a due time by capacity', async ({ pool }) => {
  const names = Array.from({ length: 30 }, (_, index) => `check ${index}`)
  await monitor(pool, ...names.map(name => ({ name })))
  const small = await enterHome(pool, 10)
  const large = await enterHome(pool, 20)
  const due = new Date(Date.now() - 1)
  await planSlots(
    pool,
    names.map(check => ({ check, due, location: 'home' })),
  )
  expect((await claimDueSlots(pool, small, 10))?.slots).toHaveLength(10)
  expect((await claimDueSlots(pool, large, 20))?.slots).toHaveLength(20)
})

test('with too little capacity, each check has its turn', async ({ pool }) => {
  const names = ['a', 'b', 'c', 'd', 'e', 'f']
  await monitor(pool, ...names.map(name => ({ name })))
  const instance = await enterHome(pool, 2)
  const turns: string[] = []
  for (const seconds of [60, 50, 40, 30, 20, 10]) {
    // Slots that were not started become missed when the next one comes due.
    await planSlots(
      pool,
      names.map(check => ({ check, due: ago(seconds), location: 'home' })),
    )
    for (const started of await startDue(pool, instance)) {
      turns.push(started.check)
      await recordResult(pool, outcomeOf(started), noMaintenance)
    }
  }
  expect(turns.join('')).toBe('abcdefabcdef')
})

test('a check has one replay at a time at a location', async ({ pool }) => {
  await monitor(pool, { name: 'users', locations: ['home', 'abroad'] })
  await requestReplay(pool, 'users', ago(1))
  await planSlots(
    pool,
    ['home', 'abroad'].map(location => ({ check: 'users', due: ago(3), location })),
  )
  const home = await enterHome(pool)
  const abroad = await enter(pool, { location: 'abroad', capacity: 1 })
  const [first] = await startDue(pool, home)
  expect(first).toMatchObject({ kind: 'cron', location: 'home' })
  expect(await startDue(pool, home)).toEqual([])
  expect(await nextSlotInMs(pool, 'home')).toBeUndefined()
  expect(await startDue(pool, abroad)).toMatchObject([{ location: 'abroad' }])
  if (first) await recordResult(pool, outcomeOf(first), noMaintenance)
  expect(await nextSlotInMs(pool, 'home')).toBe(0)
  expect(await startDue(pool, home)).toMatchObject([{ location: 'home', kind: 'manual' }])
})

test('slots of an unknown check are left to other instances, and block no others', async ({ pool }) => {
  const all = ['users', 'new', 'newer']
  await monitor(pool, ...all.map(name => ({ name })))
  await planSlots(pool, [
    { check: 'newer', due: ago(2), location: 'home' },
    ...['users', 'new'].map(check => ({ check, due: ago(1), location: 'home' })),
  ])
  const [old, changed] = [await enterHome(pool), await enterHome(pool)]
  const names = async (instance: typeof old, known: string[]) =>
    (await claimDueSlots(pool, instance, 2, known))?.slots.map(({ check }) => check)
  expect(await names(old, ['users'])).toEqual(['users'])
  expect(await names(old, ['users'])).toBeUndefined()
  expect(await nextSlotInMs(pool, 'home', ['users'])).toBeUndefined()
  expect(await nextSlotInMs(pool, 'home', all)).toBe(0)
  expect(await names(changed, all)).toEqual(['newer'])
  expect(await names(changed, all)).toEqual(['new'])
})

test('a claimed slot is started by its own instance only, and starting is idempotent', async ({ pool }) => {
  await monitor(pool, { name: 'users' })
  await planSlots(pool, [{ check: 'users', due: ago(1), location: 'home' }])
  const own = await enterHome(pool)
  const other = await enterHome(pool)
  const claim = await claimDueSlots(pool, own, 1)
  const replays = (claim?.slots ?? []).map(slot => ({ ...slot, replay }))
  expect(await startRun(pool, other, run, replays)).toEqual([])
  expect(await startRun(pool, own, run, replays)).toEqual(replays)
  expect(await startRun(pool, own, run, replays)).toEqual(replays)
  expect(await startRun(pool, own, { ...run, id: replay }, replays)).toEqual([])
  const { rows } = await pool.query('select outcome, run from reprise.replays')
  expect(rows).toEqual([{ outcome: null, run: run.id }])
})

test('a slot that was handed back is claimed by another instance', async ({ pool }) => {
  await monitor(pool, { name: 'users' }, { name: 'orders' })
  await planSlots(
    pool,
    ['users', 'orders'].map(check => ({ check, due: ago(1), location: 'home' })),
  )
  const [stopping, other] = [await enterHome(pool), await enterHome(pool)]
  const claim = await claimDueSlots(pool, stopping, 2)
  const replays = (claim?.slots ?? []).map(slot => ({ ...slot, replay }))
  await startRun(pool, stopping, run, replays.slice(0, 1))
  expect(await handBack(pool, stopping)).toBe(1)
  await leave(pool, stopping)
  expect(await claimDueSlots(pool, stopping, 2)).toBeUndefined()
  expect((await slotStates(pool)).map(({ state }) => state)).toEqual(['running', 'due'])
  expect((await claimDueSlots(pool, other, 2))?.slots).toEqual(claim?.slots.slice(1))
  expect(await startRun(pool, stopping, run, replays.slice(1))).toEqual([])
})
