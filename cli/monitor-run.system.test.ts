import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { test as base, chromium, expect } from '@playwright/test'
import { type Clone, makeClone, sampleFiles } from '../docs/readme/clone.ts'
import { bin, startShell } from '../docs/readme/shell.ts'
import { findChromium } from '../fixtures/browser/chromium.ts'
import type { RunDocument } from '../monitor/replay/document.ts'
import { startCommand } from '../testing/nested-monitor/started-command.ts'
import { root } from '../testing/project-folder.ts'
import { callCommand } from './testing/called-command.ts'
import { type StartedSample, startSample } from './testing/started-sample.ts'

interface RunFixtures {
  config: (text: string) => Promise<string>
  sample: StartedSample
  /** The repository's configuration and specs. */
  clone: Clone
}

const test = base.extend<RunFixtures>({
  sample: async ({}, use) => {
    const sample = await startSample('node')
    await use(sample)
    // In case the test has failed before that.
    if (sample.process.exitCode === null && sample.process.signalCode === null) await sample.end('SIGTERM')
  },
  clone: async ({}, use) => {
    const clone = await makeClone(await sampleFiles())
    await use(clone)
    await clone.remove()
  },
  config: async ({}, use) => {
    const folder = await mkdtemp(path.join(tmpdir(), 'reprise-config-'))
    await use(async text => {
      const file = path.join(folder, 'monitor.config.mjs')
      await writeFile(file, text)
      return file
    })
    await rm(folder, { recursive: true })
  },
})

// Playwright starts a new worker after each failed test.
test('replays against the sample, leaves no row, and reports when the sample has ended', async ({
  sample,
  clone: { folder },
}) => {
  const env = { REPRISE_TARGET: sample.url }
  const old = path.join(folder, '.reprise/runs/20200131T235959Z-old')
  await mkdir(old, { recursive: true })
  await utimes(old, 1_580_000_000, 1_580_000_000)
  const good = await startCommand(['monitor', 'run', '--json'], { env, folder }).result
  expect(good).toMatchObject({ code: 0, stderr: '' })
  const document: RunDocument = JSON.parse(good.stdout)
  // No monitor runs that would remove it.
  expect(await readdir(path.dirname(old))).toEqual([document.run])
  const results = document.checks.map(({ name, specs, ledger }) => {
    return [name, { replayed: specs.length > 0, wrote: ledger.removed > 0, unresolved: ledger.unresolved }]
  })
  expect(Object.fromEntries(results)).toMatchObject({
    users: { replayed: true, wrote: true, unresolved: 0 },
    http: { replayed: true, wrote: false, unresolved: 0 },
    english: { replayed: true, wrote: true, unresolved: 0 },
  })
  expect(await (await fetch(`${sample.url}/users`)).json()).toEqual({ users: [], next: null })
  await expectReport(path.join(folder, document.report ?? 'no report'), 'a deleted user does not exist')

  await sample.end('SIGTERM')
  // In the repository itself: the command line, the replay and what the specs import are the sources.
  const gone = await startShell(`${bin} monitor run http`, { cwd: root, env }).result()
  expect(gone.code).toBe(1)
  expect(gone.output).toMatch(/^http {2}failed .*\n {2}failed {2}e2e\/api\/http\.spec\.ts:\d+ › /m)
  const [, reportFolder] = /Report: (\.reprise\/runs\/[^\s/]+)\/\S+$/.exec(gone.output.trim()) ?? []
  if (reportFolder === undefined) throw new Error(`It has no report:\n${gone.output}`)
  await rm(path.join(root, reportFolder), { recursive: true })
})

test('a faulty configuration is an error with every fault, as text and as JSON', async ({ config }) => {
  const file = await config(`export default { environments: { staging: { baseUrl: 'x' } }, checks: {} }`)
  for (const command of ['run', 'validate']) {
    const { code, stdout, stderr } = await callCommand(['monitor', command, '--json', '--config', file])
    expect(code).toBe(2)
    expect(JSON.parse(stdout)).toMatchObject({
      exitCode: 2,
      faults: [{ path: 'environments.staging.baseURL' }, { path: 'environments.staging.baseUrl', value: '"x"' }],
    })
    expect(stderr).toMatch(
      /has 2 faults:\n(.*\n)+.*baseUrl is "x": there is no such setting; did you mean baseURL\?\n$/,
    )
  }
})

test('without checks there is nothing to replay', async ({ config }) => {
  const file = await config(
    `export default { environments: { staging: { baseURL: 'http://127.0.0.1:1' } }, checks: {} }`,
  )
  const { code, stdout } = await callCommand(['monitor', 'run', '--config', file])
  expect({ code, stdout }).toEqual({ code: 3, stdout: 'There are no checks.\n' })
})

for (const [args, message] of [
  [['run', 'usres'], 'There is no check "usres"; did you mean users?'],
  [['run', '--evn', 'production'], 'monitor run has no option --evn; did you mean --env?'],
  [['run', '--env', 'prod'], '--env is "prod": there is no such environment; there is production'],
  [['run', '--env'], '--env of monitor run needs a value; see --help.'],
  [['validate', 'users'], 'monitor validate takes no "users"; see --help.'],
  [['run', '--config', 'none.ts'], 'none.ts has a fault:\n  - none.ts is missing: there is no such file'],
] as const) {
  test(`monitor ${args.join(' ')} is an error`, async () => {
    const { code, stdout, stderr } = await callCommand(['monitor', ...args])
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(message)
  })
}

async function expectReport(file: string, title: string): Promise<void> {
  const found = findChromium()
  test.skip(!found, 'No browser was found.')
  const browser = await chromium.launch(found?.kind === 'system' ? { executablePath: found.executablePath } : {})
  const page = await browser.newPage()
  await page.goto(pathToFileURL(file).href)
  await expect(page.getByText(title)).toBeVisible()
  await browser.close()
}
