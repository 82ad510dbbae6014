/** Runs the failing test of which the pictures show the evidence: `npm run pictures`. */
import { defineConfig } from '@playwright/test'

export default defineConfig({
  globalSetup: '../../../postgres/global-setup.ts',
  outputDir: '../../../.reprise/pictures',
  reporter: 'line',
  workers: 1,
})
