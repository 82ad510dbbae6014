/** The suite's projects. `npx playwright test --project=api` runs one of them; `CONTRIBUTING.md` says which to run when. */
import { availableParallelism } from 'node:os'
import { defineConfig } from '@playwright/test'
import { browserUse } from './fixtures/browser/chromium.ts'
import type { WorkerOptions } from './fixtures/index.ts'
import { plainEnglish } from './plain-english/playwright/project.ts'

const ci = Boolean(process.env.CI)
const isDeployed = Boolean(process.env.REPRISE_TARGET)
const cores = availableParallelism()

const folders = [
  ...['processes', 'postgres', 'sandbox', 'environment', 'fixtures', 'reporter', 'plain-english', 'monitor', 'app'],
  ...['cli', 'containers', 'docs', 'packaging', 'testing'],
]

/**
 * A project of tests that use neither Playwright's browser nor its requests: there is nothing to trace. The limits are for
 * tests that hang; no test measures the speed of the machine with them.
 */
const tier = (name: string, suffix: string, { workers, timeout }: { workers: number; timeout: number }) => ({
  name,
  // No glob: with 14 alternatives it took Playwright half a second at each start.
  testMatch: new RegExp(`/(?:${folders.join('|')})/.+\\.${suffix.replaceAll('.', '\\.')}$`),
  workers,
  timeout,
  expect: { timeout: 60_000 },
  use: { trace: 'off' as const },
})

export default defineConfig<object, WorkerOptions>({
  globalSetup: './postgres/global-setup.ts',
  fullyParallel: true,
  // More than cores: tests of whole processes wait for most of their time.
  workers: 2 * cores,
  timeout: 120_000,
  // What passes only on a retry is named, and at most three tests may: `.ci/results.mjs`.
  ...(ci && { retries: 1 }),
  forbidOnly: ci,
  reporter: [['list'], ['html', { open: 'never' }], ['json', { outputFile: '.reprise/results.json' }]],
  // Against a deployed environment what the specs create is removed again.
  use: { trace: 'retain-on-failure', target: { writes: 'cleaned' } },
  projects: [
    // First, since its tests take longest: the other projects fill the workers that it leaves.
    tier('system', 'system.test.ts', { workers: 2 * cores, timeout: 300_000 }),
    {
      // More than cores: many of these tests wait for a time limit, and all while Postgres works.
      ...tier('database', 'db.test.ts', { workers: Math.ceil(1.5 * cores), timeout: 120_000 }),
      // File by file: the tests of a file mostly share their worker's fixtures. In CI, which shuffles, nearly each test
      // would start a worker otherwise.
      fullyParallel: false,
    },
    {
      // One more than cores: some of these tests wait for a time limit as well.
      ...tier('unit', 'test.ts', { workers: cores + 1, timeout: 60_000 }),
      // Likewise: else each worker would load each file.
      fullyParallel: false,
      testIgnore: /\.(?:db|system)\.test\.ts$/,
    },
    { name: 'api', testMatch: 'e2e/api/**/*.spec.ts' },
    {
      name: 'browser',
      testMatch: 'e2e/browser/**/*.spec.ts',
      use: browserUse(),
    },
    {
      name: 'plain-english',
      ...plainEnglish({
        folder: import.meta.dirname,
        files: 'e2e/plain-english/*.txt',
        test: 'e2e/test.ts',
        sentences: 'e2e/plain-english/sentences.ts',
        origins: ['https://api.example.com'],
      }),
      use: browserUse(),
    },
    // What is tagged @smoke relies on nothing but what it creates.
    ...(isDeployed
      ? [{ name: 'deployed', testMatch: 'e2e/api/**/*.spec.ts', grep: /@smoke/, grepInvert: /@local/ }]
      : []),
  ],
})
