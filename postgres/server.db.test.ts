import { expect } from '@playwright/test'
import { withClient } from './connection.ts'
import { test } from './testing/server-fixture.ts'

test('the server of the run answers queries', async ({ server }) => {
  const version = await withClient(server.url, async client => (await client.query('show server_version')).rows[0])
  expect(version).toEqual({ server_version: expect.stringMatching(/^\d+/) })
})

test('a test gets an empty database', async ({ emptyDatabase }) => {
  const tables = await withClient(emptyDatabase.url, client =>
    client.query("select 1 from pg_tables where schemaname = 'public'"),
  )
  expect(tables.rowCount).toBe(0)
})
