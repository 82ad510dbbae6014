/** Opens connections, for one piece of work or for several, and builds the URLs of databases. */
import pg from 'pg'

/** Connects, runs `work` and disconnects; given a client, runs it on that one. Throws what connecting or `work` throws. */
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
    // For a server that hangs: a busy machine takes seconds.
    connectionTimeoutMillis: 30_000,
  })
  // A lost connection rejects the running query; without a listener the event would end the process.
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

/** The environment variables by which most drivers find the database. */
export function connectionVariables(databaseUrl: string): Record<string, string> {
  const { hostname, port, username, password, pathname, searchParams } = new URL(databaseUrl)
  return {
    DATABASE_URL: databaseUrl,
    PGHOST: hostname,
    PGPORT: port,
    PGUSER: decodeURIComponent(username),
    PGPASSWORD: decodeURIComponent(password),
    PGDATABASE: decodeURIComponent(pathname.slice(1)),
    PGSSLMODE: searchParams.get('sslmode') ?? 'disable',
  }
}

/** The URL with `***` in place of its password, for messages and logs. */
export function withoutPassword(url: string): string {
  const shown = new URL(url)
  if (shown.password !== '') shown.password = '***'
  return shown.href
}
