/** Admits clients: determines the session's user and settings, or rejects the client as a server would. */
import pg from 'pg'
import { withClient } from '../../postgres/connection.ts'
import { fatal, SessionError } from '../protocol/pg-error.ts'
import type { Run } from '../sql/run-sql.ts'
import type { SessionDefaults } from '../state/session-defaults.ts'
import { type Applicant, checkRole, type Login } from './role-check.ts'
import { requestedSettings } from './startup-options.ts'
import { wellKnownDefaults } from './well-known-settings.ts'

/** Runs queries in the shared transaction. Resolves with undefined if there is none. */
export type InTransaction = (
  ask: (run: Run) => Promise<SessionDefaults | undefined>,
) => Promise<SessionDefaults | undefined>

export class Admission {
  readonly #databaseUrl: string
  readonly #login: Login
  readonly #known = new Map<string, SessionDefaults>()
  #queue: Promise<unknown> = Promise.resolve()

  /** `databaseUrl`: the database of the sandbox, which is logged in there as `login`. */
  constructor(databaseUrl: string, login: Login) {
    this.#databaseUrl = databaseUrl
    this.#login = login
  }

  /**
   * Returns at once for the sandbox's own user with settings that were checked before or need no check. For others, the
   * server is queried on a separate connection, and in the shared transaction if the role does not exist there. Throws, or
   * rejects with, a SessionError if a server would reject the client.
   */
  admit(
    parameters: ReadonlyMap<string, string>,
    inTransaction: InTransaction,
  ): SessionDefaults | Promise<SessionDefaults> {
    const user = parameters.get('user')
    if (!user) throw fatal('28000', 'no PostgreSQL user name specified in startup packet')
    refuseReplication(parameters.get('replication'))
    const requested = requestedSettings(parameters)
    const applicant = { user, database: parameters.get('database') || user, requested }
    if (user !== this.#login.user || applicant.database !== this.#login.database) {
      return this.#ask(applicant, inTransaction)
    }
    const key = JSON.stringify(requested)
    const known = this.#known.get(key) ?? wellKnownDefaults(this.#login, requested)
    if (known) return this.#remember(key, known)
    return this.#ask(applicant, inTransaction).then(start => this.#remember(key, start))
  }

  /** Does work while no connection of the admission to the database is open. */
  alone<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#queue.then(work)
    this.#queue = done.catch(() => undefined)
    return done
  }

  async #ask(applicant: Applicant, inTransaction: InTransaction): Promise<SessionDefaults> {
    const ask = (run: Run) => checkRole(this.#login, applicant, run)
    try {
      const start = await this.alone(() => withClient(this.#databaseUrl, client => ask(sql => rowsOf(client, sql))))
      const found = start ?? (await inTransaction(ask))
      if (found) return found
    } catch (error) {
      throw asFatal(error)
    }
    throw fatal('28000', `role "${applicant.user}" does not exist`)
  }

  // Clients that start with the same settings share one object, so that nothing has to be applied between them.
  #remember(key: string, start: SessionDefaults): SessionDefaults {
    if (this.#known.size >= mostRemembered) this.#known.clear()
    this.#known.set(key, start)
    return start
  }
}

const mostRemembered = 1000

async function rowsOf(client: pg.Client, text: string): Promise<(string | null)[][]> {
  const asText = { getTypeParser: () => (value: string) => value }
  const { rows } = await client.query<(string | null)[]>({ text, rowMode: 'array', types: asText })
  return rows
}

function refuseReplication(value: string | undefined): void {
  if (value === undefined || /^(0|f|false|n|no|of|off)$/i.test(value)) return
  throw fatal('0A000', 'the sandbox is one transaction, which cannot be replicated', {
    hint: 'Connect to the database itself.',
  })
}

function asFatal(error: unknown): unknown {
  if (error instanceof SessionError) return SessionError.from({ ...error.fields, severity: 'FATAL' })
  if (!(error instanceof pg.DatabaseError)) return error
  const { code = 'XX000', message, detail, hint } = error
  return fatal(code, message, { ...(detail && { detail }), ...(hint && { hint }) })
}
