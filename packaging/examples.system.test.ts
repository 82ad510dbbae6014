/** Tests each folder of `examples/` as a user would run it: installed from the package, by the commands of its README. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync } from 'node:fs'
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import path from 'node:path'
import { expect, mergeTests } from '@playwright/test'
import { glob } from 'tinyglobby'
import { browserMissing, browserUse, findChromium } from '../fixtures/browser/chromium.ts'
import { readyWithin } from '../fixtures/readiness.ts'
import { test as onServer } from '../postgres/testing/server-fixture.ts'
import { findProgram } from '../testing/installed-programs.ts'
import { shownTests } from '../testing/nested-monitor/html-report.ts'
import { textsIn } from '../testing/nested-monitor/texts.ts'
import { install, otherEnvironment, test as packaged, root, run } from './testing/package-fixture.ts'

const examples = path.join(root, 'examples')

const test = mergeTests(packaged, onServer).extend<{ project: (name: string) => Promise<string> }>({
  /** Copies an example to where the archive of its package.json is. */
  project: async ({ packed }, use) => {
    const folder = await mkdtemp(path.join(path.dirname(packed.archive), 'examples/'))
    await use(async name => {
      await cp(path.join(examples, name), folder, { recursive: true })
      await packed.furnish(folder)
      return folder
    })
    await rm(folder, { recursive: true, force: true })
  },
})

/** Why an example cannot run on this machine. */
const unmet: Record<string, string | undefined> = {
  'existing-suite': findChromium() ? undefined : browserMissing,
  'python-flask': findProgram(['/usr/bin/python3'], '-c', 'import flask, psycopg')
    ? undefined
    : '/usr/bin/python3 lacks Flask or psycopg 3: apt-get install python3-flask python3-psycopg.',
  ruby: findProgram(['/usr/bin/ruby'], '-e', 'require "pg"; require "webrick"')
    ? undefined
    : '/usr/bin/ruby lacks pg or WEBrick: apt-get install ruby ruby-pg ruby-webrick.',
}

const env = {
  ...otherEnvironment(),
  // Prisma's generator does not run its engine, and downloads it unless there is a file for it.
  PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
  CHROMIUM_PATH: browserUse().launchOptions.executablePath,
  NEXT_TELEMETRY_DISABLED: '1',
}

for (const { name } of readdirSync(examples, { withFileTypes: true }).filter(entry => entry.isDirectory())) {
  test(`the example ${name} passes by its README`, { tag: '@registry' }, async ({ packed, project, emptyDatabase }) => {
    test.skip(unmet[name] !== undefined, unmet[name])
    const folder = await project(name)
    const readme = await readFile(path.join(folder, 'README.md'), 'utf8')
    const [first = '', ...lines] = linesOf(readme, 'sh')
    expect(first).toBe('npm install')
    expect(JSON.parse(await readFile(path.join(folder, 'package.json'), 'utf8')).devDependencies.reprise).toBe(
      `file:${path.relative(folder, packed.archive)}`,
    )
    await test.step(first, () => install(folder))
    const temporary = path.join(folder, 'temporary')
    await mkdir(temporary)
    for (const line of lines) await test.step(line, () => runLine(line, folder, temporary))
    expect(lines.length).toBeGreaterThan(0)
    // Playwright keeps what it has compiled there, and so do tsx and others.
    if (!existsSync(path.join(folder, 'playwright.config.ts'))) expect(await readdir(temporary)).toEqual([])
    await expectReported(folder)
    if (name === 'fastify-knex') await expectEvidence(folder)
    if (existsSync(path.join(folder, 'monitor.config.ts'))) await expectMonitored(folder, emptyDatabase.url)
  })
}

test('the binding of each example has at most 15 lines', async () => {
  const bindings = await glob('*/e2e/test.ts', { cwd: examples })
  expect(bindings.length).toBeGreaterThan(5)
  for (const file of bindings) {
    const text = await readFile(path.join(examples, file), 'utf8')
    const lines = text.split('\n').filter(line => !/^\s*(\/\/.*|\/\*\*.*\*\/)?$/.test(line))
    expect.soft(lines.length, file).toBeLessThanOrEqual(15)
  }
})

test('the suite that exists already has the new lines of its README, at most 15', async () => {
  const folder = path.join(examples, 'existing-suite')
  const added = linesOf(await readFile(path.join(folder, 'README.md'), 'utf8'), 'diff').filter(line => line[0] === '+')
  expect(added.length).toBeLessThanOrEqual(15)
  const files = ['playwright.config.ts', 'tests/fixtures/index.ts'].map(name =>
    readFile(path.join(folder, name), 'utf8'),
  )
  const lines = (await Promise.all(files)).flatMap(text => text.split('\n'))
  expect(lines).toEqual(expect.arrayContaining(added.map(line => line.slice(1))))
})

