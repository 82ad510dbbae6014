import { once } from 'node:events'
import { expect } from '@playwright/test'
import pg from 'pg'
import { withClient } from '../../postgres/connection.ts'
import { test as base } from '../../postgres/testing/server-fixture.ts'
import { Sandbox } from '../sandbox.ts'

/** A sandbox that each test disposes of itself. */
const test = base.extend<{ sandbox: Sandbox; client: pg.Client }>({
  sandbox: async ({ emptyDatabase }, use) => {
    const sandbox = await Sandbox.connect(emptyDatabase.url)
    sandbox.open()
    await use(sandbox)
  },
  client: async ({ sandbox }, use) => {
    const client = clientOf(sandbox)
    await client.connect()
    await client.query('select 1')
    await use(client)
  },
})

test('dispose sends an idle client the error at once', async ({ sandbox, client }) => {
  const failed = once(client, 'error')
  await sandbox.dispose()
  expect(await failed).toEqual([expect.objectContaining({ code: '57P01', message: 'The sandbox has ended.' })])
})

test('disposeGently sends an idle client the error at its next statement', async ({ sandbox, client }) => {
  await sandbox.close()
  expect(await sandbox.disposeGently()).toBe(1)
  await expect(client.query('select 1')).rejects.toMatchObject({ code: '57P01', message: 'The sandbox has ended.' })
  await expect(withClient(sandbox.url, other => other.query('select 1'))).rejects.toThrow('ECONNREFUSED')
})

test('after disposeGently, an idle client can disconnect without an error, and a busy one is terminated', async ({
  sandbox,
  client,
}) => {
  const busy = clientOf(sandbox)
  const failed = once(busy, 'error')
  await busy.connect()
  await busy.query('begin')
  expect(await sandbox.disposeGently()).toBe(1)
  expect(await failed).toEqual([expect.objectContaining({ code: '57P01' })])
  await client.end()
})

/** Ignores the errors of `pg`: the server's, and the one about the closed connection after it. */
function clientOf(sandbox: Sandbox): pg.Client {
  const client = new pg.Client(sandbox.url)
  client.on('error', () => undefined)
  return client
}
