/** Starts one Postgres for the run, with the migrations in a template. */
import { ensureTemplate, startServer } from 'reprise/postgres'
import type { TestProject } from 'vitest/node'

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await startServer()
  const template = await ensureTemplate(server, { migrations: 'migrations' })
  project.provide('database', { url: server.url, runId: server.runId, template })
  return () => server.stop()
}

declare module 'vitest' {
  interface ProvidedContext {
    database: { url: string; runId: string; template: string }
  }
}
