import { defineConfig } from '@playwright/test'
import type { Options, WorkerOptions } from 'reprise'

export default defineConfig<Options, WorkerOptions>({
  globalSetup: 'reprise/global-setup',
  use: {
    app: { command: 'python3 service.py', readyUrl: 'http://127.0.0.1:$PORT/health' },
    migrations: 'migrations',
    referenceData: 'reference-data.sql',
    target: { writes: 'cleaned' },
  },
  projects: [
    { name: 'api', testDir: 'e2e/api' },
    { name: 'jobs', testDir: 'e2e/jobs', use: { isolation: 'database' } },
  ],
})