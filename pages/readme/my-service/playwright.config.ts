import { defineConfig } from '@playwright/test'

export default defineConfig({
  globalSetup: 'reprise/global-setup',
  fullyParallel: true,
  reporter: [['list'], ['html', { open: 'never' }]],
  use: { trace: 'retain-on-failure' },
})