/** Creates a database for one worker or test: a copy of a template, or an empty one. */
import { randomBytes } from 'node:crypto'
import type pg from 'pg'
import { databaseUrl, withClient } from '../connection.ts'
import { createDatabase, dropDatabase } from '../database.ts'
import { databaseName } from '../run/watchdog/names.mjs'
import type { DatabaseServer } from '../server.ts'

export interface Clone {
  readonly url: string
  readonly name: string
  /** Drops the database, and ends the sessions that are connected to it. */
  drop(): Promise<void>
}

/**
 * Copies the template; without one the database is empty. Throws the server's error.
 * @param connection An open client of the maintenance database, if there is one.
 */
export async function createClone(
  server: Pick<DatabaseServer, 'url' | 'runId'>,
  template = 'template0',
  connection: string | pg.Client = server.url,
): Promise<Clone> {
  const name = databaseName(server.runId, randomBytes(5).toString('hex'))
  await withClient(connection, client => createDatabase(client, name, template))
  return {
    name,
    url: databaseUrl(server.url, name),
    drop: () => withClient(server.url, client => dropDatabase(client, name)),
  }
}