/** Throws with what the command has printed: Playwright writes errors to stdout. */
async function runLine(line: string, folder: string, temporary: string): Promise<void> {
  await run('sh', ['-c', line], { cwd: folder, env: { ...env, TMPDIR: temporary } }).catch(({ message, stdout }) => {
    throw new Error(`${message}\n${stdout}`)
  })
}

/** The reporter of the package has made the report, if the example has it. */
async function expectReported(folder: string): Promise<void> {
  const config = await readFile(path.join(folder, 'playwright.config.ts'), 'utf8').catch(() => '')
  if (!config.includes('redactedReport')) return
  const shown = await shownTests(path.join(folder, 'playwright-report/index.html'))
  const attached = shown.flatMap(({ results }) => results.flatMap(({ attachments }) => attachments))
  expect(attached.filter(({ name }) => name === 'summary of the run')).toHaveLength(1)
  expect(existsSync(path.join(folder, '.reprise/history/runs.jsonl'))).toBe(true)
}

/** A spec that fails shows the statement below its request, without what was sent as a credential. */
async function expectEvidence(folder: string): Promise<void> {
  const key = 'Bw61Tf-Yx39Qvz'
  const spec = `import { expect, test } from './test.js'
    test('breaks', async ({ request }) => {
      const headers = { 'x-api-key': process.env.SENT_KEY ?? '' }
      const response = await request.post('/notes', { headers, data: { titles: ['tea', 'tea'] } })
      expect(response.status()).toBe(201)
    })`
  await writeFile(path.join(folder, 'e2e/breaks.spec.ts'), spec)
  const failed = run('npx', ['playwright', 'test', 'breaks'], { cwd: folder, env: { ...env, SENT_KEY: key } })
  await expect(failed).rejects.toMatchObject({ code: 1 })
  const report = path.join(folder, 'playwright-report')
  const [shown] = await shownTests(path.join(report, 'index.html'))
  const attachments = shown?.results[0]?.attachments ?? []
  expect(attachments.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['timeline.html', 'timeline.json', 'requests.txt', 'trace', 'summary of the run']),
  )
  const json = attachments.find(({ name }) => name === 'timeline.json')?.path ?? ''
  const { entries } = JSON.parse(await readFile(path.join(report, json), 'utf8'))
  const posted = entries.find(({ kind }: { kind: string }) => kind === 'exchange')
  expect(posted).toMatchObject({ method: 'POST', status: 409, location: { file: 'e2e/breaks.spec.ts', line: 4 } })
  // The service has made its pool itself.
  expect(entries).toContainEqual(
    expect.objectContaining({
      kind: 'statement',
      sql: expect.stringContaining('insert into "notes"'),
      error: expect.objectContaining({ code: '23505' }),
      parent: posted.id,
      isInferred: true,
    }),
  )
  expect((await Promise.all([report, path.join(folder, 'test-results')].map(textsIn))).flat().join('\n')).not.toContain(
    key,
  )
}

/** The lines of all blocks in a language. */
function linesOf(markdown: string, language: string): string[] {
  const blocks = markdown.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))
  return [...blocks].flatMap(([, block = '']) => block.trim().split('\n'))
}

/** Starts the service by its own command, migrated if it has a script for that, and stops it: the monitor reports it up, then down. */
async function expectMonitored(project: string, databaseUrl: string): Promise<void> {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const deployed = {
    ...env,
    DATABASE_URL: databaseUrl,
    PORT: port,
    NOTES_URL: url,
    // That of the migrations of `existing-suite`.
    NOTES_PASSWORD: 'analytical-engine',
  }
  // Not by npx, which takes as long as the command itself.
  const monitored = () =>
    test.step('reprise monitor run', () =>
      run(path.join(project, 'node_modules/.bin/reprise'), ['monitor', 'run'], { cwd: project, env: deployed }).then(
        ({ stdout }) => ({ code: 0, stdout }),
        ({ code, stdout }) => ({ code, stdout }),
      ))
  const { scripts } = JSON.parse(await readFile(path.join(project, 'package.json'), 'utf8'))
  if (scripts.migrate) await run('npm', ['run', 'migrate'], { cwd: project, env: deployed })
  // In a group of its own, as npm starts the service in a process of its own.
  const service = spawn('npm', ['start'], { cwd: project, env: deployed, stdio: 'ignore', detached: true })
  const exited = once(service, 'exit')
  try {
    expect(await readyWithin(20_000, new URL('/health', url), new AbortController().signal)).toBeUndefined()
    expect(await monitored()).toEqual({ code: 0, stdout: expect.stringMatching(/^service +passed/m) })
  } finally {
    process.kill(-Number(service.pid))
    await exited
  }
  expect(await monitored()).toEqual({ code: 1, stdout: expect.stringMatching(/^service +failed/m) })
}

async function freePort(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = Object(server.address())
  await new Promise(resolve => server.close(resolve))
  return String(port)
}
