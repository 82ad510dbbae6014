/** Listens for requests to reports. */
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createLimitedServer, type LimitedServer, type ServerLimits } from '../status-page/limited-server.ts'
import type { ReportSettings } from './report-settings.ts'

export interface ReportListener extends Omit<LimitedServer, 'server'> {
  readonly port: number
}

/** Where no port is set: this one if it is free. */
const usualPort = 3101

/** Throws one error if it cannot listen on the address. */
export async function openReportListener(
  { host, port }: Pick<ReportSettings, 'host' | 'port'>,
  limits?: ServerLimits,
): Promise<ReportListener> {
  const { server, ...rest } = createLimitedServer(limits)
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
  return { port: (server.address() as AddressInfo).port, ...rest }
}
