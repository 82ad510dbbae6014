import { once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { expect } from '@playwright/test'
import { withClient } from '../postgres/connection.ts'
import { test as withServer } from '../postgres/testing/server-fixture.ts'
import { commandLine } from '../testing/built/built-modules.ts'
import { launchSample, postmasterUnder, remainsOf, type StartedSample, startSample } from './testing/started-sample.ts'

const ada = { name: 'Ada', email: 'ada@example.com' }

const test = withServer.extend<{ start: typeof startSample }>({
  start: async ({}, use) => {
    const started: StartedSample[] = []
    await use(async (...how) => {
      const sample = await startSample(...how)
      started.push(sample)
      return sample
    })
    // Cleans up after a test that fails half-way.
    for (const sample of started) if (sample.process.exitCode === null) sample.process.kill('SIGTERM')
  },
})

async function addUser(url: string): Promise<number> {
  const headers = { 'content-type': 'application/json' }
  return (await fetch(`${url}/users`, { method: 'POST', headers, body: JSON.stringify(ada) })).status
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  test(`works on a dedicated database, and leaves nothing behind: ${signal}`, async ({ start }) => {
    const sample = await start('node')
    expect((await fetch(sample.url)).headers.get('content-type')).toContain('text/html')
    expect(await addUser(sample.url)).toBe(201)
    expect(await sample.remains()).not.toEqual([])
    expect(await sample.end(signal)).toBe(0)
    expect(await sample.remains()).toEqual([])
  })
}

test('leaves nothing behind when it is killed', async ({ start }) => {
  const sample = await start('node')
  expect(await sample.end('SIGKILL')).toBe('SIGKILL')
  await expect.poll(() => sample.remains()).toEqual([])
})

test('counts a Ctrl-C that arrives twice as one, as it may under npm', async ({ start }) => {
  const sample = await start('node')
  const ended = sample.end('SIGINT')
  await delay(20)
  sample.process.kill('SIGINT')
  expect(await ended).toBe(0)
  expect(await sample.remains()).toEqual([])
})

for (const [how, signal, whom] of [
  ['a Ctrl-C', 'SIGINT', 'group'],
  ['a SIGTERM that only npm gets', 'SIGTERM', 'process'],
] as const) {
  test(`under npm, leaves nothing behind after ${how}`, async ({ start }, info) => {
    // By the bundled command line: that of the repository loads some 300 modules.
    const scripts = { reprise: commandLine().join(' ') }
    const folder = info.outputPath('project')
    await mkdir(folder, { recursive: true })
    await writeFile(path.join(folder, 'package.json'), JSON.stringify({ private: true, scripts }))
    const sample = await start('npm', {}, folder)
    await sample.end(signal, whom)
    await expect.poll(() => sample.remains()).toEqual([])
    await expect.poll(() => sample.stopped()).toBe(true)
    expect(sample.complaints()).toBe('')
  })
}

test('stops during its start', async () => {
  const child = launchSample('node', {}, path.join(import.meta.dirname, '..'))
  const exited = once(child, 'exit')
  const found = async () => (await postmasterUnder(child.pid))?.runFolder
  await expect.poll(found, { intervals: [10] }).toBeDefined()
  const runFolder = (await found()) ?? 'none'
  child.kill('SIGTERM')
  expect((await exited)[0]).toBe(0)
  expect(await remainsOf(runFolder)).toEqual([])
})

test('the error for a port in use has the port', async ({ start }) => {
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  const { port } = Object(other.address())
  await expect(start('node', { PORT: String(port) })).rejects.toThrow(
    new RegExp(`exit code 2: Cannot listen on HOST 127.0.0.1, PORT ${port}: .*EADDRINUSE.* Choose another`),
  )
  other.close()
})

test('reports that its server has died', async ({ start }) => {
  const sample = await start('node')
  const closed = once(sample.process, 'close')
  expect(sample.postgres).toBeDefined()
  process.kill(Number(sample.postgres), 'SIGKILL')
  expect((await closed)[0]).toBe(2)
  expect(sample.complaints()).toContain('The embedded Postgres ended during the run (killed by SIGKILL)')
  await expect.poll(() => sample.remains()).toEqual([])
})

test('uses the database in DATABASE_URL, and does not drop it', async ({ start, emptyDatabase }) => {
  for (const expected of [201, 409]) {
    const sample = await start('node', { DATABASE_URL: emptyDatabase.url })
    expect(sample.postgres).toBeUndefined()
    expect(await addUser(sample.url)).toBe(expected)
    expect(await sample.end('SIGTERM')).toBe(0)
  }
})

test('leaves nothing behind on a server in REPRISE_POSTGRES', async ({ start, server }) => {
  const sample = await start('node', { REPRISE_POSTGRES: server.url })
  expect(await addUser(sample.url)).toBe(201)
  // Other tests use this server too; only the sample has connections of the app's pool to a dedicated database.
  const mine = await withClient(server.url, client =>
    client.query<{ datname: string }>(`select datname from pg_stat_activity where query like 'insert into users%'`),
  )
  expect(mine.rowCount).toBe(1)
  expect(await sample.end('SIGTERM')).toBe(0)
  const left = await withClient(server.url, client =>
    client.query('select from pg_database where datname = $1', [mine.rows[0]?.datname]),
  )
  expect(left.rowCount).toBe(0)
})
