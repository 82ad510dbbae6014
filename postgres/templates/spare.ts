/**
 * Creates a spare database while a run starts: empty, with the functions of a template. The worker that builds the first template
 * of the run renames it, instead of waiting for a new one.
 */
import { randomBytes } from 'node:crypto'
import { databaseUrl, withClient } from '../connection.ts'
import { createDatabase } from '../database.ts'
import { databaseName } from '../run/watchdog/names.mjs'
import type { DatabaseServer, Spare } from '../server.ts'
import { remainingClients } from './remaining-clients.ts'
import { templateFunctions } from './template-functions.ts'

/**
 * Creates it under a name of the run, with which it is dropped if it is not used. Resolves when nothing is connected to it, so that
 * it can be renamed; undefined if something still is. Throws the server's error.
 */
export function createSpare(server: Pick<DatabaseServer, 'url' | 'runId'>): Promise<Spare | undefined> {
  return withClient(server.url, async client => {
    const functions = await templateFunctions(client)
    const name = databaseName(server.runId, randomBytes(5).toString('hex'))
    await createDatabase(client, name, 'template0')
    await withClient(databaseUrl(server.url, name), inside => inside.query(functions))
    return (await remainingClients(client, name)) === 0 ? { name, functions } : undefined
  })
}
