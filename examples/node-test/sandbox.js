/** Opens a sandbox for the tests of a file, on a Postgres that has the migrations. */
import { after, afterEach } from 'node:test'
import { createClone, ensureTemplate, startServer } from 'reprise/postgres'
import { openSandbox } from 'reprise/sandbox'

const server = await startServer()
const template = await ensureTemplate(server, { migrations: 'migrations' })
const { url } = await createClone(server, template)
export const sandbox = await openSandbox({ databaseUrl: url })

afterEach(() => sandbox.rollback())
after(async () => {
  await sandbox.close()
  await server.stop()
})
