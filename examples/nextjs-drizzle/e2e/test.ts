/** Starts the built service on a migrated database, for specs that import `test` from here. */
import { test as base, type WorkerOptions } from 'reprise'

export { expect } from 'reprise'

export const test = base.extend<object, WorkerOptions>({
  app: [
    { command: 'npm start', readyUrl: 'http://127.0.0.1:$PORT/health' },
    { scope: 'worker', option: true },
  ],
  migrations: ['drizzle', { scope: 'worker', option: true }],
})
