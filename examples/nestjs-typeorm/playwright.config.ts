import { defineConfig } from '@playwright/test'
import { redactedReport } from 'reprise/reporter'

export default defineConfig({
  testDir: 'e2e',
  // Starts one Postgres for the run, when a spec is loaded that may need it.
  globalSetup: 'reprise/global-setup',
  fullyParallel: true,
  // Playwright's HTML report without credentials, and with a summary of the run: npx playwright show-report
  reporter: [['list'], ...redactedReport()],
  use: { trace: 'retain-on-failure' },
})
