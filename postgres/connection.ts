/** Short work on one connection, and the URLs of databases. */
import pg from 'pg'

/** Connects, does the work, disconnects; or does it on a connection that is there. Throws what connecting or the work throws. */
export async function withClient<T>(target: string | pg.Client, work: (client: pg.Client) => Promise<T>): Promise<T> {
  if (typeof target !== 'string') return work(target)
  const client = await openClient(target)
  try {
    return await work(client)
  } finally {
    await client.end().catch(() => undefined)
  }
}

/** Connects. Throws what connecting throws. */
export async function openClient(url: string): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: url,
    application_name: 'reprise',
    connectionTimeoutMillis: 10_000,
  })
  // A connection lost in the middle fails the query under way; unheard it would end the process.
  client.on('error', () => undefined)
  try {
    await client.connect()
    return client
  } catch (error) {
    await client.end().catch(() => undefined)
    throw error
  }
}

/** The URL of another database on the same server. */
export function databaseUrl(serverUrl: string, database: string): string {
  const url = new URL(serverUrl)
  url.pathname = `/${encodeURIComponent(database)}`
  return url.href
}

/** The URL as it may be shown: without its password. */
export function withoutPassword(url: string): string {
  const shown = new URL(url)
  if (shown.password !== '') shown.password = '***'
  return shown.href
}
