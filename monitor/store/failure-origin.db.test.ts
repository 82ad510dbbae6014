import { expect } from '@playwright/test'
import type pg from 'pg'
import { replayWith } from '../testing/incident-scenario.ts'
import { ago, monitor, outcomeOf, startTogether, test } from '../testing/store-fixture.ts'
import { defaultPolicy } from '../verdict/policy.ts'
import { noMaintenance } from './check-rules.ts'
import { recordResult } from './replays.ts'

async function originOf(pool: pg.Pool, check: string) {
  const { rows } = await pool.query(
    `select failing_since as since, failing_version as failing, passed_at as passed, passed_version as version
       from reprise.incident_checks where check_name = $1 order by opened_at`,
    [check],
  )
  return rows
}

/** Equal within the second in which a test may begin. */
const about = (secondsAgo: number) => ({
  asymmetricMatch: (time: unknown) =>
    time instanceof Date && Math.abs(time.getTime() - ago(secondsAgo).getTime()) < 30_000,
})

test('an incident keeps the versions of the first failure and of the last success, when the results are gone', async ({
  pool,
}) => {
  await monitor(pool, { name: 'users' })
  await replayWith(pool, 'users', 900, 'passed', { version: '2.36.0' })
  await replayWith(pool, 'users', 800, 'slow', { version: '2.36.1' })
  await replayWith(pool, 'users', 700, 'error', { version: '2.36.2' })
  await replayWith(pool, 'users', 600, 'failed', { version: '2.36.1, 2.37.0\u0000\ud800' })
  await replayWith(pool, 'users', 500, 'failed', { version: '2.37.0' })
  await pool.query('delete from reprise.replays')
  expect(await originOf(pool, 'users')).toEqual([
    { since: about(600), failing: '2.36.1, 2.37.0\ufffd\ufffd', passed: about(800), version: '2.36.1' },
  ])
})

test('what is unknown stays unknown: no version, no success within two days, and none at all', async ({ pool }) => {
  await monitor(pool, { name: 'silent' }, { name: 'long' }, { name: 'never' })
  await replayWith(pool, 'silent', 900, 'passed')
  await replayWith(pool, 'long', 3 * 86_400, 'passed', { version: '1' })
  for (const check of ['silent', 'long', 'never']) {
    for (const at of [600, 500]) await replayWith(pool, check, at, 'failed', check === 'silent' ? {} : { version: '2' })
  }
  expect(await originOf(pool, 'silent')).toEqual([
    { since: about(600), failing: null, passed: about(900), version: null },
  ])
  for (const check of ['long', 'never']) {
    expect(await originOf(pool, check)).toEqual([{ since: about(600), failing: '2', passed: null, version: null }])
  }
})

test('where a number of failures among the last slots is decisive, the first of them counts', async ({ pool }) => {
  const policy = { ...defaultPolicy, confirm: { down: 3, of: 5, up: 1 } }
  await monitor(pool, { name: 'users', policy })
  const slots = ['passed', 'passed', 'failed', 'passed', 'failed', 'passed', 'failed'] as const
  for (const [n, outcome] of slots.entries()) {
    await replayWith(pool, 'users', 900 - 100 * n, outcome, { version: `1.${n}` })
  }
  expect(await originOf(pool, 'users')).toEqual([
    { since: about(700), failing: '1.2', passed: about(800), version: '1.1' },
  ])
})

test('only the last slots are decisive, and only those after the last incident', async ({ pool }) => {
  const policy = { ...defaultPolicy, confirm: { down: 3, of: 5, up: 1 } }
  const strict = { ...defaultPolicy, confirm: { down: 10, up: 1 } }
  await monitor(pool, { name: 'passing', policy }, { name: 'again', policy }, { name: 'changed', policy: strict })
  const replays = async (check: string, outcomes: string, from = 0) => {
    for (const [n, outcome] of [...outcomes].entries()) {
      const version = `1.${from + n}`
      await replayWith(pool, check, 900 - 100 * (from + n), outcome === 'F' ? 'failed' : 'passed', { version })
    }
  }
  await replays('passing', 'PPPFFF')
  expect(await originOf(pool, 'passing')).toEqual([
    { since: about(600), failing: '1.3', passed: about(700), version: '1.2' },
  ])
  await replays('again', 'FFFPFFF')
  expect(await originOf(pool, 'again')).toEqual([
    { since: about(900), failing: '1.0', passed: null, version: null },
    { since: about(500), failing: '1.4', passed: about(600), version: '1.3' },
  ])
  await replays('changed', 'PFFPPFF')
  await monitor(pool, { name: 'passing', policy }, { name: 'again', policy }, { name: 'changed', policy })
  await replays('changed', 'F', 7)
  expect(await originOf(pool, 'changed')).toEqual([
    { since: about(400), failing: '1.5', passed: about(500), version: '1.4' },
  ])
})

test('checks of one run enter their incident each with what it has seen', async ({ pool }) => {
  await monitor(pool, { name: 'users' }, { name: 'orders' })
  for (const [at, outcome, version] of [
    [900, 'passed', '1'],
    [600, 'failed', '2'],
    [500, 'failed', '2'],
  ] as const) {
    for (const replay of await startTogether(pool, ['users', 'orders'], at)) {
      await recordResult(pool, { ...outcomeOf(replay, outcome), version }, noMaintenance)
    }
  }
  expect(await originOf(pool, 'users')).toEqual(await originOf(pool, 'orders'))
  expect(await originOf(pool, 'users')).toMatchObject([{ failing: '2', version: '1' }])
})
