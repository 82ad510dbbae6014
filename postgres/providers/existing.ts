/** Uses a server that is already running: creates and drops only databases with Reprise's prefix on it. */
import { withClient, withoutPassword } from '../connection.ts'
import type { Run } from '../run/run.ts'
import type { Provision } from './provision.ts'
import { findSocketFolder } from './server-socket.ts'

/** Throws one error, without the password, if the server cannot be reached or the role may not create databases. */
export async function enterExisting(run: Run, url: string): Promise<Provision> {
  const place = displayed(url)
  const complaint = complaintAbout(await roleAt(url, place))
  if (complaint !== undefined) throw new Error(`REPRISE_POSTGRES names ${place}, which cannot be used: ${complaint}`)
  run.watchdog().send({ undo: 'databases', url, runId: run.id })
  run.watchdog().send({ reap: 'databases', url })
  return {
    url,
    socketFolder: await findSocketFolder(url),
    explainLoss: async cause =>
      new Error(`The Postgres server ${place} was lost during the run: ${cause.message}.`, { cause }),
  }
}

interface Role {
  role: string
  allowed: boolean
  version: number
}

async function roleAt(url: string, place: string): Promise<Role | undefined> {
  try {
    return await withClient(url, async client => {
      const { rows } = await client.query<Role>(
        `select current_user as role, rolcreatedb or rolsuper as allowed, current_setting('server_version_num')::int as version
         from pg_roles where rolname = current_user`,
      )
      return rows[0]
    })
  } catch (error) {
    const { message, code } = error as NodeJS.ErrnoException
    throw new Error(
      `REPRISE_POSTGRES names ${place}, which cannot be used: ${message || code}. ` +
        'Start that server or correct the URL, or unset REPRISE_POSTGRES for the embedded Postgres.',
      { cause: error },
    )
  }
}

function complaintAbout(role: Role | undefined): string | undefined {
  if (!role) return 'its role is unknown there.'
  if (role.version < 130_000) return `it is Postgres ${Math.floor(role.version / 10_000)}; 13 or newer is needed.`
  if (!role.allowed)
    return `the role "${role.role}" may not create databases. As a superuser: ALTER ROLE "${role.role}" CREATEDB.`
  return undefined
}

function displayed(url: string): string {
  try {
    return withoutPassword(url)
  } catch (error) {
    throw new Error('REPRISE_POSTGRES is no valid URL; write postgres://user:password@host:port/database.', {
      cause: error,
    })
  }
}
