/** Verifies each row of the table in sandbox.md: on a server, in a sandbox, and with `isolation: 'database'`. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from '@playwright/test'
import pg from 'pg'
import { bySocket } from '../postgres/providers/server-socket.ts'
import { templateFunctions } from '../postgres/templates/template-functions.ts'
import { createTestDatabase, test as withServer } from '../postgres/testing/server-fixture.ts'
import { Sandbox } from '../sandbox/sandbox.ts'
import type { Difference } from './differences/difference.ts'
import { rows } from './differences/rows.ts'

type Where = 'on a server' | 'in a sandbox' | 'with a database of its own'

interface Stage {
  /** Runs the statements of a difference in a new database. */
  play(difference: Difference, where: Where): Promise<unknown>
}

/** How long a client waits behind an idle one, in milliseconds: no row depends on it. */
const patience = 300

const test = withServer.extend<Stage>({
  play: async ({ server }, use) => {
    await use(async ({ template, given, play }, where) => {
      const clone = await createTestDatabase()
      const clients: pg.Client[] = []
      const connect = async (url: string) => {
        const client = new pg.Client(url)
        client.on('error', () => undefined)
        clients.push(client)
        await client.connect()
        return client
      }
      let sandbox: Sandbox | undefined
      try {
        const database = await connect(clone.url)
        if (template) await database.query(await templateFunctions(database, template))
        if (given) await database.query(given)
        if (where === 'on a server') return await play(() => connect(clone.url), database)
        // Connected like the sandbox of a test.
        sandbox = await Sandbox.connect(bySocket(clone.url, server.socketFolder), undefined, undefined, patience)
        if (where === 'in a sandbox') sandbox.open()
        else await sandbox.openDirect(clone.url)
        const { url } = sandbox
        return await play(() => connect(url), database)
      } finally {
        await Promise.all(clients.map(client => client.end()))
        await sandbox?.dispose()
        await clone.drop()
      }
    })
  },
})

for (const [row, differences] of Object.entries(rows)) {
  for (const [name, difference] of Object.entries(differences)) {
    test(`${row}: ${name}`, async ({ play }) => {
      const { onServer, inSandbox, withDatabase = onServer } = difference
      expect(inSandbox).not.toEqual(onServer)
      for (const [where, expected] of [
        ['on a server', onServer],
        ['in a sandbox', inSandbox],
        ['with a database of its own', withDatabase],
      ] as const) {
        expect(await play(difference, where), where).toEqual(expected)
      }
    })
  }
}

test('the table has exactly these rows', () => {
  const page = readFileSync(path.join(import.meta.dirname, 'sandbox.md'), 'utf8')
  const table = page.split(/^## /m).find(section => section.startsWith('Differences from a server')) ?? ''
  const titles = [...table.matchAll(/^\| \*\*(.+?)\*\* /gm)].map(([, title]) => title)
  expect(titles).toEqual(Object.keys(rows))
})
