/** Tests `npm start` with real processes, as a user runs it. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import path from 'node:path'
import { expect } from '@playwright/test'
import { type Clone, makeClone, sampleFiles } from '../docs/readme/clone.ts'
import { type Shell, startShell } from '../docs/readme/shell.ts'
import { openPool } from '../monitor/store/pool.ts'
import { requestReplay } from '../monitor/store/slots.ts'
import { inTransaction } from '../monitor/store/transaction.ts'
import { monthsAway } from '../monitor/testing/months-away.ts'
import { type Receiver, test as withReceiver } from '../monitor/testing/receiver-fixture.ts'
import { runningServerUrl } from '../postgres/persistent/server-files.ts'
import { root } from '../testing/project-folder.ts'
import { remainsOf } from './testing/started-sample.ts'

interface Fixtures {
  /** This repository's configuration and specs, with quick checks that are due often, and a dedicated `.reprise`. */
  clone: Clone
  /** Starts a shell command in the repository, and ends it with the test. */
  shell: (line: string, env?: NodeJS.ProcessEnv) => Shell
}

const test = withReceiver.extend<Fixtures>({
  clone: async ({}, use) => {
    const { 'monitor.config.ts': config = '', ...files } = await sampleFiles()
    const clone = await makeClone({ ...files, 'monitor.config.ts': soon(config) })
    await use(clone)
    await clone.remove()
  },
  shell: async ({ clone }, use) => {
    const started: Shell[] = []
    await use((line, env) => {
      const shell = startShell(line, { cwd: root, env: { REPRISE_POSTGRES: 'embedded', ...env } })
      started.push(shell)
      return shell
    })
    for (const shell of started) shell.interrupt()
    await Promise.all(started.map(shell => shell.result()))
    await expect.poll(() => remainsOf(clone.folder)).toEqual([clone.folder])
  },
})

/** The configuration with checks that are replayed at once and on request, and have one spec each, without those in English. */
const soon = (config: string) =>
  config
    .replaceAll('*/20 * * * * *', monthsAway())
    .replace(`every: '5s'`, `every: '1s'`)
    .replace('retries: 1', 'retries: 0')
    .replace(`slowAbove: '2s'`, `slowAbove: '20s'`)
    .replace(/\|[^/\n]+\/,/g, '/,')
    .replace(/^ {4}health: [\s\S]*?^ {2}\},\n(?= {2}channels)/m, '  },\n')

/** Has both checks replayed now, in one run. */
async function replayNow({ folder }: Clone): Promise<void> {
  const pool = openPool(String(await runningServerUrl(path.join(folder, '.reprise/monitor'))))
  const now = new Date()
  await inTransaction(pool, async client => {
    for (const check of ['users', 'http']) await requestReplay(client, check, now)
  })
  await pool.end()
}

const anyPorts = { PORT: '0', REPRISE_PORT: '0' }
const startLine = ({ folder }: Clone) => `npm start -- --config ${folder}/monitor.config.ts`
/** The same, as the package's users write it, by the bundled command line. */
const usersLine = (clone: Clone) => startLine(clone).replace('npm start --', 'npx reprise start')

/** A port outside the ephemeral range, which the system does not give to outgoing connections while it is free. */
async function portOutsideEphemeralRange(): Promise<string> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 10_000)
    const server = createServer().listen(port, '127.0.0.1')
    const isFree = await once(server, 'listening').then(
      () => true,
      () => false,
    )
    server.close()
    if (isFree) return String(port)
  }
}

/** Without those about slots that a busy machine has missed. */
const bodies = ({ received }: Receiver) =>
  received.map(({ body }) => JSON.parse(body)).filter(({ kind }) => kind !== 'trouble')

