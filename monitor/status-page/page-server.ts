/** Listens for requests to the status page, also while the monitor is still starting. */
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createLimitedServer, type LimitedServer, type ServerLimits } from './limited-server.ts'
import type { PageSettings } from './page-settings.ts'

export interface PageServer extends Omit<LimitedServer, 'server'> {
  /** For example `http://127.0.0.1:3100`. */
  readonly url: string
}

/** Throws one error if it cannot listen on the address. */
export async function openPageServer(
  { host, port }: Pick<PageSettings, 'host' | 'port'>,
  limits?: ServerLimits,
): Promise<PageServer> {
  const { server, ...rest } = createLimitedServer(limits)
  server.listen(port, host)
  await once(server, 'listening').catch(error => {
    throw new Error(
      `The status page cannot listen on REPRISE_HOST ${host}, REPRISE_PORT ${port}: ${error.message}. ` +
        'Choose another, such as REPRISE_PORT=0 for any free port, or stop the process that uses it.',
      { cause: error },
    )
  })
  const { port: chosen } = server.address() as AddressInfo
  return { url: `http://${host.includes(':') ? `[${host}]` : host}:${chosen}`, ...rest }
}
