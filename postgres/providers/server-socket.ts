/** Finds the unix socket of a server on this machine: a statement takes about a quarter less time over it than over TCP. */
import { existsSync } from 'node:fs'
import path from 'node:path'
import type pg from 'pg'
import { withClient } from '../connection.ts'

/** The same database over the socket in `folder`; the URL itself without a folder. */
export function bySocket(url: string, folder: string | undefined): string {
  if (folder === undefined) return url
  const short = new URL(url)
  short.hostname = 'localhost'
  short.searchParams.set('host', folder)
  return short.href
}

/**
 * The folder of the server's socket, if it has one on this machine and this user can connect over it. Throws what
 * connecting by the URL throws.
 */
export async function findSocketFolder(url: string): Promise<string | undefined> {
  if (!isLocal(url)) return undefined
  const { startedAt, port, folders } = await withClient(url, listenAddress)
  // Another port, such as one that a container maps, means another machine.
  if ((new URL(url).port || '5432') !== port) return undefined
  const folder = folders.find(name => path.isAbsolute(name) && existsSync(path.join(name, `.s.PGSQL.${port}`)))
  if (folder === undefined) return undefined
  // The socket may refuse this user (peer authentication), or belong to another server, where this one is in a container
  // and has the same folder name there.
  const there = await withClient(bySocket(url, folder), listenAddress).catch(() => undefined)
  return there?.startedAt === startedAt ? folder : undefined
}

/** Whether the URL names this machine over TCP, as far as the URL shows. */
function isLocal(url: string): boolean {
  const { hostname, searchParams } = new URL(url)
  return !searchParams.has('host') && /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname)
}

/** Where a server listens, by its settings; `startedAt` in microseconds identifies the server. */
type ListenAddress = { startedAt: string; port: string; folders: string[] }

async function listenAddress(client: pg.Client): Promise<ListenAddress> {
  // Not every role may read the setting.
  const { rows } = await client.query<{ startedAt: string; port: string; folders: string | null }>(
    `select pg_postmaster_start_time()::text as "startedAt", current_setting('port') as port,
     case when pg_has_role('pg_read_all_settings', 'usage') then current_setting('unix_socket_directories') end as folders`,
  )
  const [{ startedAt, port, folders } = { startedAt: '', port: '', folders: null }] = rows
  return { startedAt, port, folders: (folders ?? '').split(',').map(unquoted) }
}

const unquoted = (folder: string): string => folder.trim().replace(/^"(.*)"$/, '$1')
