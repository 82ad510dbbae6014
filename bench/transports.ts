/** Lists the transports to a database: a sandbox is compared with a bare client over the same transport. */
import { existsSync } from 'node:fs'
import path from 'node:path'
import { withClient } from '../postgres/connection.ts'

export interface Transport {
  name: 'TCP' | 'unix socket'
  /** The database's URL over this transport. */
  url: string
}

/** The unix socket comes last, and is left out if the server has none on this machine. */
export async function transportsTo(url: string): Promise<Transport[]> {
  const socket = await socketUrl(url)
  return [{ name: 'TCP', url }, ...(socket ? [{ name: 'unix socket', url: socket } as const] : [])]
}

async function socketUrl(url: string): Promise<string | undefined> {
  const [settings] = await withClient(url, async client => {
    const { rows } = await client.query<{ folders: string; port: string }>(
      `select current_setting('unix_socket_directories') folders, current_setting('port') port`,
    )
    return rows
  })
  const folder = settings?.folders.split(',')[0]?.trim()
  if (!settings || !folder || !existsSync(path.join(folder, `.s.PGSQL.${settings.port}`))) return undefined
  const bySocket = new URL(url)
  bySocket.host = `localhost:${settings.port}`
  bySocket.searchParams.set('host', folder)
  return bySocket.href
}
