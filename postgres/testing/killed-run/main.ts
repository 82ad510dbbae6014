/** A run for tests to kill: starts a server, makes a template and a clone on it, says so in one line, and waits for its end. */

import { startServer } from '../../server.ts'
import { createClone } from '../../templates/clone.ts'
import { ensureTemplate } from '../../templates/template.ts'

const server = await startServer({ provider: process.env.REPRISE_POSTGRES })
const template = await ensureTemplate(server, {
  migrations: { id: 'killed-run', migrate: async () => undefined },
})
const clone = await createClone(server, template)
console.log(JSON.stringify({ runId: server.runId, url: server.url, template, database: clone.name }))
// Its standard input stays open as long as the test that started it lives.
process.stdin.resume().once('end', () => server.stop())
