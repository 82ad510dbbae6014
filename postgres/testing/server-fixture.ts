/** Playwright's `test` with the server of the run and, for each test, an empty database. */
import { test as base } from '@playwright/test'
import { requestRunServer } from '../run/run-server.ts'
import type { DatabaseServer } from '../server.ts'
import { type Clone, createClone } from '../templates/clone.ts'

export interface ServerFixtures {
  /** The test's dedicated database, dropped at its end. */
  emptyDatabase: Clone
}

export interface ServerWorkerFixtures {
  /** The one server of the run. */
  server: DatabaseServer
}

export const test = base.extend<ServerFixtures, ServerWorkerFixtures>({
  server: [async ({}, use) => use(await requestRunServer()), { scope: 'worker' }],
  emptyDatabase,
})

export async function emptyDatabase(
  { server }: ServerWorkerFixtures,
  use: (database: Clone) => Promise<void>,
): Promise<void> {
  const database = await createClone(server)
  await use(database)
  await database.drop()
}
