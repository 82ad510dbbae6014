import path from 'node:path'
import { test as base } from 'reprise'
import { createApp } from './app.ts'

export { expect } from 'reprise'

export const test = base.extend({
  // A function of { pool, databaseUrl } that returns a request listener (an Express app is one), or { url, close }.
  app: [async ({}, use) => use(({ pool }) => createApp(pool)), { scope: 'worker' }],
  // A folder of SQL files, a command that runs your tool, or a function of the database's URL.
  migrations: [path.join(import.meta.dirname, 'migrations'), { scope: 'worker' }],
  // Rows that every test needs: an SQL file, or a function.
  referenceData: [path.join(import.meta.dirname, 'reference-data.sql'), { scope: 'worker' }],
})