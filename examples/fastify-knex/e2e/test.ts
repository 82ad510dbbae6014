/** Starts the service in this process on a migrated database, for specs that import `test` from here. */
import { test as base, type WorkerOptions } from 'reprise'
import { createApp } from '../app.js'

export { expect } from 'reprise'

export const test = base.extend<object, WorkerOptions>({
  app: [async ({}, use) => use(start), { scope: 'worker' }],
  migrations: [{ command: 'npx knex migrate:latest', files: ['knexfile.js', 'migrations'] }, { scope: 'worker' }],
})

async function start({ databaseUrl }: { databaseUrl: string }) {
  const app = createApp(databaseUrl)
  return { url: await app.listen(), close: () => app.close() }
}
