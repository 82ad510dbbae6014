/** Makes the pictures of the monitor's pages: `npm run pictures`. */
import { defineConfig } from '@playwright/test'

export default defineConfig({
  globalSetup: '../../../postgres/global-setup.ts',
  outputDir: '../../../.reprise/pictures/monitor',
  reporter: 'line',
  workers: 1,
})
