import { defineConfig, devices } from '@playwright/test'
import type { Options, WorkerOptions } from 'reprise'
import type { Account } from './tests/fixtures/account'

export default defineConfig<Account & Options, WorkerOptions>({
  testDir: 'tests',
  globalSetup: 'reprise/global-setup',
  fullyParallel: true,
  forbidOnly: !!process.env.CI,
  retries: process.env.CI ? 1 : 0,
  reporter: [['list'], ['html', { open: 'never' }]],
  expect: { timeout: 10_000 },
  use: {
    baseURL: process.env.NOTES_URL ?? 'http://127.0.0.1:3000',
    app: { command: 'npm start', readyUrl: 'http://127.0.0.1:$PORT/health' },
    migrations: 'migrations',
    userName: 'ada',
    // The fallback is for the local service, whose migrations have created the user.
    password: process.env.NOTES_PASSWORD ?? (process.env.NOTES_URL ? '' : 'analytical-engine'),
    testIdAttribute: 'data-test',
    locale: 'en-GB',
    extraHTTPHeaders: { 'accept-language': 'en' },
    actionTimeout: 10_000,
    trace: 'retain-on-failure',
    launchOptions: { executablePath: process.env.CHROMIUM_PATH },
  },
  projects: [
    { name: 'setup', testMatch: '*.setup.ts', use: { isolation: 'seed' } },
    {
      name: 'api',
      testMatch: 'api/**/*.spec.ts',
      use: { storageState: '.auth/user.json' },
      dependencies: ['setup'],
    },
    {
      name: 'chromium',
      testMatch: 'pages/**/*.spec.ts',
      use: { ...devices['Desktop Chrome'], storageState: '.auth/user.json' },
      dependencies: ['setup'],
    },
  ],
})
