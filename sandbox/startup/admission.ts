/** Lets clients in: who a session is and what it begins with, or why a server would not have let it in. */
import pg from 'pg'
import { withClient } from '../../postgres/connection.ts'
import { fatal, SessionError } from '../protocol/pg-error.ts'
import type { Run } from '../sql/run-sql.ts'
import type { SessionDefaults } from '../state/session-defaults.ts'
import { type Applicant, checkRole, type Login } from './role-check.ts'
import { requestedSettings } from './startup-options.ts'
import { wellKnownDefaults } from './well-known-settings.ts'

/** Asks in the sandbox's own transaction; resolves with undefined where there is none. */
export type InTransaction = (
  ask: (run: Run) => Promise<SessionDefaults | undefined>,
) => Promise<SessionDefaults | undefined>

export class Admission {
  readonly #databaseUrl: string
  readonly #login: Login
  readonly #known = new Map<string, SessionDefaults>()
  #queue: Promise<unknown> = Promise.resolve()

  /** `databaseUrl` is the database behind the sandbox, which is logged in there as `login`. */
  constructor(databaseUrl: string, login: Login) {
    this.#databaseUrl = databaseUrl
    this.#login = login
  }

  /**
   * Answers at once for the sandbox's own user with settings that were seen before or that no server has to judge. For
   * others, a connection of its own asks the server; a role that is not there may be in the sandbox's transaction.
   * Throws a SessionError, or rejects with one, where a server would refuse the client.
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

  /** Does work during which nobody else is connected to the database on the sandbox's behalf. */
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

  // Clients that begin with the same settings shall have the same object, so that nothing is sent when they take turns.
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
