import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { expect } from '@playwright/test'
import { withClient } from '../connection.ts'
import { test } from '../testing/server-fixture.ts'
import { bySocket, findSocketFolder } from './server-socket.ts'

test('the unix socket of a local server is found', async ({ server }) => {
  expect(await findSocketFolder(server.url)).toBe(server.socketFolder)
  const { rows } = await withClient(bySocket(server.url, server.socketFolder), client =>
    client.query<{ address: string | null }>('select inet_client_addr() as address'),
  )
  expect(rows[0]?.address === null).toBe(server.socketFolder !== undefined)
})

test('a server behind another port is reached by its URL', async ({ server }) => {
  const { hostname, port } = new URL(server.url)
  const relay = createServer(client => {
    const upstream = connect(Number(port), hostname)
    client.pipe(upstream).pipe(client)
  })
  await once(relay.listen(0, '127.0.0.1'), 'listening')
  const url = new URL(server.url)
  url.hostname = '127.0.0.1'
  url.port = String((relay.address() as AddressInfo).port)
  expect(await findSocketFolder(url.href)).toBeUndefined()
  relay.close()
})

test('a role that may not read the setting connects by its URL', async ({ server, emptyDatabase }, info) => {
  const role = `plain_${info.testId.replaceAll('-', '_')}`
  await withClient(server.url, client => client.query(`create role "${role}" login password 'x'`))
  const url = new URL(emptyDatabase.url)
  url.username = role
  url.password = 'x'
  expect(await findSocketFolder(url.href)).toBeUndefined()
  await withClient(server.url, client => client.query(`drop role "${role}"`))
})
