import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { access, mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { expect } from '@playwright/test'
import { withClient } from '../postgres/connection.ts'
import { test as withServer } from '../postgres/testing/server-fixture.ts'
import { commandLine } from '../testing/built/built-modules.ts'
import { missing } from '../testing/installed-programs.ts'
import { callCommand } from './testing/called-command.ts'

interface Started {
  process: ChildProcess
  url: string
  /** Waits for the exit; resolves with the exit code, the other lines of stdout, and stderr. */
  end(signal?: NodeJS.Signals): Promise<{ code: unknown; lines: string[]; complaint: string }>
}

const test = withServer.extend<{ start: (...args: string[]) => Promise<Started>; folder: string; table: string }>({
  start: async ({}, use) => {
    const started: ChildProcess[] = []
    await use(async (...args) => {
      const [program = '', ...rest] = commandLine()
      const child = spawn(program, [...rest, 'sandbox', ...args], {
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      started.push(child)
      const lines: string[] = []
      let complaint = ''
      child.stderr.setEncoding('utf8').on('data', text => {
        complaint += text
      })
      const output = createInterface({ input: child.stdout }).on('line', line => lines.push(line))
      const closed = once(child, 'close')
      await Promise.race([once(output, 'line'), closed])
      return {
        process: child,
        url: lines.shift() ?? '',
        end: async signal => {
          if (signal) child.kill(signal)
          await closed
          return { code: child.exitCode, lines, complaint }
        },
      }
    })
    for (const child of started) if (child.exitCode === null) child.kill('SIGKILL')
  },
  // In a folder with a short path, since the path of a socket is limited.
  folder: async ({}, use) => {
    const folder = await mkdtemp('/tmp/reprise-cli-')
    await use(folder)
    await rm(folder, { recursive: true })
  },
  table: async ({ emptyDatabase }, use) => {
    await withClient(emptyDatabase.url, client => client.query('create table t (v text)'))
    await use(emptyDatabase.url)
  },
})

async function psql(url: string, sql: string): Promise<string> {
  return (await promisify(execFile)('psql', ['-XAtc', sql, url])).stdout.trim()
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  test(`clients see each other's changes, which are rolled back at the end: ${signal}`, async ({ start, table }) => {
    const sandbox = await start('--database-url', table)
    expect(sandbox.url).toMatch(/^postgres:\/\/\w+:[0-9a-f]{24}@127\.0\.0\.1:\d+\/reprise_\w+$/)
    await psql(sandbox.url, `begin; insert into t values ('a'); commit`)
    expect(await psql(sandbox.url, 'select v from t')).toBe('a')
    expect(await sandbox.end(signal)).toEqual({ code: 0, lines: ['Rolled back.'], complaint: '' })
    expect(await psql(table, 'select count(*) from t')).toBe('0')
  })
}

test.skip(() => missing('psql') !== undefined, missing('psql'))

test('listens on a unix socket, and again after it was killed', async ({ start, table, folder }) => {
  const sockets = path.join(folder, 'sockets')
  const killed = await start('--database-url', table, '--socket', sockets)
  expect(await psql(killed.url, 'select 1')).toBe('1')
  await killed.end('SIGKILL')
  const next = await start('--database-url', table, '--socket', sockets)
  expect(next.url).toMatch(/@localhost:5432\/\w+\?host=\/tmp\/reprise-cli-\w+\/sockets$/)
  expect(await psql(next.url, 'select 2')).toBe('2')
  await expect((await start('--database-url', table, '--socket', sockets)).end()).resolves.toMatchObject({
    code: 2,
    complaint: expect.stringContaining(
      `Another process listens on ${sockets}/.s.PGSQL.5432. Stop it, or choose another`,
    ),
  })
  expect(await next.end('SIGTERM')).toMatchObject({ code: 0 })
  await expect(access(path.join(sockets, '.s.PGSQL.5432'))).rejects.toMatchObject({ code: 'ENOENT' })
})

test('prints each statement with its session as it starts', async ({ start, table }) => {
  const sandbox = await start('--database-url', table, '--dump-log')
  await withClient(sandbox.url, async client => {
    await client.query("insert into t\nvalues ('a')")
    await client.query({ name: 'named', text: 'select $1', values: ['b'] })
    await client.query({ name: 'named', text: 'select $1', values: ['c'] })
  })
  await psql(sandbox.url, 'select 3')
  const { lines } = await sandbox.end('SIGINT')
  expect(lines).toEqual([
    '[1 reprise] insert into t',
    "    values ('a')",
    '[1 reprise] select $1',
    '[1 reprise] select $1',
    '[2 psql] select 3',
    'Rolled back.',
  ])
})

test('warns of an address that other machines can reach', async ({ start, table }) => {
  const sandbox = await start('--database-url', table, '--listen', '0.0.0.0:0')
  expect(await psql(sandbox.url, 'select 1')).toBe('1')
  expect(await sandbox.end('SIGINT')).toMatchObject({
    code: 0,
    complaint: expect.stringMatching(/^Warning: 0\.0\.0\.0 can be reached from other machines/),
  })
})

test('ends with the reason when the connection to the database is lost', async ({ start, table }) => {
  const sandbox = await start('--database-url', table)
  const pid = await psql(sandbox.url, 'select pg_backend_pid()')
  await psql(table, `select pg_terminate_backend(${pid})`)
  expect(await sandbox.end()).toEqual({
    code: 2,
    lines: [],
    complaint: expect.stringContaining(
      'The sandbox lost its connection to the database: terminating connection due to',
    ),
  })
})

test('an error is one sentence with the value and the remedy', async ({ emptyDatabase: { url } }) => {
  const taken = createServer().listen(0, '127.0.0.1')
  await once(taken, 'listening')
  const { port } = Object(taken.address())
  const nowhere = new URL(url)
  nowhere.pathname = '/nowhere'
  nowhere.password = 'hidden'
  const cases: [args: string[], complaint: RegExp][] = [
    [[], /^sandbox needs --database-url URL, the postgres:\/\/ URL of a database; see --help\.$/],
    [['--database-url'], /^--database-url of sandbox needs a value; see --help\.$/],
    [
      ['--database-url', url, '--prot', '5'],
      /^sandbox has no option --prot; there are --database-url, --listen, --socket, --dump-log$/,
    ],
    [['--database-url', url, 'more'], /^sandbox takes no "more"; see --help\.$/],
    [
      ['--database-url', 'me:secret@host'],
      /^--database-url is "me:\*\*\*@host", which is not the URL .*; write postgres:\/\//,
    ],
    [
      ['--database-url', 'postgres://127.0.0.1:1/x'],
      /^--database-url names .*127\.0\.0\.1:1\/x, .*ECONNREFUSED.*; start/,
    ],
    [['--database-url', nowhere.href], /^--database-url names (?!.*hidden).*\/nowhere, which cannot be used: /],
    [['--database-url', url, '--listen', '6543'], /^--listen is "6543", which is not an address; write HOST:PORT/],
    [['--database-url', url, '--listen', 'localhost:65536'], /^--listen is "localhost:65536"/],
    [['--database-url', url, '--listen', `127.0.0.1:${port}`], /^Cannot listen on 127\.0\.0\.1:\d+: .*EADDRINUSE/],
    [
      ['--database-url', url, '--listen', ':1', '--socket', '/tmp'],
      /^Both --listen :1 and --socket \/tmp were given; choose/,
    ],
  ]
  for (const [args, complaint] of cases) {
    const { code, stdout, stderr } = await callCommand(['sandbox', ...args])
    expect.soft({ code, stdout, stderr: stderr.trim() }, args.join(' ')).toEqual({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(complaint),
    })
    expect.soft(stderr.trim()).not.toContain('\n')
  }
  taken.close()
})
