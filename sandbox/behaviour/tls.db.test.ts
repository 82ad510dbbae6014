/** The sandbox's own connection to the server over TLS. */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { TLSSocket } from 'node:tls'
import { expect } from '@playwright/test'
import { SandboxPool } from '../pool.ts'
import { Sandbox } from '../sandbox.ts'
import { scalar, test } from '../testing/sandbox-fixture.ts'

// For this test only; no trust store contains them.
const key = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgdziWvAg62Uth4Kgb
eGA/D2hDby0KyJwJb21yZiW4CyChRANCAAT4DJHwMh3/6h5JEEq4Ch6VPZEHv39H
LCh0WSL8cjiwWZoQZsFcfCIKQL+ve+U86pZcUZTyn8wsoUb5RrYgiGmi
-----END PRIVATE KEY-----`
const cert = `-----BEGIN CERTIFICATE-----
MIIBfjCCASWgAwIBAgIUJPp8OvlO71Rvvml+ZoZDW9vZz6gwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyNTIyNTEzMVoYDzIxMjYxMTAx
MjI1MTMxWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAAT4DJHwMh3/6h5JEEq4Ch6VPZEHv39HLCh0WSL8cjiwWZoQZsFcfCIK
QL+ve+U86pZcUZTyn8wsoUb5RrYgiGmio1MwUTAdBgNVHQ4EFgQUTE8DiIMV+U8R
4EnG+28aNXvuK3YwHwYDVR0jBBgwFoAUTE8DiIMV+U8R4EnG+28aNXvuK3YwDwYD
VR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNHADBEAiAB3nARUOPbcvqyXdRd3Zay
2XeFiv0tqj3wu3O5yKLrMwIgN0AwChlnO5H26Lb5GF240LRQFbFPBzx0Kih9dXna
/kw=
-----END CERTIFICATE-----`

/** A TLS proxy before a server, like that of a hosted database. */
async function tlsBefore(server: { host: string; port: number }) {
  const proxy = createServer(socket => {
    socket.once('data', () => {
      socket.write('S')
      const secure = new TLSSocket(socket, { isServer: true, key, cert })
      const plain = connect(server.port, server.host)
      secure.pipe(plain).pipe(secure)
      for (const end of [socket, secure, plain]) end.on('error', () => plain.destroy())
    })
  })
  proxy.listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  return { host: `127.0.0.1:${(proxy.address() as AddressInfo).port}`, stop: () => proxy.close() }
}

test('connects to the database over TLS and transfers a large value', async ({ emptyDatabase }) => {
  const url = new URL(emptyDatabase.url)
  const proxy = await tlsBefore({ host: url.hostname, port: Number(url.port) })
  url.host = proxy.host
  url.searchParams.set('sslmode', 'no-verify')
  const sandbox = await Sandbox.connect(url.href)
  sandbox.open()
  const pool = new SandboxPool(sandbox, 'pool')
  expect(await scalar(pool, `select repeat('x', 1000000)`)).toBe('x'.repeat(1_000_000))
  await pool.end()
  await sandbox.close()
  // An unhandled error of the closed connection would end the process.
  await sandbox.dispose()
  proxy.stop()
})
