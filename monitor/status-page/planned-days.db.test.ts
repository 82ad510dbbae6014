/** What is about a few days is planned for their partitions only, however many days are stored. */
import { expect } from '@playwright/test'
import type pg from 'pg'
import { configurationOf } from '../config/configuration.ts'
import { openDays } from '../store/days.ts'
import { inTransaction } from '../store/transaction.ts'
import { fillReplays } from '../testing/check-history.ts'
import { test } from '../testing/status-page-fixture.ts'
import { ago, monitor, replay } from '../testing/store-fixture.ts'

/** Counts the days whose partitions the transaction has locked: those that its plans were made for. */
const lockedDays = `
  select count(distinct right(relname, 8))::integer as days from pg_locks join pg_class on pg_class.oid = relation
   where pid = pg_backend_pid() and relname ~ '^(slots|replays)_[0-9]{8}$'`

/** Counts the days of each query. */
function countDays(pool: pg.Pool) {
  const counted: { text: string; days: number }[] = []
  Object.assign(pool, {
    query: (text: string, values?: unknown[]) =>
      inTransaction(pool, async client => {
        const result = await client.query(text, values)
        const { rows } = await client.query<{ days: number }>(lockedDays)
        counted.push({ text, days: rows[0]?.days ?? 0 })
        return result
      }),
  })
  return counted
}

test('no query of a page is planned for all days that are stored', async ({ pool, served }) => {
  await openDays(pool, ago(14 * 86_400), ago(0))
  await monitor(pool, { name: 'users' }, { name: 'orders' }, { name: 'search', locations: ['home', 'away'] })
  const configuration = configurationOf('/service/monitor.config.ts', {
    environments: { production: { baseURL: 'http://127.0.0.1:1' } },
    checks: { users: { specs: 'users.spec.ts', slo: { target: 99, window: '30d' } } },
  })
  served.inForce = { ...served.inForce, configuration }
  await fillReplays(pool, 'users', { hours: 24, everyMinutes: 20 })
  for (const [index, outcome] of (['passed', 'failed', 'failed'] as const).entries()) {
    await replay(pool, 'users', 600 - 60 * index, outcome)
  }
  // Not confirmed yet.
  await replay(pool, 'orders', 300, 'passed')
  await replay(pool, 'orders', 60, 'failed')
  await replay(pool, 'search', 60, 'error')
  const counted = countDays(pool)
  const paths = ['/', '/checks/users', '/incidents', '/incidents/1', '/api/checks', '/api/checks/orders']
  for (const path of [...paths, '/api/checks/users/replays?limit=20', '/badges/users.svg']) {
    const response = await fetch(served.operatorUrl + path)
    expect([path, response.status, await response.text()]).toEqual([path, 200, expect.any(String)])
  }
  expect(served.errors).toEqual([])
  for (const table of ['slots', 'replays']) {
    expect(counted.filter(({ text, days }) => text.includes(`reprise.${table}`) && days > 0)).not.toEqual([])
  }
  // The flaky specs are those of seven days.
  expect(counted.filter(({ days }) => days > 9)).toEqual([])
})
