/** Starts the Chromium of Debian, with which the trial builds the image. */
import { defineConfig } from '@playwright/test'

export default defineConfig({
  use: { launchOptions: { executablePath: '/usr/bin/chromium' } },
})
