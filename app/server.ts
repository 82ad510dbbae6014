// Starts an HTTP server, and closes it in order.
import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A server that accepts requests. */
export interface RunningServer {
  /** For example `http://127.0.0.1:3000`. */
  url: string
  /** Stops accepting, waits up to `graceMs` for requests in progress, then closes their connections. */
  close(graceMs: number): Promise<void>
}

/** Listens on `host` and `port` (0: any free one). Rejects if the address is not available. */
export async function serve(listener: RequestListener, host: string, port: number): Promise<RunningServer> {
  const server = createServer(listener)
  server.listen(port, host)
  await once(server, 'listening').catch(error => {
    throw new Error(
      `Cannot listen on HOST ${host}, PORT ${port}: ${error.message}. Choose another, or end the process that uses it.`,
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
  // A keep-alive connection becomes idle only after its last response.
  const sweep = setInterval(() => server.closeIdleConnections(), 50)
  const cut = setTimeout(() => server.closeAllConnections(), graceMs)
  await closed
  clearInterval(sweep)
  clearTimeout(cut)
}
