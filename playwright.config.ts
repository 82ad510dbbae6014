/** The suite's projects. `npx playwright test --project=api` runs one of them. */
import { defineConfig } from '@playwright/test'
import { browserMissing, findChromium } from './fixtures/browser/chromium.ts'
import type { WorkerOptions } from './fixtures/index.ts'

const browser = findChromium()
const ci = Boolean(process.env.CI)

export default defineConfig<object, WorkerOptions>({
  globalSetup: './postgres/global-setup.ts',
  fullyParallel: true,
  forbidOnly: ci,
  reporter: [['list'], ['html', { open: 'never' }], ['json', { outputFile: '.reprise/results.json' }]],
  use: { trace: 'retain-on-failure' },
  projects: [
    { name: 'unit', testMatch: '{postgres,sandbox,target,fixtures,app,cli,docs}/**/*.test.ts' },
    { name: 'api', testMatch: 'e2e/api/**/*.spec.ts' },
    {
      name: 'browser',
      testMatch: 'e2e/browser/**/*.spec.ts',
      use: {
        ...(!browser && { browserMissing }),
        launchOptions: {
          ...(browser?.kind === 'system' && { executablePath: browser.executablePath }),
          // A browser of the system would otherwise look for updates and more while specs run.
          args: ['--disable-background-networking', '--disable-component-update', '--disable-sync'],
        },
      },
    },
  ],
})
