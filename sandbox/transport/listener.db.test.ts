import { execFile } from 'node:child_process'
import { access, mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import path from 'node:path'
import { promisify } from 'node:util'
import { expect } from '@playwright/test'
import pg from 'pg'
import { Sandbox } from '../sandbox.ts'
import { scalar, test as withSandbox } from '../testing/sandbox-fixture.ts'
import { loopback } from './listener.ts'

const test = withSandbox.extend<{ folder: string }>({
  // A short path, since the length of a socket path is limited.
  folder: async ({}, use) => {
    const folder = await mkdtemp('/tmp/reprise-listener-')
    await use(folder)
    await rm(folder, { recursive: true })
  },
})

test('a unix socket reaches the same transaction as the TCP port, under the same port number', async ({
  emptyDatabase,
  outside,
  folder: place,
}) => {
  const folder = path.join(place, 'sockets')
  const sandbox = await Sandbox.connect(emptyDatabase.url, { tcp: loopback, socketFolder: folder })
  const { port } = new URL(sandbox.url)
  expect((await stat(folder)).mode & 0o777).toBe(0o700)
  await access(path.join(folder, `.s.PGSQL.${port}`))
  sandbox.open()
  const url = sandbox.socketUrl ?? ''
  for (const connectionString of [url, sandbox.url]) {
    const client = new pg.Client({ connectionString })
    await client.connect()
    await client.query("insert into t values (1, 'by the socket') on conflict do nothing")
    expect(await scalar(client, 'select v from t')).toBe('by the socket')
    await client.end()
  }
  expect((await sandbox.close()).active).toEqual([])
  await sandbox.dispose()
  expect(await scalar(outside, 'select count(*)::int from t')).toBe(0)
  await expect(access(folder)).rejects.toMatchObject({ code: 'ENOENT' })
})

test('replaces the socket of a dead process, but not of a running one', async ({ emptyDatabase, folder }) => {
  // A process that is killed at this point leaves its socket behind.
  await promisify(execFile)(process.execPath, [
    '-e',
    `require('net').createServer().listen('${folder}/.s.PGSQL.5432', () => process.kill(process.pid, 'SIGKILL'))`,
  ]).catch(() => undefined)
  await access(path.join(folder, '.s.PGSQL.5432'))
  const first = await Sandbox.connect(emptyDatabase.url, { socketFolder: folder })
  await expect(Sandbox.connect(emptyDatabase.url, { socketFolder: folder })).rejects.toThrow(
    `Another process listens on ${folder}/.s.PGSQL.5432. Stop it, or choose another folder or port.`,
  )
  const client = new pg.Client({ connectionString: first.url })
  await client.connect()
  await client.end()
  await first.dispose()
  await expect(access(path.join(folder, '.s.PGSQL.5432'))).rejects.toMatchObject({ code: 'ENOENT' })
  // The folder existed before, so it is kept.
  await access(folder)
})

test('an address that cannot be used gives an error with its name and a remedy', async ({ emptyDatabase, folder }) => {
  const taken = createServer().listen(0, '127.0.0.1')
  await new Promise(resolve => taken.once('listening', resolve))
  const { port } = Object(taken.address())
  await expect(Sandbox.connect(emptyDatabase.url, { tcp: { host: '127.0.0.1', port } })).rejects.toThrow(
    new RegExp(`Cannot listen on 127\\.0\\.0\\.1:${port}: .*EADDRINUSE.*\\. Choose another host or port\\.`),
  )
  taken.close()
  const file = path.join(folder, 'file')
  await writeFile(file, '')
  await expect(Sandbox.connect(emptyDatabase.url, { socketFolder: file })).rejects.toThrow(
    `A unix socket cannot be made in ${file}: listen`,
  )
  const long = `/tmp/${'long'.repeat(30)}`
  await expect(Sandbox.connect(emptyDatabase.url, { socketFolder: long })).rejects.toThrow(
    `${long}/.s.PGSQL.5432 is too long for a unix socket. Choose a folder with a shorter path.`,
  )
  await expect(access(long)).rejects.toMatchObject({ code: 'ENOENT' })
})
