import { defineConfig } from '@playwright/test'

export default defineConfig({
  testDir: 'e2e',
  // Starts one Postgres for the run, when a spec is loaded that may need it.
  globalSetup: 'reprise/global-setup',
  fullyParallel: true,
  reporter: [['list'], ['html', { open: 'never' }]],
  use: { trace: 'retain-on-failure' },
})
