/**
 * Measures how much a database adds to a run of one trivial spec, including start and stop of the server: with the package, as a
 * project installs it, and with the sources, as in this repository.
 */
import { execFile } from 'node:child_process'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { projectFolder, root } from '../testing/project-folder.ts'
import { median, sideBySide } from './median.ts'
import { writeProject } from './playwright-run.ts'
import { duration, type Section } from './table.ts'

/** @param test The module with the sample's `test`. */
const withDatabase = (test: string) => `
  import { expect, test } from '${test}'
  test('one', async ({ request }) => { expect((await request.get('/users')).status()).toBe(200) })`

// The same app without a database: only Playwright, Express and Node remain.
const withoutDatabase = `
  import { createServer } from 'node:http'
  import pg from 'pg'
  import { pino } from 'pino'
  import { expect, test } from '@playwright/test'
  import { createApp } from '../../../app/app.ts'
  test('one', async ({ playwright }) => {
    const app = createApp({ pool: new pg.Pool(), logger: pino({ level: 'silent' }) })
    const server = createServer(app)
    await new Promise(resolve => server.listen(0, '127.0.0.1', () => resolve(undefined)))
    const request = await playwright.request.newContext({ baseURL: 'http://127.0.0.1:' + server.address().port })
    expect((await request.get('/healthz')).status()).toBe(200)
    await request.dispose()
    server.close()
  })`

export async function measureColdStart(short: boolean): Promise<Section> {
  const built = projectFolder('bench')
  // What is in a folder of this name is loaded by Playwright as it is.
  const modules = path.join(built, 'node_modules/reprise')
  const database = await writeProject(
    { 'one.spec.ts': withDatabase(`${modules}/e2e/test.js`) },
    { globalSetup: `${modules}/postgres/global-setup.js` },
  )
  const sources = await writeProject({ 'one.spec.ts': withDatabase('../../../e2e/test.ts') })
  const none = await writeProject({ 'one.spec.ts': withoutDatabase })
  try {
    const build = ['--import', 'tsx', path.join(root, 'testing/built/main.ts'), modules]
    await promisify(execFile)(process.execPath, build, { cwd: root })
    // Also fills Playwright's cache of transpiled files, for all.
    for (const project of [database, sources, none]) await project.run()
    const warm = await sideBySide(
      { database: () => database.run(), sources: () => sources.run(), none: () => none.run() },
      short ? 1 : 15,
    )
    const first: number[] = []
    for (let i = 0; i < (short ? 1 : 3); i++) first.push(await measureFirstRun(database))
    const added = warm.database - warm.none
    return {
      title: 'A run of one trivial spec',
      rows: [
        { what: 'without a database', median: duration(warm.none) },
        {
          what: 'with a database, warm cache',
          median: duration(warm.database),
          relation: more(added),
          target: 'at most +0.3 s',
          missed: added > 300,
        },
        {
          what: 'with a database, from the sources, warm cache',
          median: duration(warm.sources),
          relation: more(warm.sources - warm.none),
        },
        {
          what: 'with a database, cold cache',
          median: duration(median(first)),
          relation: more(median(first) - warm.none),
          target: 'at most +2.5 s',
          missed: median(first) - warm.none > 2500,
        },
      ],
    }
  } finally {
    for (const project of [database, sources, none]) await project.remove()
    await rm(built, { recursive: true, force: true })
  }
}

async function measureFirstRun(project: { run(env: NodeJS.ProcessEnv): Promise<void> }): Promise<number> {
  const cache = await mkdtemp(path.join(tmpdir(), 'reprise-bench-'))
  // When started as root, the server runs under another account, which must be able to enter the folder; otherwise the
  // default cache would be used, which is warm.
  await chmod(cache, 0o755)
  try {
    const { first } = await sideBySide({ first: () => project.run({ XDG_CACHE_HOME: cache }) }, 1)
    return first
  } finally {
    await rm(cache, { recursive: true, force: true })
  }
}

const more = (ms: number): string => `${ms < 0 ? '' : '+'}${(ms / 1000).toFixed(2)} s`
