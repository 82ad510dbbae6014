// Configures `test` for the sample: its app, its migrations, its reference data.
import { join } from 'node:path'
import { pino } from 'pino'
import { createApp } from '../app/app.ts'
import { test as base, expect } from '../fixtures/index.ts'

const folder = join(import.meta.dirname, '../app')

/** Playwright's `test`, with the sample under test. */
export const test = base.extend({
  // Wrapped in a function, because Playwright would treat the app's factory itself as a fixture.
  app: [
    async ({}, use) => {
      const logger = pino({ level: 'silent' })
      await use(({ pool, mailUrl }) => {
        const mail = mailUrl === undefined ? undefined : { smtpUrl: mailUrl, publicUrl: 'https://api.example.com' }
        return createApp({ pool, logger, mail })
      })
    },
    { scope: 'worker' },
  ],
  migrations: [join(folder, 'migrations'), { scope: 'worker' }],
  referenceData: [join(folder, 'reference-data.sql'), { scope: 'worker' }],
})

export { expect }
