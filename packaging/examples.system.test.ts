/** Tests each folder of `examples/` as a user would run it: installed from the package, by the commands of its README. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync } from 'node:fs'
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, mergeTests } from '@playwright/test'
import { readyWithin } from '../fixtures/readiness.ts'
import { test as onServer } from '../postgres/testing/server-fixture.ts'
import { findProgram } from '../testing/installed-programs.ts'
import { install, otherEnvironment, pack, test as packaged, root, run } from './testing/package-fixture.ts'

const examples = path.join(root, 'examples')

const test = mergeTests(packaged, onServer).extend<{ folder: string }>({
  // Outside of the repository, whose own packages it would find.
  folder: async ({}, use) => {
    const folder = await mkdtemp(path.join(tmpdir(), 'reprise-example-'))
    await use(folder)
    await rm(folder, { recursive: true, force: true })
  },
})

/** Why an example cannot run on this machine. */
const unmet: Record<string, string | undefined> = {
  'python-flask': findProgram(['/usr/bin/python3'], '-c', 'import flask, psycopg')
    ? undefined
    : '/usr/bin/python3 lacks Flask or psycopg 3: apt-get install python3-flask python3-psycopg.',
}

// In one worker, so that the package is built once.
test.describe.configure({ mode: 'default' })

for (const { name } of readdirSync(examples, { withFileTypes: true }).filter(entry => entry.isDirectory())) {
  test(`the example ${name} passes by its README`, async ({ built, folder, emptyDatabase }) => {
    test.skip(unmet[name] !== undefined, unmet[name])
    const project = path.join(folder, 'examples', name)
    await cp(path.join(examples, name), project, { recursive: true })
    const readme = await readFile(path.join(project, 'README.md'), 'utf8')
    const lines = [...readme.matchAll(/^```sh\n(.*?)^```/gms)].flatMap(([, block = '']) => block.trim().split('\n'))
    expect(lines[0]).toBe('npm install')
    expect(JSON.parse(await readFile(path.join(project, 'package.json'), 'utf8')).devDependencies.reprise).toBe(
      `file:${path.relative(project, await pack(built, folder))}`,
    )
    await install(project)
    // Prisma's generator does not run its engine, and downloads it unless there is a file for it.
    const env = { ...otherEnvironment(), PRISMA_SCHEMA_ENGINE_BINARY: process.execPath }
    for (const line of lines.slice(1)) await run('sh', ['-c', line], { cwd: project, env })
    expect(lines.length).toBeGreaterThan(1)
    if (existsSync(path.join(project, 'monitor.config.ts'))) await expectMonitored(project, emptyDatabase.url)
  })
}

/** Starts the service by its own command, without migrations, and stops it: the monitor reports it up, then down. */
async function expectMonitored(project: string, databaseUrl: string): Promise<void> {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const env = { ...otherEnvironment(), DATABASE_URL: databaseUrl, PORT: port, NOTES_URL: url }
  const monitored = () =>
    run('npx', ['reprise', 'monitor', 'run'], { cwd: project, env }).then(
      ({ stdout }) => ({ code: 0, stdout }),
      ({ code, stdout }) => ({ code, stdout }),
    )
  // In a group of its own, as npm starts the service in a process of its own.
  const service = spawn('npm', ['start'], { cwd: project, env, stdio: 'ignore', detached: true })
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
