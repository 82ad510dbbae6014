/** The suite's projects. `npx playwright test --project=api` runs one of them. */
import { defineConfig } from '@playwright/test'
import { browserUse } from './fixtures/browser/chromium.ts'
import type { WorkerOptions } from './fixtures/index.ts'
import { plainEnglish } from './plain-english/project.ts'

const ci = Boolean(process.env.CI)
const isDeployed = Boolean(process.env.REPRISE_TARGET)

export default defineConfig<object, WorkerOptions>({
  globalSetup: './postgres/global-setup.ts',
  fullyParallel: true,
  // There nobody else needs the processors, and what passes only on a retry is named: `.ci/results.mjs`.
  ...(ci && { workers: '100%', retries: 1 }),
  forbidOnly: ci,
  reporter: [['list'], ['html', { open: 'never' }], ['json', { outputFile: '.reprise/results.json' }]],
  // Against a deployed environment what the specs create is removed again.
  use: { trace: 'retain-on-failure', target: { writes: 'cleaned' } },
  projects: [
    {
      name: 'unit',
      testMatch: '{postgres,sandbox,target,fixtures,plain-english,monitor,app,cli,docs,build}/**/*.test.ts',
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
