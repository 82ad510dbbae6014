/**
 * Functions of Postgres that a template has in another form, so that they work in a transaction that never commits. They
 * stand in pg_catalog, where a migration finds them under their own names and where no dump looks. Outside of a sandbox
 * each does what the original does, which goes on under a name that begins with `reprise_`.
 */
import type pg from 'pg'

/** frozen: `now()` is when the test began, as in any transaction. moving: it is when the statement began. */
export type Clock = 'moving' | 'frozen'

// For those who listen in a sandbox, the setting `reprise.notifications` gathers what was sent, a JSON array of channel and
// payload a line: settings are undone with the savepoint under which they were made, as notifications are. The original
// checks its arguments, and what it queues goes with the ROLLBACK.
// PL/pgSQL, since a function in SQL would return null, and this one must return what the original does.
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

/** The SQLSTATE of the message by which `set_config` tells a sandbox what it has set: a JSON array of name, whether it is local, and value. */
export const configuredState = 'RPR01'

// What a function sets would hold for every session, and after COMMIT: a tenant, for instance. The sandbox is told by a
// message of the one level that no setting silences, and keeps it from the client.
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
      message = pg_catalog.json_build_array(pg_catalog.lower($1), coalesce($3, false), result);
  end if;
  return result;
end $$;
`

// In SQL and not strict, so that the planner puts the body in place of the call.
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
 * The SQL that puts these functions into an empty database; empty for a role that is no superuser, who may not.
 * `client` is connected to the same server. Throws for such a role if the clock is to move.
 */
export async function templateFunctions(client: pg.Client, clock: Clock = 'frozen'): Promise<string> {
  const { rows } = await client.query<{ role: string; superuser: boolean }>(
    'select rolname as role, rolsuper as superuser from pg_roles where rolname = current_user',
  )
  if (rows[0]?.superuser) return notify + setConfig + (clock === 'moving' ? movingClock : '')
  if (clock === 'moving') {
    throw new Error(
      `The option clock: 'moving' replaces now() in the database, which the role "${rows[0]?.role}" may not do. ` +
        "Let REPRISE_POSTGRES name a superuser, or leave the option at 'frozen'.",
    )
  }
  return ''
}
