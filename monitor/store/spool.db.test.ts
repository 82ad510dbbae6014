import { mkdir, readdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect } from '@playwright/test'
import { ago, enterHome, monitor, outcomeOf, startDue, test } from '../testing/store-fixture.ts'
import { noMaintenance } from './check-rules.ts'
import { openPool } from './pool.ts'
import type { ReplayResult } from './replay-result.ts'
import { recordResult } from './replays.ts'
import { planSlots } from './slots.ts'
import { openSpool, type UnreadableResult } from './spool.ts'

const none = async ({ file, cause }: UnreadableResult) => {
  throw new Error(`${file} cannot be read: ${cause}`)
}

test('results wait on disk while the database is unreachable, also across a restart, and are recorded once and in order', async ({
  pool,
  emptyDatabase,
}, info) => {
  await monitor(pool, { name: 'users' }, { name: 'orders' })
  const instance = await enterHome(pool)
  await planSlots(pool, [
    { check: 'users', due: ago(5), location: 'home' },
    { check: 'orders', due: ago(3), location: 'home' },
  ])
  const started = [...(await startDue(pool, instance)), ...(await startDue(pool, instance))]
  const away = openPool(`${new URL('/nowhere', emptyDatabase.url)}`)
  const folder = info.outputPath('spool')
  for (const replay of started.reverse()) {
    const outcome = { ...outcomeOf(replay), detail: { specs: [] } }
    await recordResult(away, outcome, noMaintenance).catch(() => openSpool(folder).keep(outcome))
  }
  const restarted = openSpool(folder)
  const refuse = async (outcome: ReplayResult) => Boolean(await recordResult(away, outcome, noMaintenance))
  await expect(restarted.drain(refuse, none)).rejects.toThrow(/nowhere/)
  const recorded: string[] = []
  const record = async (outcome: ReplayResult) => {
    recorded.push(`${outcome.check} ${await recordResult(pool, outcome, noMaintenance)}`)
    return true
  }
  expect(await restarted.drain(record, none)).toBe(2)
  expect(await restarted.drain(record, none)).toBe(0)
  expect(recorded).toEqual(['users recorded', 'orders recorded'])
  const { rows } = await pool.query('select outcome, detail from reprise.replays')
  expect(rows).toEqual([1, 2].map(() => ({ outcome: 'passed', detail: { specs: [] } })))
  await away.end()
})

test("a result that cannot be written is rejected with the disk's reason, and leaves no partial file", async ({}, info) => {
  const outcome = { ...outcomeOf({ check: 'users', due: ago(1), location: 'home', kind: 'cron', replay: 'r1' }) }
  const file = info.outputPath('file')
  await writeFile(file, '')
  await expect(openSpool(file).keep(outcome)).rejects.toThrow(
    /result of check users cannot be written to .*file: .* Free some space/,
  )
  const folder = info.outputPath('spool')
  await mkdir(folder)
  await writeFile(path.join(folder, '1-r0.json.part'), '{"check":')
  await openSpool(folder).keep(outcome)
  const drained: ReplayResult[] = []
  await openSpool(folder).drain(async found => {
    drained.push(found)
    return true
  }, none)
  expect(drained).toEqual([outcome])
  expect(await readdir(folder)).toEqual(['1-r0.json.part'])
})

test('two instances can share one folder', async ({}, info) => {
  const folder = info.outputPath('spool')
  for (const replay of ['r1', 'r2']) {
    await openSpool(folder).keep(outcomeOf({ check: 'users', due: ago(1), location: 'home', kind: 'cron', replay }))
  }
  const drained: string[] = []
  const drain = (before: () => Promise<unknown>) =>
    openSpool(folder).drain(async ({ replay }) => {
      await before()
      drained.push(replay)
      return true
    }, none)
  // The other instance takes all results while this one handles the first.
  expect(await drain(() => drain(async () => undefined))).toBe(1)
  expect(drained).toEqual(['r1', 'r2', 'r1'])
  expect(await readdir(folder)).toEqual([])
})
