import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect } from '@playwright/test'
import { secret } from '../environment/secrets/secret.ts'
import { test as base } from '../monitor/testing/receiver-fixture.ts'
import { writeFiles } from '../testing/project-folder.ts'
import { runCommand } from './commands.ts'
import { callCommand } from './testing/called-command.ts'

/** Runs the command with `oncall`, a signed webhook, and `chat`, a Slack channel, both to the test's receiver. */
const test = base.extend<{
  alertTest: (args: string[], env?: NodeJS.ProcessEnv) => Promise<{ code: number; printed: string; complained: string }>
}>({
  alertTest: async ({ receiver }, use) => {
    const folder = await mkdtemp(path.join(tmpdir(), 'reprise-alert-'))
    const url = secret('ALERT_URL')
    await writeFile(
      path.join(folder, 'monitor.config.mjs'),
      `export default ${JSON.stringify({
        environments: { production: { baseURL: 'https://api.example.com' } },
        checks: {},
        channels: {
          oncall: { kind: 'webhook', url, signingKey: 'canary-key-4711' },
          open: { kind: 'webhook', url },
          chat: { kind: 'slack', url },
        },
      })}`,
    )
    await use(async (args, env = { ALERT_URL: receiver.url }) => {
      const [printed, complained]: [string[], string[]] = [[], []]
      const code = await runCommand({
        args: ['monitor', 'alert-test', ...args],
        env,
        folder,
        colours: false,
        progress: () => undefined,
        print: text => printed.push(text),
        complain: text => complained.push(text),
        stopRequest: async () => undefined,
      })
      return { code, printed: printed.join('\n'), complained: complained.join('\n') }
    })
    await rm(folder, { recursive: true })
  },
})

test('sends a message marked as a test, and prints the response', async ({ alertTest, receiver }) => {
  receiver.answers = [(_request, response) => void response.writeHead(200).end('ok')]
  expect(await alertTest(['oncall'])).toEqual({
    code: 0,
    printed: 'Channel oncall accepted the message: 200 OK, "ok".',
    complained: '',
  })
  expect(JSON.parse(receiver.received[0]?.body ?? '')).toMatchObject({ kind: 'test', version: 1 })
  expect((await alertTest(['chat'])).printed).toBe('Channel chat accepted the message: 204 No Content.')
  expect(JSON.parse(receiver.received[1]?.body ?? '').text).toMatch(/^Test message\n/)
})

test('warns of a webhook without a signing key', async ({ alertTest }) => {
  const { code, complained } = await alertTest(['open'])
  expect(code).toBe(0)
  expect(complained).toMatch(/^The message was not signed: set signingKey of the webhook/)
})

test('exits with 1 if the receiver does not accept it', async ({ alertTest, receiver }) => {
  receiver.answers = [(_request, response) => void response.writeHead(403).end('invalid_token')]
  const refused = 'Channel chat answered 403 Forbidden: invalid_token'
  expect(await alertTest(['chat'])).toEqual({ code: 1, printed: '', complained: refused })
  await receiver.close()
  expect(await alertTest(['chat'])).toMatchObject({
    code: 1,
    complained: expect.stringContaining('Channel chat gave no answer: '),
  })
})

test('--kind all sends a sample of each kind in its phases, and prints each answer', async ({
  alertTest,
  receiver,
}) => {
  const { code, printed } = await alertTest(['oncall', '--kind', 'all'])
  expect(code).toBe(0)
  const bodies = receiver.received.map(({ body }) => JSON.parse(body))
  const sent = bodies.map(({ kind, phase }) => (phase ? `${kind} (${phase})` : kind))
  expect(sent.join(', ')).toBe(
    'test, down, update, flapping, reminder, escalation, acknowledged, up, down, up, unknown, known, degraded (began), degraded (ended), leak (began), leak (ended), certificate (began), certificate (ended), trouble (began), trouble (ended), trouble (happened), digest',
  )
  expect(printed.split('\n')).toEqual(sent.map(kind => `Channel oncall accepted ${kind}: 204 No Content.`))
  for (const body of bodies) if ('checks' in body) expect(body).toMatchObject({ environment: 'sample' })
  expect(bodies[1]).toMatchObject({ incident: 0, checks: [{ name: 'users' }, { name: 'backup', source: 'heartbeat' }] })
  receiver.received.length = 0
  expect((await alertTest(['oncall', '--kind', 'heartbeat'])).code).toBe(0)
  expect(receiver.received.map(({ body }) => JSON.parse(body))).toMatchObject([
    { kind: 'down', checks: [{ name: 'backup', source: 'heartbeat', state: 'down', news: 'fell' }] },
    { kind: 'up', checks: [{ name: 'backup', source: 'heartbeat', state: 'up', news: 'recovered' }] },
  ])
})

test('--kind sends that kind; a refusal has its name, and the others are sent', async ({ alertTest, receiver }) => {
  receiver.answers = [(_request, response) => void response.writeHead(500).end()]
  expect(await alertTest(['oncall', '--kind', 'leak'])).toEqual({
    code: 1,
    printed: 'Channel oncall accepted leak (ended): 204 No Content.',
    complained: 'leak (began): Channel oncall answered 500 Internal Server Error.',
  })
})

for (const [what, args, complaint] of [
  [
    'a kind that does not exist',
    ['oncall', '--kind', 'donw'],
    'There is no kind "donw" of messages; did you mean down?',
  ],
  ['no channel', [], 'monitor alert-test needs the name of a channel; see --help.'],
  ['several channels', ['chat', 'oncall'], 'monitor alert-test takes one channel, but got chat and oncall.'],
  ['a channel that does not exist', ['onkall'], 'There is no channel "onkall"; did you mean oncall?'],
] as const) {
  test(`${what} is an error`, async ({ alertTest, receiver }) => {
    expect(await alertTest([...args])).toEqual({ code: 2, printed: '', complained: complaint })
    expect(receiver.received).toEqual([])
  })
}

test('a configuration without channels is named, as that of init is without its variable', async ({}, info) => {
  const folder = info.outputPath('project')
  await writeFiles(folder, {
    'package.json': '{ "type": "module" }',
    'monitor.config.ts': "export default { environments: { live: { baseURL: 'http://127.0.0.1:1' } }, checks: {} }",
  })
  const { code, stderr } = await callCommand(['monitor', 'alert-test', 'oncall'], { folder })
  const remedy = 'Write it there; if channels there depend on a variable such as SLACK_URL, set that.'
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr: `There is no channel "oncall": the configuration has none. ${remedy}\n`,
  })
})

test('the error for a missing secret has its name', async ({ alertTest }) => {
  const { code, complained } = await alertTest(['chat'], {})
  expect({ code, complained }).toEqual({
    code: 2,
    complained: expect.stringContaining('set the environment variable ALERT_URL'),
  })
})
