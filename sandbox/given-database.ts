/** Completes and tries the database URL that a user has given for a sandbox. */
import pg from 'pg'
import { withoutPassword } from '../postgres/connection.ts'
import { bySocket, findSocketFolder } from '../postgres/providers/server-socket.ts'

/**
 * The URL with the user and the database that `pg` uses by default, by the server's unix socket where it has one on this
 * machine. Throws an error with the value, the reason and the remedy for a database that cannot be used.
 * @param name What the user calls the setting, for the error.
 */
export async function givenDatabase(databaseUrl: string, name: string): Promise<string> {
  checkDatabaseUrl(databaseUrl, name)
  await tryOut(databaseUrl, name)
  const url = completed(databaseUrl)
  return bySocket(url, await findSocketFolder(url))
}

/** Throws an error with the value and the remedy for what is not the URL of a database. */
export function checkDatabaseUrl(url: string, name: string): void {
  if (/^postgres(ql)?:\/\//.test(url) && URL.canParse(url)) return
  // An invalid URL may contain a password too.
  const shown = String(url).replace(/:[^:@/]*@/, ':***@')
  throw new Error(
    `${name} is ${JSON.stringify(shown)}, which is not the URL of a database; write postgres://user:password@host:port/database.`,
  )
}

async function tryOut(databaseUrl: string, name: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: 10_000 })
  client.on('error', () => undefined)
  try {
    await client.connect()
  } catch (error) {
    const { message, code } = error as NodeJS.ErrnoException
    throw new Error(
      `${name} names ${withoutPassword(databaseUrl)}, which cannot be used: ${message || code}; start that server or correct the URL.`,
      { cause: error },
    )
  } finally {
    await client.end().catch(() => undefined)
  }
}

function completed(databaseUrl: string): string {
  const { user, database } = new pg.Client({ connectionString: databaseUrl })
  const url = new URL(databaseUrl)
  url.username ||= encodeURIComponent(user ?? '')
  if (url.pathname.length < 2) url.pathname = `/${encodeURIComponent(database ?? '')}`
  return url.href
}
