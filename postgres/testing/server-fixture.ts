/**
 * Playwright's `test` with the server of the run and, for each test, an empty database. None is a fixture of the worker:
 * Playwright starts another worker for tests with other worker fixtures, in a shuffled order for every second file.
 */

import type pg from 'pg'
import { test as base } from '../../testing/test.ts'
import { openClient, withClient } from '../connection.ts'
import { requestRunServer, type WorkerServer } from '../run/run-server.ts'
import type { DatabaseServer } from '../server.ts'
import { type Clone, createClone } from '../templates/clone.ts'

export interface ServerFixtures {
  /** The one server of the run. */
  server: DatabaseServer
  /** The test's dedicated database, dropped after its end. */
  emptyDatabase: Clone
}

export const test = base.extend<ServerFixtures>({
  server: async ({}, use) => use(await workerServer()),
  emptyDatabase: async ({}, use) => {
    const database = await createTestDatabase()
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

/**
 * A copy of the template; without one the database is empty. `drop` has it dropped in the background: that waits for a
 * checkpoint.
 */
export async function createTestDatabase(template?: string): Promise<Clone> {
  const server = await workerServer()
  const clone = await createClone(server, template ?? (await emptyTemplate()).name, await keptClient(server.url))
  return { ...clone, drop: () => server.discard(clone.name) }
}

/** Empty, but with the cache of the system catalogs that the first session of a database writes, and a copy has. */
function emptyTemplate(): Promise<Clone> {
  empty ??= workerServer().then(async server => {
    const template = await createClone(server)
    server.dropAfterExit(template.name)
    await withClient(template.url, client => client.query('select'))
    return template
  })
  return empty
}

let empty: Promise<Clone> | undefined

/** Connected to the maintenance database, until a test ends all connections. */
function keptClient(url: string): Promise<pg.Client> {
  kept ??= openClient(url).then(client => {
    client.once('end', () => {
      kept = undefined
    })
    return client
  })
  return kept
}

let kept: Promise<pg.Client> | undefined
