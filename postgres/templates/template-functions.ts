/**
 * Replaces functions of Postgres in a template so that they work in a transaction that never commits. The replacements are
 * in pg_catalog, where migrations find them under the original names and pg_dump ignores them. Outside a sandbox each calls
 * the original, which is renamed to `reprise_...`.
 */
import type pg from 'pg'

/** frozen: `now()` is the start of the test, as in any transaction. moving: it is the start of the statement. */
export type Clock = 'moving' | 'frozen'

// For sessions that listen in a sandbox, the setting `reprise.notifications` collects what was sent: a line per
// notification, a JSON array of channel and payload. A rollback to a savepoint undoes settings just as it undoes
// notifications. The original checks the arguments, and what it queues is discarded by the ROLLBACK.
// In PL/pgSQL, since a function in SQL would return null instead of the void value that the original returns.
const notify = `
alter function pg_catalog.pg_notify(text, text) rename to reprise_pg_notify;
create function pg_catalog.pg_notify(text, text) returns void language plpgsql volatile parallel restricted as $$
begin
  perform pg_catalog.reprise_pg_notify($1, $2);
  if pg_catalog.texteq(pg_catalog.current_setting('reprise.listening', true), 'on') then
    perform pg_catalog.set_config('reprise.notifications', pg_catalog.concat(
      pg_catalog.current_setting('reprise.notifications', true),
      pg_catalog.json_build_array($1, coalesce($2, '')), pg_catalog.chr(10)), false);
  end if;
end $$;
`

/** The SQLSTATE of the message by which `set_config` reports to the sandbox: a JSON array of name, is_local and value. */
export const configuredState = 'RPR01'

// A setting made by a function would apply to every session, and outlive COMMIT: a tenant, for instance. The sandbox gets a
// message of level INFO, which no setting suppresses, and does not forward it to the client.
const setConfig = `
alter function pg_catalog.set_config(text, text, boolean) rename to reprise_set_config;
create function pg_catalog.set_config(setting_name text, new_value text, is_local boolean) returns text
language plpgsql volatile parallel unsafe as $$
declare
  result text := pg_catalog.reprise_set_config($1, $2, $3);
begin
  if pg_catalog.texteq(pg_catalog.current_setting('reprise.sandbox', true), 'on')
    and not pg_catalog.starts_with($1, 'reprise.') then
    raise info using errcode = '${configuredState}',
      message = pg_catalog.json_build_array(pg_catalog.lower($1 collate "C"), coalesce($3, false), result);
  end if;
  return result;
end $$;
`

// In SQL and not strict, so that the planner can inline the function.
const movingClock = ['now', 'transaction_timestamp']
  .map(
    name => `
alter function pg_catalog.${name}() rename to reprise_${name};
create function pg_catalog.${name}() returns timestamptz language sql stable parallel safe as $$
  select case when pg_catalog.texteq(pg_catalog.current_setting('reprise.sandbox', true), 'on')
    then pg_catalog.statement_timestamp() else pg_catalog.reprise_${name}() end
$$;
`,
  )
  .join('')

/**
 * The SQL that creates these functions in an empty database; empty for a role that is no superuser, which may not.
 * `client` is connected to the same server. Throws for such a role if the clock is `moving`.
 */
export async function templateFunctions(client: pg.Client, clock: Clock = 'frozen'): Promise<string> {
  const { rows } = await client.query<{ role: string; superuser: boolean }>(
    'select rolname as role, rolsuper as superuser from pg_roles where rolname = current_user',
  )
  if (rows[0]?.superuser) return notify + setConfig + (clock === 'moving' ? movingClock : '')
  if (clock === 'moving') {
    throw new Error(
      `The option clock: 'moving' replaces now() in the database, which the role "${rows[0]?.role}" may not do. ` +
        "Connect as a superuser by REPRISE_POSTGRES, or set the option to 'frozen'.",
    )
  }
  return ''
}
