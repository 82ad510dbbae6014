/** The unix socket of a server on this machine: by it, a statement takes about a quarter less time than by TCP. */
import { existsSync } from 'node:fs'
import path from 'node:path'
import type pg from 'pg'
import { withClient } from '../connection.ts'

/** The same database by the socket in the folder; the URL itself without one. */
export function bySocket(url: string, folder: string | undefined): string {
  if (folder === undefined) return url
  const short = new URL(url)
  short.hostname = 'localhost'
  short.searchParams.set('host', folder)
  return short.href
}

/**
 * The folder of the server's socket, if it has one on this machine and lets this user in by it. Throws what connecting by
 * the URL throws.
 */
export async function findSocketFolder(url: string): Promise<string | undefined> {
  if (!isLocal(url)) return undefined
  const { startedAt, port, folders } = await withClient(url, listenAddress)
  // Behind another port, such as that of a container, there is another machine.
  if ((new URL(url).port || '5432') !== port) return undefined
  const folder = folders.find(name => path.isAbsolute(name) && existsSync(path.join(name, `.s.PGSQL.${port}`)))
  if (folder === undefined) return undefined
  // It may be for others only, such as the user of the system that the role is named after; or another server's, where this
  // one is in a container and has a folder of that name there.
  const there = await withClient(bySocket(url, folder), listenAddress).catch(() => undefined)
  return there?.startedAt === startedAt ? folder : undefined
}

/** Whether the URL leads to this machine by TCP, as far as one can see. */
function isLocal(url: string): boolean {
  const { hostname, searchParams } = new URL(url)
  return !searchParams.has('host') && /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname)
}

/** Where a server says that it listens; `startedAt`: to the microsecond, so that no two servers have the same. */
type ListenAddress = { startedAt: string; port: string; folders: string[] }

async function listenAddress(client: pg.Client): Promise<ListenAddress> {
  // Not every role may know the folders.
  const { rows } = await client.query<{ startedAt: string; port: string; folders: string | null }>(
    `select pg_postmaster_start_time()::text as "startedAt", current_setting('port') as port,
     case when pg_has_role('pg_read_all_settings', 'usage') then current_setting('unix_socket_directories') end as folders`,
  )
  const [{ startedAt, port, folders } = { startedAt: '', port: '', folders: null }] = rows
  return { startedAt, port, folders: (folders ?? '').split(',').map(unquoted) }
}

const unquoted = (folder: string): string => folder.trim().replace(/^"(.*)"$/, '$1')
