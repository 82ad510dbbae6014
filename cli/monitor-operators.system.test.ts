/** The commands of operators, on the database that a monitor uses. */
import { expect } from '@playwright/test'
import { senderOf } from '../monitor/alerts/sender.ts'
import { webhook } from '../monitor/index.ts'
import { readActions } from '../monitor/store/actions.ts'
import { deliverNext } from '../monitor/store/outbox.ts'
import { migrate } from '../monitor/store/schema.ts'
import { test as base } from '../monitor/testing/service-fixture.ts'
import { monitor, replay } from '../monitor/testing/store-fixture.ts'
import { callCommand } from './testing/called-command.ts'

type Result = Awaited<ReturnType<typeof callCommand>>

const test = base.extend<{ act: (...args: string[]) => Promise<Result> }>({
  act: async ({ emptyDatabase }, use) => {
    const env = { REPRISE_MONITOR_DATABASE_URL: emptyDatabase.url, USER: 'ada' }
    await use((...args) => callCommand(['monitor', ...args], { env }))
  },
})

test('operators act from the command line, each in their name', async ({ store, act }) => {
  await migrate(store)
  await monitor(store, { name: 'users' }, { name: 'orders' })
  for (const seconds of [120, 60]) await replay(store, 'users', seconds, 'failed')
  await store.query(
    `update reprise.outbox set attempts = 3, last_error = 'it answered 503', last_failure = 'answered 503'`,
  )
  expect(await act('alerts')).toEqual({
    code: 1,
    stdout: expect.stringMatching(
      /^1 {2}Down, incident 1 to oncall: users in production\n {4}waits for .*, (due now|next attempt .* UTC)\n {4}3 attempts, last: it answered 503\n$/,
    ),
    stderr: '',
  })
  expect(JSON.parse((await act('alerts', '--json')).stdout)).toMatchObject({
    ...{ version: 1, exitCode: 1, dead: [], pauses: [], counts: { waiting: 1, dead: 0 } },
    waiting: [{ id: 1, channel: 'oncall', attempts: 3, failure: 'answered 503' }],
  })
  const done: [args: string[], stdout: RegExp][] = [
    [['retry', '1'], /^Message 1 is sent again\.\n$/],
    [['drop', '1'], /^Message 1 is not sent any more\.\n$/],
    [['alerts'], /^No message waits\.\n$/],
    [['acknowledge', '1', '--note', 'looking', '--by', 'Grace'], /^Incident 1 is acknowledged by Grace\.\n$/],
    [['acknowledge', '1'], /^Incident 1 was acknowledged by Grace at \d{4}-.* UTC\.\n$/],
    [['acknowledge', '1', '--undo'], /^Incident 1 is not acknowledged any more\.\n$/],
    [['acknowledge', '1', '--undo'], /^Incident 1 is not acknowledged\.\n$/],
    [['note', '1', 'the new index'], /^Noted on incident 1\.\n$/],
    [['mute', 'users', '--for', '2h'], /^Check users is muted until .* UTC\.\n$/],
    [['unmute', 'users'], /^Check users is not muted any more\.\n$/],
    [['unmute', 'users'], /^Check users was not muted\.\n$/],
    [['mute', 'oncall', '--channel', '--for', '1d'], /^Channel oncall is muted until .* UTC\.\n$/],
    [['run-now', 'users', 'orders'], /^A replay of users is requested\.\nA replay of orders is requested\.\n$/],
    [['run-now', 'users'], /^A replay of users was requested before, and waits\.\n$/],
    [['maintenance'], /^No maintenance window is open or to come\.\n$/],
    [['maintenance', 'users', '--for', '1h', '--reason', 'disks'], /^1 {2}.* UTC to .* UTC {2}users, by ada: disks\n$/],
    [['maintenance'], /^1 {2}.* users, by ada: disks\n$/],
    [['maintenance', '--end', '1'], /^Maintenance window 1 is ended\.\n$/],
    [['maintenance', '--end', '1'], /^Maintenance window 1 had ended before\.\n$/],
  ]
  for (const [args, stdout] of done) {
    expect(await act(...args), args.join(' ')).toEqual({ code: 0, stdout: expect.stringMatching(stdout), stderr: '' })
  }
  const log = (await readActions(store, 50)).map(({ operator, kind, subject }) => `${operator} ${kind} ${subject}`)
  expect(log.reverse()).toEqual([
    'ada retry 1',
    'ada drop 1',
    'Grace acknowledge 1',
    ...[
      'unacknowledge 1',
      'note 1',
      'mute users',
      'unmute users',
      'mute oncall',
      'run users',
      'run orders',
      'maintain 1',
      'end maintenance 1',
    ].map(what => `ada ${what}`),
  ])
})

