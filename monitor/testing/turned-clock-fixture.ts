/** Playwright's `test` with a database whose clock can be set. */
import { withClient } from '../../postgres/connection.ts'
import { test as base } from './store-fixture.ts'

interface TurnedClockFixtures {
  clock: {
    /** Sets the clock that many milliseconds ahead of the true time. */
    setAhead(milliseconds: number): Promise<void>
    /** Stops the clock. */
    stop(at: Date): Promise<void>
  }
}

export const test = base.extend<TurnedClockFixtures>({
  // Its tables get the functions that migrations find.
  isCopied: false,
  // New connections find these functions before those of Postgres.
  emptyDatabase: async ({ emptyDatabase }, use) => {
    await withClient(emptyDatabase.url, async client => {
      await client.query(`
        create schema turned;
        create table turned.clock (ahead interval not null, stopped_at timestamptz);
        insert into turned.clock values ('0', null);
        create function turned.clock_timestamp() returns timestamptz volatile language sql
          as 'select coalesce(stopped_at, pg_catalog.clock_timestamp() + ahead) from turned.clock';
        create function turned.now() returns timestamptz stable language sql
          as 'select coalesce(stopped_at, pg_catalog.now() + ahead) from turned.clock';
        alter database ${emptyDatabase.name} set search_path = turned, pg_catalog, public`)
    })
    await use(emptyDatabase)
  },
  clock: async ({ pool }, use) => {
    await use({
      setAhead: async milliseconds => {
        await pool.query(`update turned.clock set ahead = $1 * interval '1 ms', stopped_at = null`, [milliseconds])
      },
      stop: async at => {
        await pool.query('update turned.clock set stopped_at = $1', [at])
      },
    })
  },
})
