/** What alerts contain besides the states of checks, and who is sent an acknowledgement. */
import { expect } from '@playwright/test'
import type pg from 'pg'
import { messageText } from '../alerts/message-text.ts'
import { onlyChecks } from '../testing/check-messages.ts'
import { ago, deliverAny, monitor, outcomeOf, startDue, startTogether, test } from '../testing/store-fixture.ts'
import { defaultPolicy } from '../verdict/policy.ts'
import { acknowledge } from './acknowledgements.ts'
import { plainAlertRules, writeAlertRules } from './alert-rules.ts'
import { noMaintenance } from './check-rules.ts'
import { enter } from './instances.ts'
import type { CheckMessage } from './messages.ts'
import { readOpenIncidents } from './open-incidents.ts'
import type { ReplayResult } from './replay-result.ts'
import { recordResult } from './replays.ts'
import { readShownIncident } from './shown-incident.ts'
import { planSlots } from './slots.ts'
import { inTransaction } from './transaction.ts'

const atOnce = { policy: { ...defaultPolicy, confirm: { down: 1, up: 1 } } }

async function sent(pool: pg.Pool): Promise<[channel: string, message: CheckMessage][]> {
  const all: [string, CheckMessage][] = []
  const note = onlyChecks(async ({ channel, message }) => void all.push([channel, message]))
  while (await deliverAny(pool, note));
  return all
}

async function record(pool: pg.Pool, check: string, secondsAgo: number, result: Partial<ReplayResult>) {
  for (const started of await startTogether(pool, [check], secondsAgo)) {
    await recordResult(pool, { ...outcomeOf(started), ...result }, noMaintenance)
  }
}

const trace = '4bf92f3577b34da6a3ce929d0e0e4736'
const failed = (more: Partial<ReplayResult> = {}): Partial<ReplayResult> => ({
  ...{ outcome: 'failed', reason: 'a user is added: expected 201', version: '2.37.0', traceId: trace },
  ...{ detail: { run: '20300301T000000Z-1' }, ...more },
})

test('an alert has the versions, the trace and the run of the failure; a recovery has none of them', async ({
  pool,
}) => {
  await monitor(pool, { name: 'users', ...atOnce, runbook: 'https://wiki.example/users' })
  await record(pool, 'users', 600, { version: '2.36.1', traceId: trace })
  await record(pool, 'users', 500, failed())
  const [[, down] = []] = await sent(pool)
  expect(down?.checks).toEqual([
    {
      ...{ name: 'users', state: 'down', since: expect.any(String), news: 'fell' },
      ...{ reason: 'a user is added: expected 201', runbook: 'https://wiki.example/users' },
      ...{ failingVersion: '2.37.0', passedVersion: '2.36.1', traceId: trace, run: '20300301T000000Z-1' },
    },
  ])
  expect(down && messageText(down).lines).toEqual([
    expect.stringMatching(/^users is down since .*: a user is added: expected 201$/),
    `  first red on 2.37.0, last green on 2.36.1; trace ${trace}`,
  ])
  await record(pool, 'users', 400, { version: '2.37.1', traceId: trace })
  const [[, up] = []] = await sent(pool)
  const since = expect.any(String)
  expect(up?.checks).toEqual([
    { name: 'users', state: 'up', since, news: 'recovered', runbook: 'https://wiki.example/users' },
  ])
})

test('the reason is that of the last failure, though another location has passed since', async ({ pool }) => {
  const policy = { ...atOnce.policy, locations: { count: 2, agree: 1 } }
  await monitor(pool, { name: 'users', policy, locations: ['paris', 'rome'] })
  const due = ago(300)
  await planSlots(
    pool,
    ['paris', 'rome'].map(location => ({ check: 'users', due, location })),
  )
  for (const [location, result] of [
    ['paris', failed()],
    ['rome', {}],
  ] as const) {
    const instance = await enter(pool, { location, capacity: 9 })
    for (const started of await startDue(pool, instance)) {
      await recordResult(pool, { ...outcomeOf(started), ...result }, noMaintenance)
    }
  }
  const [[, down] = []] = await sent(pool)
  expect(down?.checks).toMatchObject([
    { name: 'users', state: 'down', reason: 'a user is added: expected 201', traceId: trace },
  ])
})

test('an acknowledgement is sent once, after the alert, to the channels whose service takes it', async ({ pool }) => {
  await monitor(pool, { name: 'users', ...atOnce, channels: ['chat', 'pager', 'unused'] })
  const configured = (channels: string[]) =>
    inTransaction(pool, client => {
      return writeAlertRules(client, { rules: plainAlertRules, channels, acknowledged: ['pager', 'other'] })
    })
  await configured(['chat', 'pager', 'other'])
  await record(pool, 'users', 500, failed())
  const [incident] = await readOpenIncidents(pool)
  if (!incident) throw new Error('There is no incident.')
  for (const note of ['on it', 'still on it']) await acknowledge(pool, incident.id, { operator: 'Ada', note })
  const kinds = (await sent(pool)).map(([channel, { kind }]) => `${channel} ${kind}`)
  expect(kinds.sort()).toEqual(['chat down', 'pager acknowledged', 'pager down', 'unused down'])
  const { rows } = await pool.query(
    `select message - 'checks' - 'openedAt' - 'at' as message, position from reprise.outbox where channel = 'pager' order by position`,
  )
  expect(rows).toEqual([
    { message: { kind: 'down', incident: incident.id, environment: 'production' }, position: 1 },
    {
      message: { kind: 'acknowledged', incident: incident.id, environment: 'production', acknowledgedBy: 'Ada' },
      position: 2,
    },
  ])
  // A configuration without it.
  await configured(['chat'])
  expect((await pool.query('select name from reprise.channels')).rows).toEqual([{ name: 'chat' }])
})

test('a check without stored replays keeps the reason that is known', async ({ pool }) => {
  await monitor(pool, { name: 'backup', ...atOnce })
  await record(pool, 'backup', 500, failed({ reason: 'no report by 03:30' }))
  await pool.query('delete from reprise.replays')
  const [incident] = await readOpenIncidents(pool)
  const client = await pool.connect()
  const shown = await readShownIncident(client, incident?.id ?? 0, new Date())
  client.release()
  expect(shown.members).toMatchObject([{ name: 'backup', reason: 'no report by 03:30', failingVersion: '2.37.0' }])
})
