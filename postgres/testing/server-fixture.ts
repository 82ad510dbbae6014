/**
 * Playwright's `test` with the server of the run and, for each test, an empty database. None is a fixture of the worker:
 * Playwright starts another worker for tests with other worker fixtures, in a shuffled order for every second file.
 */
import { test as base } from '@playwright/test'
import { requestRunServer, type WorkerServer } from '../run/run-server.ts'
import type { DatabaseServer } from '../server.ts'
import { type Clone, createClone } from '../templates/clone.ts'

export interface ServerFixtures {
  /** The one server of the run. */
  server: DatabaseServer
  /** The test's dedicated database, dropped at its end. */
  emptyDatabase: Clone
}

export const test = base.extend<ServerFixtures>({
  server: async ({}, use) => use(await workerServer()),
  emptyDatabase: async ({ server }, use) => {
    const database = await createClone(server)
    await use(database)
    await database.drop()
  },
})

/** Requests the server once a worker. */
export function workerServer(): Promise<WorkerServer> {
  requested ??= requestRunServer()
  return requested
}

let requested: Promise<WorkerServer> | undefined
