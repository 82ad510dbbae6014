import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import path from 'node:path'
import { expect, mergeTests } from '@playwright/test'
import { secret } from '../environment/secrets/secret.ts'
import { webhook } from '../monitor/index.ts'
import { monthsAway } from '../monitor/testing/months-away.ts'
import { type Responder, test as withReceiver } from '../monitor/testing/receiver-fixture.ts'
import { test as withMonitors } from '../monitor/testing/service-fixture.ts'
import type { NestedMonitor } from '../testing/nested-monitor/nested-monitor.ts'
import { callCommand } from './testing/called-command.ts'

const test = mergeTests(withMonitors, withReceiver)

/** For what ends before anything is open: a process of its own would load the command line anew. */
const startHere = ({ folder }: NestedMonitor, env: NodeJS.ProcessEnv) =>
  callCommand(['monitor', 'start'], { env: { REPRISE_PORT: '0', ...env }, folder })

const operatorToken = 'token-of-the-operators'
const answers = `test('answers', async ({ request }) => { expect((await request.get('/')).status()).toBe(200) })`
const users = { checks: { users: { specs: 'a.spec.ts', cron: '* * * * *' } }, files: { 'a.spec.ts': answers } }

test('the status page shows the states in the terminal, also after the configuration is edited, and reports changes until it stops', async ({
  serve,
  project,
  startMonitor,
}) => {
  const nested = await project(await serve((_, response) => response.end()), users)
  const monitor = await startMonitor(nested)
  const { url } = monitor
  expect(await (await fetch(new URL('/healthz', url))).json()).toEqual({ status: 'ok' })
  const replays = /^reprise_replays_total\{check="users",environment="production",outcome="passed"\} [1-9]/m
  const events = await fetch(new URL('/events', url))
  await monitor.says('users is up')
  const { checks } = await (await fetch(new URL('/api/checks', url))).json()
  expect(checks).toMatchObject([
    { name: 'users', state: 'up', environment: 'production', lastReplay: { outcome: 'passed' } },
  ])
  expect(await (await fetch(new URL('/metrics', url))).text()).toMatch(replays)
  expect(await (await fetch(url)).text()).toContain('The check is up')
  const file = path.join(nested.folder, 'monitor.config.mjs')
  await writeFile(file, (await readFile(file, 'utf8')).replace('"users":', '"orders":{"specs":"a.spec.ts"},"users":'))
  await monitor.says('orders is up')
  expect(await (await fetch(url)).text()).toContain('All 2 checks are up')
  monitor.process.kill('SIGTERM')
  expect(await events.text()).toContain('event: change')
  expect(await monitor.result).toMatchObject({ code: 0, stderr: '' })
  await expect(fetch(url)).rejects.toThrow()
})

test('a port in use is reported before anything is started', async ({ project }) => {
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  const { port } = Object(other.address())
  const nested = await project('http://127.0.0.1:9', users)
  const { code, stdout, stderr } = await startHere(nested, { REPRISE_PORT: String(port) })
  other.close()
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toMatch(
    new RegExp(`^The status page cannot listen on REPRISE_HOST 127.0.0.1, REPRISE_PORT ${port}: .*EADDRINUSE.*\\n$`),
  )
})

test('failing and recovered deliveries to a channel are reported; messages to one that is removed are closed', async ({
  serve,
  project,
  startMonitor,
  replayNow,
  receiver,
}) => {
  let status = 500
  const target = await serve((_, response) => response.writeHead(status).end())
  const checks = { users: { specs: 'a.spec.ts', cron: monthsAway() } }
  const nested = await project(target, {
    ...{ ...users, checks },
    defaults: { confirm: { down: 1 }, channels: ['desk'] },
  })
  const file = path.join(nested.folder, 'monitor.config.mjs')
  const without = await readFile(file, 'utf8')
  const channels = JSON.stringify({ desk: webhook({ url: secret('DESK_URL') }) })
  await writeFile(file, without.replace('"checks":', `"channels":${channels},"checks":`))
  const fails: Responder = (_, response) => response.writeHead(503).end()
  receiver.answers = [fails]
  const monitor = await startMonitor(nested, {
    DESK_URL: receiver.url,
    REPRISE_URL: 'https://status.example.com/',
    REPRISE_OPERATOR_TOKEN: operatorToken,
  })
  await monitor.says('Alerts to desk fail and are retried: Channel desk answered 503')
  await monitor.says('Alerts to desk fail and are retried: it works again.')
  const [first, again] = receiver.received.map(({ body }) => JSON.parse(body))
  expect(again).toEqual(first)
  expect(first).toMatchObject({ kind: 'down', statusPage: 'https://status.example.com/' })

  receiver.answers = Array.from({ length: 100 }, () => fails)
  status = 200
  await replayNow('users')
  await monitor.says('Alerts to desk fail and are retried: Channel desk answered 503')
  await writeFile(file, without.replace('"channels":["desk"]', '"channels":[]'))
  await monitor.says('Not sent: 1 message to desk, since this channel is not configured any more.')
  const asOperator = { headers: { authorization: `Bearer ${operatorToken}` } }
  expect(await (await fetch(new URL('/api/checks', monitor.url), asOperator)).json()).toMatchObject({
    undelivered: [],
    unsent: [{ channel: 'desk', messages: 1 }],
  })
})

test('a channel without its secret, and heartbeats, are reported at the start', async ({ project, startMonitor }) => {
  const nested = await project('http://127.0.0.1:9', users)
  const file = path.join(nested.folder, 'monitor.config.mjs')
  const more = {
    channels: { desk: webhook({ url: secret('DESK_URL') }) },
    heartbeats: { backup: { cron: '0 3 * * *', grace: '30m' } },
  }
  await writeFile(file, (await readFile(file, 'utf8')).replace('{', `{${JSON.stringify(more).slice(1, -1)},`))
  const complaint =
    /Needed for alerts, channels\.desk\.url: .*\n(.*\n)*Heartbeats without a token are not watched: backup\./
  expect((await nested.start(['validate']).result).stderr).toMatch(complaint)
  const monitor = await startMonitor(nested, { DESK_URL: '' })
  monitor.process.kill('SIGTERM')
  expect((await monitor.result).stderr).toMatch(complaint)
})

test('an unreachable database is an error with its URL variable', async ({ project }) => {
  const nested = await project('http://127.0.0.1:9', users)
  const away = { REPRISE_MONITOR_DATABASE_URL: 'postgres://me:hush@127.0.0.1:9/none' }
  // In a process of its own, which ends only if nothing stays open: the server of the page listens before.
  expect(await nested.start(['start'], away).result).toEqual({
    code: 2,
    stdout: '',
    stderr: `The monitor's database cannot be reached: connect ECONNREFUSED 127.0.0.1:9. Start its server, or correct REPRISE_MONITOR_DATABASE_URL.\n`,
  })
})

test('the error for invalid settings of the page has all of them', async ({ project }) => {
  const nested = await project('http://127.0.0.1:9', users)
  const faulty = { REPRISE_PORT: '80 80', REPRISE_URL: 'status.example.com' }
  expect(await startHere(nested, faulty)).toEqual({
    code: 2,
    stdout: '',
    stderr: expect.stringMatching(/^REPRISE_PORT is "80 80": .*\nREPRISE_URL is not a URL .*\n$/),
  })
})
