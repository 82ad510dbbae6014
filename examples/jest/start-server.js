/** Starts one Postgres for the run, with the migrations in a template. */
import { ensureTemplate, startServer } from 'reprise/postgres'

export default async function startForRun() {
  const server = await startServer()
  const template = await ensureTemplate(server, { migrations: 'migrations' })
  process.env.TEST_DATABASE = JSON.stringify({ url: server.url, runId: server.runId, template })
  globalThis.server = server
}
