// Listens, and stops listening in order.
import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A server that accepts requests. */
export interface RunningServer {
  /** For example `http://127.0.0.1:3000`. */
  url: string
  /** Accepts no more, lets requests in flight end within `graceMs`, then cuts those that are left. */
  close(graceMs: number): Promise<void>
}

/** Listens on `host` and `port` (0: any free one). Rejects if that address cannot be had. */
export async function serve(listener: RequestListener, host: string, port: number): Promise<RunningServer> {
  const server = createServer(listener)
  server.listen(port, host)
  await once(server, 'listening').catch(error => {
    throw new Error(
      `Cannot listen on HOST ${host}, PORT ${port}: ${error.message}. Choose another, or end what holds it.`,
      {
        cause: error,
      },
    )
  })
  const { port: chosen } = server.address() as AddressInfo
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${chosen}`,
    close: graceMs => close(server, graceMs),
  }
}

async function close(server: Server, graceMs: number): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  // A kept-alive connection falls idle only after its last response, and would otherwise be waited for.
  const sweep = setInterval(() => server.closeIdleConnections(), 50)
  const cut = setTimeout(() => server.closeAllConnections(), graceMs)
  await closed
  clearInterval(sweep)
  clearTimeout(cut)
}
