/** Runs until it is killed or its stdin ends: starts a server, makes a template and a clone, and prints them as one line of JSON. */

import { startServer } from '../../server.ts'
import { createClone } from '../../templates/clone.ts'
import { ensureTemplate } from '../../templates/template.ts'

const server = await startServer({ provider: process.env.REPRISE_POSTGRES })
const template = await ensureTemplate(server, {
  migrations: { id: 'killed-run', migrate: async () => undefined },
})
const clone = await createClone(server, template)
console.log(JSON.stringify({ runId: server.runId, url: server.url, template, database: clone.name }))
// The test that started this process keeps its stdin open.
process.stdin.resume().once('end', () => server.stop())
