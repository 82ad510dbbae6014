/** What alerts contain besides the states of checks, and who is sent an acknowledgement. */
import { randomUUID } from 'node:crypto'
import { expect } from '@playwright/test'
import type pg from 'pg'
import type { Intent } from '../../environment/ledger/entry.ts'
import { messageText } from '../alerts/message-text.ts'
import { onlyChecks } from '../testing/check-messages.ts'
import { ago, deliverAny, monitor, outcomeOf, startDue, startTogether, test } from '../testing/store-fixture.ts'
import { defaultPolicy } from '../verdict/policy.ts'
import { acknowledge } from './acknowledgements.ts'
import { plainAlertRules, writeAlertRules } from './alert-rules.ts'
import { noMaintenance } from './check-rules.ts'
import { enter } from './instances.ts'
import { leakMatters } from './leak-matters.ts'
import { openLedger, releaseLedger, writeEntries } from './ledgers.ts'
import type { CheckMessage, NoticeSubject } from './messages.ts'
import { readOpenIncidents } from './open-incidents.ts'
import { reportPresentMatters } from './present-matters.ts'
import type { ReplayResult } from './replay-result.ts'
import { recordResult } from './replays.ts'
import { readShownIncident } from './shown-incident.ts'
import { planSlots } from './slots.ts'
import { inTransaction } from './transaction.ts'
import { troubleMatters } from './trouble-matters.ts'

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

const green = { version: '2.36.1', traceId: trace, detail: { run: '20300301T000000Z-0' } }
const evidence = { failingVersion: '2.37.0', passedVersion: '2.36.1', traceId: trace, run: '20300301T000000Z-1' }

/** The only message about subjects that waits. */
async function subjectsSent(pool: pg.Pool): Promise<NoticeSubject[]> {
  const found: NoticeSubject[][] = []
  while (
    await deliverAny(pool, async ({ message }) => {
      if ('subjects' in message) found.push(message.subjects)
    })
  );
  expect(found).toHaveLength(1)
  return found[0] ?? []
}

test('a degraded check has the versions, the trace, the run and the runbook, as one that is down', async ({ pool }) => {
  await monitor(pool, { name: 'users', runbook: 'https://wiki.example/users' })
  const slow = failed({ outcome: 'slow', reason: 'GET /users took 900 ms' })
  await record(pool, 'users', 600, green)
  for (const secondsAgo of [500, 400]) await record(pool, 'users', secondsAgo, slow)
  const [subject, ...more] = await subjectsSent(pool)
  expect(more).toEqual([])
  expect(subject).toEqual({
    ...{ name: 'users', checks: ['users'], runbook: 'https://wiki.example/users', ...evidence },
    ...{ since: expect.any(String), text: expect.stringContaining('GET /users took 900 ms') },
  })
  await record(pool, 'users', 300, green)
  expect(await subjectsSent(pool)).toEqual([
    {
      ...{ name: 'users', checks: ['users'], runbook: 'https://wiki.example/users' },
      ...{ since: expect.any(String), text: 'it is up again' },
    },
  ])
})

test('of a check that fails often the versions are those of the first and the last before it', async ({ pool }) => {
  await monitor(pool, { name: 'users', policy: { ...defaultPolicy, often: { failures: 3, of: 8 } } })
  await record(pool, 'users', 900, green)
  for (const secondsAgo of [800, 700, 600]) {
    await record(pool, 'users', secondsAgo, failed())
    await pool.query(`delete from reprise.slots where state = 'due'`)
    if (secondsAgo > 600) await record(pool, 'users', secondsAgo - 50, { ...green, version: '2.37.0' })
  }
  expect(await subjectsSent(pool)).toMatchObject([{ name: 'users', ...evidence }])
})

test('a check that is flapping has the evidence of its last failure, also while it is up', async ({ pool }) => {
  const policy = { ...atOnce.policy, flapping: { turns: 4, within: 8, steady: 3 } }
  await monitor(pool, { name: 'users', policy })
  await record(pool, 'users', 900, green)
  for (const [index, letter] of [...'fpfp'].entries()) {
    await record(pool, 'users', 800 - 100 * index, letter === 'f' ? failed() : { ...green, version: '2.37.0' })
  }
  const flapping = (await sent(pool)).map(([, message]) => message).filter(({ kind }) => kind === 'flapping')
  expect(flapping.map(({ checks }) => checks)).toEqual([
    [
      expect.objectContaining({
        state: 'up',
        news: 'flapping',
        reason: 'a user is added: expected 201',
        ...evidence,
        passedVersion: '2.37.0',
      }),
    ],
  ])
})

test('trouble of a check has the run, its runbook and its incident; it is no failure of the service', async ({
  pool,
}) => {
  await monitor(pool, { name: 'fresh', runbook: 'https://wiki.example/fresh' })
  for (const secondsAgo of [600, 500, 400]) {
    await record(pool, 'fresh', secondsAgo, failed({ outcome: 'error', reason: 'no browser is installed' }))
  }
  await reportPresentMatters(pool, troubleMatters(noMaintenance))
  expect(await subjectsSent(pool)).toMatchObject([
    {
      ...{ name: 'state of fresh', checks: ['fresh'], traceId: trace, run: '20300301T000000Z-1' },
      runbook: 'https://wiki.example/fresh',
    },
  ])
})

test('a leak has the version and the trace of its request, and the run and the incident of its check', async ({
  pool,
}) => {
  await monitor(pool, { name: 'users', ...atOnce, runbook: 'https://wiki.example/users' })
  const [started] = await startTogether(pool, ['users'], 2000)
  if (!started) throw new Error('Nothing was started.')
  await recordResult(pool, { ...outcomeOf(started), ...failed() }, noMaintenance)
  await sent(pool)
  const holder = randomUUID()
  const run = '20300301T000000Z-1'
  await openLedger(pool, { run, environment: 'production', settings: { baseURL: 'https://api.example/' } }, holder)
  const intent: Intent = {
    ...{ id: randomUUID(), at: ago(1990).toISOString(), environment: 'production', replay: started.replay },
    ...{ check: 'users', method: 'POST', url: 'https://api.example/users', timeoutMs: 1000 },
    token: `00-${trace}-00f067aa0ba902b7-01`,
  }
  await writeEntries(pool, run, holder, [
    { entry: 'intent', intent },
    { entry: 'unresolved', id: intent.id, reason: 'DELETE was answered with 403' },
  ])
  await releaseLedger(pool, run, holder)
  await reportPresentMatters(pool, leakMatters)
  expect(await subjectsSent(pool)).toMatchObject([
    {
      ...{ name: 'POST /users of users', checks: ['users'], traceId: trace, run, failingVersion: '2.37.0' },
      ...{ incident: 1, runbook: 'https://wiki.example/users' },
    },
  ])
})