test('a message that was given up is listed with its reason and without a secret, and sent again', async ({
  store,
  act,
  serve,
}) => {
  const received: { status: number; key: unknown }[] = []
  const url = await serve(({ url, headers }, response) => {
    const status = received.length === 0 ? 500 : 204
    received.push({ status, key: headers['idempotency-key'] })
    response.writeHead(status).end(status === 500 ? `${url} ${headers.authorization}` : undefined)
  })
  await migrate(store)
  await monitor(store, { name: 'users' })
  for (const seconds of [120, 60]) await replay(store, 'users', seconds, 'failed')
  await store.query(`update reprise.outbox set attempts = 25, failing_since = now() - interval '8 days'`)
  const oncall = webhook({ url: `${url}/hush-4711`, headers: { authorization: 'Bearer canary-4711' } })
  const deliver = () => deliverNext(store, 'oncall', senderOf({ oncall }, {}))
  await deliver()
  const { code, stdout } = await act('alerts')
  expect(code).toBe(1)
  expect(stdout).toMatch(
    /^1 {2}Down, incident 1 to oncall: users in production\n {4}given up .* UTC\n {4}26 attempts, last: Channel oncall answered 500 .*\n$/,
  )
  expect(stdout + (await act('alerts', '--json')).stdout).not.toContain('4711')
  expect(await act('retry', '1')).toEqual({ code: 0, stdout: 'Message 1 is sent again.\n', stderr: '' })
  await deliver()
  expect(received.map(({ status }) => status)).toEqual([500, 204])
  expect(new Set(received.map(({ key }) => key)).size).toBe(1)
  expect(await act('alerts')).toEqual({ code: 0, stdout: 'No message waits.\n', stderr: '' })
})

test('what cannot be done exits with 2 and the reason', async ({ store, act }) => {
  await migrate(store)
  await monitor(store, { name: 'users' })
  const refused: [args: string[], stderr: RegExp][] = [
    [['acknowledge'], /needs the number of one incident/],
    [['acknowledge', 'one'], /"one" is no number of an incident/],
    [['acknowledge', '1'], /There is no incident 1\./],
    [['retry'], /needs one id of a message/],
    [['drop', 'one'], /"one" is no id of a message, such as 42/],
    [['drop', '1'], /There is no message 1\./],
    [['alerts', 'one'], /takes no "one"/],
    [['note', '1'], /and a text in quotation marks/],
    [['mute', 'users'], /needs --for or --until/],
    [['mute', 'users', '--for', 'ever'], /--for is "ever": write a duration/],
    [['mute', 'users', '--for', '1h', '--until', '2030-01-01T00:00Z'], /Both --for and --until/],
    [['mute', 'users', '--until', '2030-01-01'], /--until is "2030-01-01": write a time with its zone/],
    [['mute', 'user', '--for', '1h'], /No check "user" is monitored\./],
    [['mute', 'users', '--for', '1h', '--by', 'a\u202eb'], /--by is /],
    [['run-now'], /needs the name of a check/],
    [['maintenance', 'users'], /needs --for or --until/],
    [['maintenance', '--end', 'one'], /needs the number of a window/],
    [['maintenance', '--end', '7'], /There is no maintenance window 7\./],
    [['maintenance', '--from', '2001-01-01T00:00Z', '--for', '1h'], /cannot begin in the past/],
  ]
  for (const [args, stderr] of refused) {
    expect(await act(...args), args.join(' ')).toEqual({ code: 2, stdout: '', stderr: expect.stringMatching(stderr) })
  }
  expect(await readActions(store, 50)).toEqual([])
})