test('the API is down when it is stopped, and up when it is restarted: two messages', async ({
  clone,
  shell,
  receiver,
}) => {
  const all = shell(usersLine(clone), {
    ...anyPorts,
    PORT: await portOutsideEphemeralRange(),
    WEBHOOK_URL: receiver.url,
  })
  const api = await all.says(/sample API +(http:\S+), as process \d+/)
  const page = await all.says(/status page +(http:\S+)/)
  const stopLine = await all.says(/^ +(kill \d+) .*down/m)
  const againLine = await all.says(/^ +(\S.* npx reprise sample) .*up/m)
  for (const name of ['users', 'http']) await all.says(new RegExp(`${name} is up`))
  expect((await fetch(api)).status).toBe(200)
  expect(await (await fetch(`${page}/healthz`)).json()).toEqual({ status: 'ok' })
  await expect.poll(async () => (await fetch(page)).text()).toContain('All 2 checks are up')

  expect((await shell(stopLine).result()).code).toBe(0)
  await all.says(/The sample API has ended\. To restart it: PORT=\d+ npx reprise sample/)
  await replayNow(clone)
  for (const name of ['users', 'http']) await all.says(new RegExp(`${name} is down, since .* UTC\\n {4}.*ECONNREFUSED`))
  expect(await (await fetch(`${page}/api/checks`)).json()).toMatchObject({
    checks: [
      { name: 'http', state: 'down', lastReplay: { outcome: 'failed' } },
      { name: 'users', state: 'down' },
    ],
  })
  await expect
    .poll(() =>
      bodies(receiver)
        .flatMap(({ checks }) => checks)
        .filter(({ news }) => news === 'fell'),
    )
    .toHaveLength(2)
  const [down] = bodies(receiver)
  expect(down).toMatchObject({ kind: 'down', environment: 'production', statusPage: page })

  const again = shell(againLine)
  await again.says(/page +http/)
  await replayNow(clone)
  for (const name of ['users', 'http']) await all.says(new RegExp(`${name} is down[^]*${name} is up`))
  await expect.poll(() => bodies(receiver).at(-1)?.kind).toBe('up')
  // Without what was in the same run.
  const kinds = bodies(receiver).map(({ kind }) => kind)
  expect(kinds.filter(kind => kind !== 'update')).toEqual(['down', 'up'])
  const up = bodies(receiver).at(-1)
  expect(up).toMatchObject({ kind: 'up', incident: down.incident })
  expect(up.checks).toMatchObject([
    { name: 'http', state: 'up' },
    { name: 'users', state: 'up' },
  ])

  const second = await shell(usersLine(clone), anyPorts).result()
  expect(second.output).toMatch(/The data in \S+ are in use by the process \d+: end it first, or set/)
  expect(second.code).toBe(2)

  all.interrupt()
  const { output } = await all.result()
  expect(output).toContain('Stopped.')
  await expect(fetch(page)).rejects.toThrow()
  // This process was not started by npm start.
  expect((await fetch(api)).status).toBe(200)
  expect(bodies(receiver)).toHaveLength(kinds.length)
})

test("Ctrl-C ends everything in order, and a kill leaves nothing but the monitor's data", async ({ clone, shell }) => {
  // From the sources, which costs more: by npm, and whose monitor replays once.
  const all = shell(startLine(clone), anyPorts)
  const api = await all.says(/sample API +(http:\S+), as/)
  await all.says(/users is up/)
  all.interrupt()
  const { output } = await all.result()
  expect(output).toMatch(/\nStopped\.\n$/)
  expect(output).not.toContain('has ended')
  await expect(fetch(api)).rejects.toThrow()

  const next = shell(usersLine(clone), anyPorts)
  const nextApi = await next.says(/sample API +(http:\S+), as/)
  await next.says(/Ctrl-C stops everything/)
  await next.kill()
  const answers = () =>
    fetch(nextApi).then(
      () => true,
      () => false,
    )
  await expect.poll(answers).toBe(false)
})

test('the error for a port in use has the port, for both ports', async ({ clone, shell, receiver }) => {
  const { port } = new URL(receiver.url)
  const taken = await shell(usersLine(clone), { ...anyPorts, PORT: port }).result()
  expect(taken.code).toBe(2)
  expect(taken.output).toMatch(new RegExp(`^Cannot listen on HOST 127.0.0.1, PORT ${port}: .*EADDRINUSE`, 'm'))
  const page = await shell(usersLine(clone), { ...anyPorts, REPRISE_PORT: port }).result()
  expect(page.code).toBe(2)
  expect(page.output).toMatch(
    new RegExp(`^The status page cannot listen on .* REPRISE_PORT ${port}: .*EADDRINUSE`, 'm'),
  )
})
