/** Finds the values that replace the ALTER ROLE ... SET of the sandbox's own role in sessions of another role. */

import { literal } from '../sql/quote.ts'
import type { Run } from '../sql/run-sql.ts'
import { withheldSettings } from '../state/settings/settings.ts'
import type { RequestedSettings } from './startup-options.ts'

/**
 * Reads the values of these parameters for a role without settings: those of the database, the configuration files or else
 * the server's defaults. Values of the server's command line cannot be read.
 */
export async function settingsWithoutRole(role: string, run: Run): Promise<RequestedSettings> {
  const rows = await run(`
    WITH given AS (
      SELECT c.setrole, pg_catalog.lower(pg_catalog.split_part(s, '=', 1) COLLATE "C") AS name,
        pg_catalog.substr(s, pg_catalog.strpos(s, '=') + 1) AS value
      FROM pg_catalog.pg_db_role_setting c
      CROSS JOIN LATERAL pg_catalog.unnest(c.setconfig) s
      WHERE c.setdatabase IN (0, (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()))
    )
    SELECT DISTINCT g.name, coalesce(
      (SELECT d.value FROM given d WHERE d.setrole = 0 AND d.name = g.name),
      (SELECT f.setting FROM pg_catalog.pg_file_settings f WHERE pg_catalog.lower(f.name COLLATE "C") = g.name AND f.applied),
      (SELECT p.boot_val FROM pg_catalog.pg_settings p WHERE pg_catalog.lower(p.name COLLATE "C") = g.name),
      '')
    FROM given g WHERE g.setrole = (SELECT oid FROM pg_catalog.pg_roles WHERE rolname = ${literal(role)})`)
  return rows.flatMap(([name, value]) =>
    name && !withheldSettings.has(name) ? [[name, value ?? ''] as [string, string]] : [],
  )
}
