import { expect } from '@playwright/test'
import { getTasks } from 'node-cron'
import { configurationOf } from '../config/configuration.ts'
import { test } from '../testing/store-fixture.ts'
import { openActiveConfiguration } from './active-configuration.ts'

test('where the first slots cannot be planned, none are planned later either', async ({ pool }) => {
  const configuration = configurationOf('/monitor.config.ts', {
    environments: { production: { baseURL: 'https://api.example.com' } },
    checks: { users: { specs: 'users.spec.ts', cron: '* * * * *' } },
  })
  const events = { onError: () => undefined, onDone: () => undefined, complain: () => undefined }
  const open = () => openActiveConfiguration({ pool, configuration, env: {}, isMuted: false, ...events })
  const before = getTasks().size
  const active = await open()
  expect(getTasks().size).toBeGreaterThan(before)
  await active.close()
  // A slot is missing now, and cannot be added.
  await pool.query(`update reprise.seats set last_due = last_due - interval '10 minutes'`)
  await pool.query(`alter table reprise.slots add check (kind <> 'cron') not valid`)
  await expect(open()).rejects.toThrow('violates check constraint')
  expect(getTasks().size).toBe(before)
})
