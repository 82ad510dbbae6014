import { defineConfig } from '@playwright/test'
import { plainEnglish } from 'reprise/plain-english'

export default defineConfig({
  globalSetup: 'reprise/global-setup',
  projects: [
    {
      name: 'plain-english',
      ...plainEnglish({
        folder: import.meta.dirname,
        files: 'e2e/plain-english/*.txt', // a glob; this is the default
        test: 'e2e/test.ts', // the module whose `test` has the app
        sentences: 'e2e/plain-english/sentences.ts', // your own sentences; optional
        origins: ['https://api.example.com'], // of production
        allow: [], // other hosts that requests may be sent to
      }),
    },
  ],
})