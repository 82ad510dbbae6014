import { readFile, stat } from 'node:fs/promises'
import { request } from 'node:http'
import path from 'node:path'
import { expect, test } from '../../testing/test.ts'
import { withClient } from '../connection.ts'
import { type Server, startServer } from '../server.ts'
import { openRun, type Run } from './run.ts'
import { endpointVariable, openRunEndpoint, type RunEndpoint } from './run-endpoint.ts'
import { explainLostServer, requestRunServer } from './run-server.ts'
import { databaseName } from './watchdog/names.mjs'
import { dataFolderOf } from './watchdog/run-folders.mjs'

interface Fixtures {
  run: Run
  /** Opens the run's endpoint; closed after the test, at whose end the run ends too. */
  open(start: () => Promise<Server>): Promise<NodeJS.ProcessEnv>
}

const it = test.extend<Fixtures>({
  run: async ({}, use) => {
    const run = await openRun()
    await use(run)
    await run.end()
    await expect(stat(run.folder)).rejects.toThrow(/ENOENT/)
  },
  open: async ({ run }, use) => {
    const endpoints: RunEndpoint[] = []
    await use(async start => {
      const endpoint = await openRunEndpoint(run.folder, {
        start,
        expect: async () => undefined,
        takeSpare: async () => undefined,
      })
      endpoints.push(endpoint)
      return { [endpointVariable]: endpoint.address }
    })
    for (const endpoint of endpoints) await endpoint.close()
  },
})

it('concurrent requests share one server', async ({ run, open }) => {
  let starts = 0
  const env = await open(() => {
    starts++
    return startServer({ run })
  })
  expect(starts).toBe(0)
  const servers = await Promise.all([1, 2, 3].map(() => requestRunServer(env)))
  expect(new Set(servers.map(server => server.url)).size).toBe(1)
  expect(starts).toBe(1)
  expect(await explainLostServer(env)).toBeUndefined()
})

it('each request after a failed start gets the same error, and the start is not retried', async ({ run, open }) => {
  let starts = 0
  const env = await open(() => {
    starts++
    return startServer({ run, provider: 'postgres://127.0.0.1:1/none' })
  })
  for (const _ of [1, 2]) await expect(requestRunServer(env)).rejects.toThrow(/ECONNREFUSED.*Start that server/)
  expect(starts).toBe(1)
})

it('a server that dies during the run is reported with its signal and the end of its log', async ({ run, open }) => {
  const env = await open(() => startServer({ run }))
  const server = await requestRunServer(env)
  const query = withClient(server.url, client => client.query('select pg_sleep(60)'))
  const pidFile = path.join(dataFolderOf(run.folder), 'postmaster.pid')
  process.kill(Number.parseInt(await readFile(pidFile, 'utf8'), 10), 'SIGKILL')
  await expect(query).rejects.toThrow()
  const reason =
    /The embedded Postgres ended during the run \(killed by SIGKILL\)\. The end of its log:\n.*ready to accept connections/s
  expect(await explainLostServer(env)).toMatchObject({ message: expect.stringMatching(reason) })
  await expect(requestRunServer(env)).rejects.toThrow(reason)
})

it('the crash of a server process ends the server instead of starting a recovery', async ({ run, open }) => {
  const env = await open(() => startServer({ run }))
  const server = await requestRunServer(env)
  await withClient(server.url, async client => {
    const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid')
    process.kill(rows[0]?.pid ?? 0, 'SIGKILL')
    await expect(client.query('select pg_sleep(60)')).rejects.toThrow()
  })
  const reason = /ended during the run \(exit code 1\).*was terminated by signal 9/s
  expect(await explainLostServer(env)).toMatchObject({ message: expect.stringMatching(reason) })
})

it('ending every connection on purpose does not count as a lost server', async ({ run, open }) => {
  const env = await open(() => startServer({ run }))
  const server = await requestRunServer(env)
  const locks = () =>
    withClient(server.url, client => client.query("select 1 from pg_locks where locktype = 'advisory' and granted"))
  await withClient(server.url, client =>
    client.query('select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid()'),
  )
  await expect.poll(async () => (await locks()).rowCount).toBe(1)
  expect(await explainLostServer(env)).toBeUndefined()
})

it('the spare database is given to one of the workers that ask', async ({ run }) => {
  const spares = [{ name: 'reprise_spare', functions: 'select 1' }]
  const actions = {
    start: () => startServer({ run }),
    expect: async () => undefined,
    takeSpare: async () => spares.pop(),
  }
  const endpoint = await openRunEndpoint(run.folder, actions)
  try {
    const server = await requestRunServer({ [endpointVariable]: endpoint.address })
    const taken = await Promise.all([1, 2, 3].map(() => server.takeSpare?.()))
    expect(taken.filter(Boolean)).toEqual([{ name: 'reprise_spare', functions: 'select 1' }])
  } finally {
    await endpoint.close()
  }
})

it('the database of a worker is dropped after the worker has ended', async ({ run, open }) => {
  const env = await open(() => startServer({ run }))
  const server = await requestRunServer(env)
  const database = databaseName(server.runId, 'ended')
  const isThere = () =>
    withClient(server.url, async client => {
      return (await client.query('select from pg_database where datname = $1', [database])).rowCount === 1
    })
  await withClient(server.url, client => client.query(`create database ${database}`))
  // As `dropAfterExit` does, whose connection ends with the process.
  const place = `/until-exit?database=${database}`
  const worker = request({ socketPath: env[endpointVariable], path: place, method: 'POST', agent: false })
  const ended = new Promise(resolve => worker.once('error', resolve))
  worker.end()
  // Answered after it.
  await server.takeSpare?.()
  expect(await isThere()).toBe(true)
  worker.destroy(new Error('The worker has ended.'))
  await ended
  await expect.poll(isThere).toBe(false)
})

test('the error without the global setup has the remedy', async () => {
  await expect(requestRunServer({})).rejects.toThrow("Add globalSetup: 'reprise/global-setup' to playwright.config")
})

test('the error without a main process says that it has probably ended', async ({}, info) => {
  const env = { [endpointVariable]: info.outputPath('gone') }
  await expect(requestRunServer(env)).rejects.toThrow(/main process does not answer .*ENOENT.*has probably ended/)
})
