/** The test suites of other projects that can be run: what each needs on the server, and how it is started. */
import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Clock } from '../../postgres/templates/template-functions.ts'

/** Where the tests connect to. */
export interface Target {
  host: string
  port: number
  user: string
  password: string
  database: string
  /** Of the server itself, also where the tests connect to a sandbox. */
  serverPort: number
}

export interface DriverSuite {
  database: string
  /** Makes roles, before the database is made. */
  roles: string
  /** The role that owns the database. */
  owner: string
  /** Of the sandbox; `frozen` by default. */
  clock?: Clock
  /**
   * Points the tests in the checkout to the target. Resolves with the arguments of Node, and the environment.
   * `skip`: a regular expression for the titles of tests that are left out.
   */
  prepare: (
    checkout: string,
    target: Target,
    skip: string | undefined,
  ) => Promise<{ args: string[]; env: Record<string, string> }>
}

const without = (skip: string | undefined) => (skip === undefined ? [] : ['--grep', skip, '--invert'])

const jsonStream = ['node_modules/mocha/bin/mocha.js', '--exit', '--reporter', 'json-stream', '--timeout']

const postgresJs: DriverSuite = {
  database: 'postgres_js_test',
  roles: `
    drop role if exists postgres_js_test, postgres_js_test_md5, postgres_js_test_scram;
    create role postgres_js_test login;
    set password_encryption = 'md5';
    create role postgres_js_test_md5 login password 'postgres_js_test_md5';
    set password_encryption = 'scram-sha-256';
    create role postgres_js_test_scram login password 'postgres_js_test_scram'`,
  owner: 'postgres_js_test',
  prepare: async (checkout, { host, port, user, password, database, serverPort }, skip) => {
    const ours = pathToFileURL(path.join(import.meta.dirname, 'postgres-js-tests.mjs')).href
    const text = await readFile(path.join(checkout, 'tests/index.js'), 'utf8')
    const pointed = text.replaceAll(/'\.\/(bootstrap|test)\.js'/g, `'${ours}'`).replaceAll(/\b5432\b/g, `${port}`)
    const file = path.join(checkout, 'tests/pointed.js')
    await writeFile(file, pointed)
    return {
      args: [file],
      env: {
        PGHOST: host,
        PGPORT: `${port}`,
        PGUSER: user,
        PGPASSWORD: password,
        PGDATABASE: database,
        SERVER_PORT: `${serverPort}`,
        ...(skip !== undefined && { SKIP: skip }),
      },
    }
  },
}

const kysely: DriverSuite = {
  database: 'kysely_test',
  roles: '',
  owner: 'postgres',
  prepare: async (checkout, { host, port, user, password, database }, skip) => {
    const file = path.join(checkout, 'test/node/dist/test-setup.js')
    const text = await readFile(file, 'utf8').catch(cause => {
      throw new Error(`There is no ${file}: build the checkout (npx tsc && npx tsc -p test/node).`, { cause })
    })
    const config = JSON.stringify({ host, port, user, password, database })
    await writeFile(
      file,
      text.replace(/const POSTGRES_CONFIG = [^;]*/, `const POSTGRES_CONFIG = { ...${config}, max: POOL_SIZE }`),
    )
    return {
      args: [...jsonStream, '15000', ...without(skip), 'test/node/dist/**/*.test.js'],
      env: { DIALECTS: 'postgres' },
    }
  },
}

const knex: DriverSuite = {
  database: 'knex_test',
  roles: '',
  owner: 'postgres',
  prepare: async (checkout, { host, port, user, password, database }, skip) => {
    const file = path.join(checkout, 'test/pointed.js')
    const connection = { adapter: 'postgresql', host, port, user, password, database }
    await writeFile(file, `module.exports = ${JSON.stringify({ postgres: connection })}\n`)
    const config = ['--config', 'test/mocha-integration-config-test.js']
    return { args: [...jsonStream, '10000', ...without(skip), ...config], env: { DB: 'postgres', KNEX_TEST: file } }
  },
}

const pgBoss: DriverSuite = {
  database: 'pg_boss_test',
  roles: '',
  owner: 'postgres',
  clock: 'moving',
  prepare: async (checkout, { host, port, user, password, database }, skip) => {
    const config = { host, port, user, password, database, max: 3, debug: false }
    await writeFile(path.join(checkout, 'test/config.json'), `${JSON.stringify(config)}\n`)
    // The database is there already, and no other.
    const helper = path.join(checkout, 'test/testHelper.ts')
    await replaceIn(helper, "getDb({ database: 'postgres' })", 'getDb()')
    const reporter = path.join(import.meta.dirname, 'vitest-reporter.mjs')
    const options = ['--no-file-parallelism', '--no-typecheck', `--reporter=${reporter}`, '--no-color']
    const left = skip === undefined ? [] : ['--testNamePattern', `^(?!.*(${skip}))`]
    return { args: ['node_modules/vitest/vitest.mjs', 'run', ...options, ...left], env: {} }
  },
}

const graphileWorker: DriverSuite = {
  database: 'graphile_worker_test',
  roles: '',
  owner: 'postgres',
  clock: 'moving',
  prepare: async (checkout, { host, port, user, password, database }, skip) => {
    // All files use one database, one after the other. The same for each target: the second run finds it replaced.
    const details = `{
      TEST_CONNECTION_STRING: 'postgres:///${database}',
      PGHOST: process.env.PGHOST,
      PGDATABASE: '${database}',
      release: async () => {},
    }`
    const made = 'databaseDetails = await createTestDatabase();'
    await replaceIn(path.join(checkout, '__tests__/helpers.ts'), made, `databaseDetails = ${details};`)
    const reporter = path.join(import.meta.dirname, 'jest-reporter.cjs')
    const left = skip === undefined ? [] : ['--testNamePattern', `^(?!.*(${skip}))`]
    return {
      args: [
        '--experimental-vm-modules',
        'node_modules/jest/bin/jest.js',
        '-i',
        '--forceExit',
        '--reporters',
        reporter,
        ...left,
      ],
      env: {
        NO_LOG_SUCCESS: '1',
        PGHOST: host,
        PGPORT: `${port}`,
        PGUSER: user,
        PGPASSWORD: password,
      },
    }
  },
}

/** Replaces a text of the checkout, unless it has been replaced before. Throws for a version without it. */
async function replaceIn(file: string, from: string, to: string): Promise<void> {
  const text = await readFile(file, 'utf8')
  if (!text.includes(from) && !text.includes(to)) {
    throw new Error(`${file} has no \`${from}\`, which has to be replaced: check an earlier version out.`)
  }
  await writeFile(file, text.replaceAll(from, to))
}

export const suites: Readonly<Record<string, DriverSuite>> = {
  'postgres.js': postgresJs,
  kysely,
  knex,
  'pg-boss': pgBoss,
  'graphile-worker': graphileWorker,
}
