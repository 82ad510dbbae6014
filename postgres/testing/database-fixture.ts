/**
 * Playwright's `test` with what `server-fixture.ts` gives, but without fixtures of the worker. Playwright starts another worker
 * for tests with other worker fixtures: in a shuffled order that would be every second one.
 */
import { test as base } from '@playwright/test'
import { requestRunServer } from '../run/run-server.ts'
import { emptyDatabase, type ServerFixtures, type ServerWorkerFixtures } from './server-fixture.ts'

export const test = base.extend<ServerFixtures & ServerWorkerFixtures>({
  server: async ({}, use) => use(await requestRunServer()),
  emptyDatabase,
})
