/** Creates databases, in the way that is fastest on this server, and drops them. */
import type pg from 'pg'

/** Throws what the server says, for instance while somebody is connected to `template`. */
export async function createDatabase(client: pg.Client, name: string, template: string): Promise<void> {
  const { rows } = await client.query<{ throwAway: boolean }>(
    `select current_setting('fsync') = 'off' and current_setting('server_version_num')::int >= 150000 as "throwAway"`,
  )
  // Copying files beats writing them through the log, unless each file must be synced to a disk.
  const strategy = rows[0]?.throwAway ? 'strategy file_copy' : ''
  await client.query(`create database "${name}" template "${template}" ${strategy}`)
}

/** Drops the database if it is there, whoever is still connected to it. */
export async function dropDatabase(client: pg.Client, name: string): Promise<void> {
  await client.query(`drop database if exists "${name}" with (force)`)
}
