/** Listens for requests to the status page, also while the monitor is still starting. */
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import type { PageSettings } from './page-settings.ts'
import { serverLimits } from './server-limits.ts'

export interface PageServer {
  /** For example `http://127.0.0.1:3100`. */
  readonly url: string
  /** Sets the listener that handles requests from now on; before, the response is 503. */
  show(listener: RequestListener): void
  /** Accepts no more requests; pending ones get a short time to end. */
  close(): Promise<void>
}

const graceMs = 2000

/** Throws one error if it cannot listen on the address. */
export async function openPageServer({ host, port }: Pick<PageSettings, 'host' | 'port'>): Promise<PageServer> {
  let answer: RequestListener = (_request, response) => {
    response.writeHead(503, { 'content-type': 'text/plain', 'retry-after': '1' }).end('The monitor is starting.\n')
  }
  const server = createServer(serverLimits, (request, response) => answer(request, response)).listen(port, host)
  await once(server, 'listening').catch(error => {
    throw new Error(
      `The status page cannot listen on REPRISE_HOST ${host}, REPRISE_PORT ${port}: ${error.message}. ` +
        'Choose another, such as REPRISE_PORT=0 for any free port, or stop the process that uses it.',
      { cause: error },
    )
  })
  const { port: chosen } = server.address() as AddressInfo
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${chosen}`,
    show: listener => {
      answer = listener
    },
    close: async () => {
      if (!server.listening) return
      const closed = once(server, 'close')
      server.close()
      await Promise.race([closed, pause(graceMs, undefined, { ref: false })])
      server.closeAllConnections()
      await closed
    },
  }
}
