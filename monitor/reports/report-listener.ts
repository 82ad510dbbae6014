/** Listens for requests to reports. */
import { once } from 'node:events'
import { createServer, type RequestListener, type ServerOptions } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { serverLimits } from '../status-page/server-limits.ts'
import type { ReportSettings } from './report-settings.ts'

export interface ReportListener {
  readonly port: number
  /** Sets the listener that handles requests from now on; before, the response is 503. */
  show(listener: RequestListener): void
  /** Accepts no more requests; pending ones get a short time to end. */
  close(): Promise<void>
}

/** Where no port is set: this one if it is free. */
const usualPort = 3101

const graceMs = 1000

/** A client that neither sends nor reads for so long is disconnected, in milliseconds. */
const idleMs = 60_000

/** More connections than these are refused. */
const mostConnections = 1000

/** Throws one error if it cannot listen on the address. */
export async function openReportListener(
  { host, port }: Pick<ReportSettings, 'host' | 'port'>,
  limits: ServerOptions = serverLimits,
): Promise<ReportListener> {
  let answer: RequestListener = (_request, response) => {
    response.writeHead(503, { 'content-type': 'text/plain', 'retry-after': '1' }).end('The monitor is starting.\n')
  }
  const server = createServer(limits, (request, response) => answer(request, response))
  server.setTimeout(idleMs)
  server.maxConnections = mostConnections
  const listen = async (port: number) => {
    server.listen(port, host)
    await once(server, 'listening')
  }
  try {
    await listen(port ?? usualPort).catch(error => {
      if (port !== undefined || error.code !== 'EADDRINUSE') throw error
      return listen(0)
    })
  } catch (error) {
    throw new Error(
      `Reports cannot be served on REPRISE_REPORTS_HOST ${host}, REPRISE_REPORTS_PORT ${port ?? usualPort}: ${(error as Error).message}. ` +
        'Choose another, such as REPRISE_REPORTS_PORT=0 for any free port, or stop the process that uses it.',
      { cause: error },
    )
  }
  return {
    port: (server.address() as AddressInfo).port,
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
