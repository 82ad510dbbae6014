/** The loop that writes reminders and escalations, in real time. */
import { expect } from '@playwright/test'
import { plainAlertRules } from '../store/alert-rules.ts'
import { noMaintenance } from '../store/check-rules.ts'
import { setChecks } from '../store/checks.ts'
import { ago, replay, rules, test } from '../testing/store-fixture.ts'
import { defaultPolicy } from '../verdict/policy.ts'
import { startReminders } from './reminders.ts'

test('the loop wakes by itself when an escalation is due', async ({ pool }) => {
  const errors: Error[] = []
  const policy = { ...defaultPolicy, confirm: { down: 1, up: 1 } }
  const escalation = [{ afterMs: 1500, match: {}, channels: ['manager'] }]
  await setChecks(pool, [rules({ name: 'users', policy })], ago(3600), {
    rules: { ...plainAlertRules, escalation },
    channels: ['manager', 'oncall'],
  })
  await replay(pool, 'users', 60, 'failed')
  const reminders = startReminders(pool, noMaintenance, { onError: error => void errors.push(error) })
  const kinds = async () => {
    const { rows } = await pool.query(`select message ->> 'kind' as kind from reprise.outbox order by id`)
    return rows.map(({ kind }) => kind)
  }
  await expect.poll(kinds).toEqual(['down', 'escalation'])
  await reminders.stop()
  expect(errors).toEqual([])
})
