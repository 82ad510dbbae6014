/** Checks on the server whether a client may log in as its role and with its settings. */

import { fold } from '../../postgres/lexer/names.ts'
import { fatal } from '../protocol/pg-error.ts'
import { literal } from '../sql/quote.ts'
import type { Run } from '../sql/run-sql.ts'
import type { SessionDefaults } from '../state/session-defaults.ts'
import { type ParameterValue, parameterValue, withheldSettings } from '../state/settings/settings.ts'
import { checkWithheld } from '../state/settings/withheld-value.ts'
import { settingsWithoutRole } from './role-settings.ts'
import type { RequestedSettings } from './startup-options.ts'

/** The sandbox's own user and database, and the parameters that the server reports to this user. */
export type Login = { user: string; database: string; serverParameters: ReadonlyMap<string, string> }

/** A client that is about to log in. */
export type Applicant = { user: string; database: string; requested: RequestedSettings }

/**
 * Resolves with the session's defaults; undefined if there is no such role. All that it sets ends with the statement or the
 * transaction. Rejects with a SessionError if the client may not log in, and with the server's error for its settings.
 */
export async function checkRole(login: Login, applicant: Applicant, run: Run): Promise<SessionDefaults | undefined> {
  const { user, database, requested } = applicant
  const role = await readRole(user, run)
  if (!role) return undefined
  if (!role.canLogIn) throw fatal('28000', `role "${user}" is not permitted to log in`)
  if (database !== login.database) throw fatal('3D000', `database "${database}" does not exist`)
  const isLogin = user === login.user
  if (!isLogin) refuseUnlessAble(login, user)
  if (!role.canConnect) {
    const detail = 'User does not have CONNECT privilege.'
    throw fatal('42501', `permission denied for database "${database}"`, { detail })
  }
  // Settings of the startup packet override those of the role, and are checked with the role's rights.
  const begin: RequestedSettings = isLogin
    ? requested
    : [...(await settingsWithoutRole(login.user, run)), ...role.settings, ['session_authorization', user], ...requested]
  const settings = new Map<string, ParameterValue>()
  // The connection that runs the check has an application_name of its own.
  const tried = [tryOut('application_name', login.serverParameters.get('application_name') ?? '')]
  for (const [name, value] of begin) {
    const isWithheld = withheldSettings.has(name)
    settings.delete(name)
    settings.set(name, parameterValue(name, isWithheld ? await checkWithheld(name, value, run) : value))
    if (!isWithheld) tried.push(tryOut(name, value))
  }
  const names = [...login.serverParameters.keys()]
  const reported = names.map(name => `pg_catalog.current_setting(${literal(name)})`)
  // One statement, evaluated from left to right: a timeout that it sets is in force for the next statement only.
  const [row = []] = await run(`SELECT ${[...tried, ...reported].join(', ')}`)
  return {
    user,
    mayBecomeAnyRole: isLogin || role.isSuperuser,
    settings,
    parameters: new Map(names.map((name, at) => [name, row[tried.length + at] ?? ''])),
  }
}

const tryOut = (name: string, value: string): string =>
  `pg_catalog.set_config(${literal(name)}, ${literal(value)}, true)`

type Role = {
  canLogIn: boolean
  isSuperuser: boolean
  canConnect: boolean
  /** Of ALTER ROLE ... SET, followed by those of ALTER ROLE ... IN DATABASE ... SET, which override them. */
  settings: [name: string, value: string][]
}

async function readRole(user: string, run: Run): Promise<Role | undefined> {
  const rows = await run(`
    SELECT r.rolcanlogin, r.rolsuper, pg_catalog.has_database_privilege(r.oid, d.oid, 'CONNECT'), s.setting
    FROM pg_catalog.pg_roles r
    JOIN pg_catalog.pg_database d ON d.datname = pg_catalog.current_database()
    LEFT JOIN LATERAL (
      SELECT c.setdatabase, pg_catalog.unnest(c.setconfig) AS setting
      FROM pg_catalog.pg_db_role_setting c WHERE c.setrole = r.oid AND c.setdatabase IN (0, d.oid)
    ) s ON true
    WHERE r.rolname = ${literal(user)} ORDER BY s.setdatabase`)
  const [first] = rows
  if (!first) return undefined
  const [canLogIn, isSuperuser, canConnect] = first.map(value => value === 't')
  const settings = rows.flatMap(([, , , setting]) => {
    const equals = setting?.indexOf('=') ?? -1
    return setting && equals > 0 ? [[fold(setting.slice(0, equals)), setting.slice(equals + 1)]] : []
  }) as [string, string][]
  return { canLogIn: canLogIn ?? false, isSuperuser: isSuperuser ?? false, canConnect: canConnect ?? false, settings }
}

function refuseUnlessAble({ user: login, serverParameters }: Login, user: string): void {
  if (serverParameters.get('is_superuser') === 'on') return
  throw fatal('42501', `The sandbox cannot make this session one of role "${user}".`, {
    detail: `It is logged in as "${login}", and only a superuser may become another role.`,
    hint: `Give the sandbox the URL of a superuser, or connect as "${login}".`,
  })
}
