/** Runs the tests of a suite once: on a server itself, or in a sandbox in front of it. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { databaseUrl, withClient } from '../../postgres/connection.ts'
import { createDatabase, dropDatabase } from '../../postgres/database.ts'
import { templateFunctions } from '../../postgres/templates/template-functions.ts'
import { Sandbox } from '../../sandbox/sandbox.ts'
import type { DriverSuite, Target } from './suites.ts'

export interface SuiteRun {
  suite: DriverSuite
  /** The folder of the other project, with its dependencies installed. */
  checkout: string
  /** The URL of a superuser. */
  server: string
  /** How long all tests together may take, in milliseconds. */
  limit: number
  /** A regular expression for the titles of tests that are left out. */
  skip: string | undefined
}

export interface TestResults {
  /** The error of each test that has failed, `undefined` of each that has passed, by the test's title. */
  tests: ReadonlyMap<string, string | undefined>
  /** Why tests may be missing, or may have failed: the process or the sandbox has ended. */
  ended: string[]
}

export async function runOnServer(run: SuiteRun): Promise<TestResults> {
  return withDatabase(run, async url => runTests(run, targetOf(run, url)))
}

/** A sandbox that ends is replaced by a new one, so that only the tests that rely on what was done before fail. */
export async function runInSandbox(run: SuiteRun): Promise<TestResults> {
  return withDatabase(run, async url => {
    // As in a database of a spec.
    await withClient(url, async client => client.query(await templateFunctions(client, run.suite.clock)))
    const ended: string[] = []
    const open = async (port: number): Promise<Sandbox> => {
      const opened = await Sandbox.connect(url, { tcp: { host: '127.0.0.1', port } })
      opened.onBroken = reason => {
        ended.push(`The sandbox has ended: ${reason.message}`)
        current = current.then(async broken => {
          await broken.dispose()
          return open(Number(new URL(broken.url).port))
        })
      }
      opened.open()
      return opened
    }
    let current = open(0)
    const { url: sandboxUrl } = await current
    try {
      const results = await runTests(run, targetOf(run, sandboxUrl))
      return { ...results, ended: [...ended, ...results.ended] }
    } finally {
      await (await current).dispose()
    }
  })
}

async function withDatabase<T>({ server, suite }: SuiteRun, work: (url: string) => Promise<T>): Promise<T> {
  await withClient(server, async client => {
    await dropDatabase(client, suite.database)
    await client.query(suite.roles)
    await createDatabase(client, suite.database, 'template1')
    await client.query(`alter database ${suite.database} owner to ${suite.owner}`)
  })
  try {
    return await work(databaseUrl(server, suite.database))
  } finally {
    await withClient(server, client => dropDatabase(client, suite.database))
  }
}

function targetOf({ server, suite }: SuiteRun, url: string): Target {
  const { hostname, port, username, password } = new URL(url)
  return {
    host: hostname,
    port: Number(port),
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
    database: suite.database,
    serverPort: Number(new URL(server).port),
  }
}

async function runTests({ suite, checkout, limit, skip }: SuiteRun, target: Target): Promise<TestResults> {
  const { args, env } = await suite.prepare(checkout, target, skip)
  const { PATH, HOME } = process.env
  const child = spawn(process.execPath, args, { cwd: checkout, env: { PATH, HOME, ...env } })
  let isLate = false
  const timer = setTimeout(() => {
    isLate = true
    child.kill('SIGKILL')
  }, limit)
  const [output, errors, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  clearTimeout(timer)
  const tests = readTests(output)
  const ended = []
  if (isLate) ended.push(`The tests had not ended after ${limit / 1000} s.`)
  if (tests.size === 0) ended.push(`No test has run; the exit code was ${code}:\n${errors.slice(-2000)}`)
  return { tests, ended }
}

/** Reads the lines of Mocha's reporter json-stream; others are what tests print. */
function readTests(output: string): Map<string, string | undefined> {
  const tests = new Map<string, string | undefined>()
  for (const [line, event] of output.matchAll(/^\["(pass|fail)",\{.*\}\]$/gm)) {
    const [, { fullTitle, err }] = JSON.parse(line) as [string, { fullTitle: string; err?: string }]
    let title = fullTitle
    for (let nth = 2; tests.has(title); nth++) title = `${fullTitle} (${nth})`
    tests.set(title, event === 'fail' ? (err ?? 'failed') : undefined)
  }
  return tests
}
