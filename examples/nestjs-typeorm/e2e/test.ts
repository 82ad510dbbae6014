/** Starts the service on a migrated database, for specs that import `test` from here. */
import { test as base, type WorkerOptions } from 'reprise'

export { expect } from 'reprise'

const worker = { scope: 'worker', option: true } as const

export const test = base.extend<object, WorkerOptions>({
  app: [{ command: 'npm start', readyUrl: 'http://127.0.0.1:$PORT/health' }, worker],
  migrations: [{ command: 'npx typeorm migration:run -d dist/data-source.js', files: ['dist'] }, worker],
})
