/** Creates databases, by the fastest strategy that the server has, and drops them. */
import type pg from 'pg'

/** Throws the server's error, for instance while another session is connected to `template`. */
export async function createDatabase(client: pg.Client, name: string, template: string): Promise<void> {
  const { rows } = await client.query<{ throwAway: boolean }>(
    `select current_setting('fsync') = 'off' and current_setting('server_version_num')::int >= 150000 as "throwAway"`,
  )
  // Copying files is faster than writing the pages to the WAL, unless each file has to be synced.
  const strategy = rows[0]?.throwAway ? 'strategy file_copy' : ''
  await client.query(`create database "${name}" template "${template}" ${strategy}`)
}

/** Drops the database if it exists, and ends the sessions that are connected to it. */
export async function dropDatabase(client: pg.Client, name: string): Promise<void> {
  await client.query(`drop database if exists "${name}" with (force)`)
}
