// Drops the databases of runs that are over, on an existing server.
import { setTimeout as delay } from 'node:timers/promises'
import { isTemplateOf, lockClasses, lockKey, runOf } from './names.mjs'

/** @import { Client } from 'pg' */

/**
 * Drops what this run created, and the templates that no other run uses.
 * @param {string} runId @param {string} url of the maintenance database
 */
export async function dropDatabasesOf(runId, url) {
  await withClient(url, async client => {
    // The locks of a killed run are released when the server notices that its connection is gone.
    const deadline = Date.now() + 5000
    while ((await livingRuns(client)).has(lockKey(runId)) && Date.now() < deadline) await delay(20)
    await dropDead(client, runId)
  })
}

/** Drops what dead runs left. @param {string} url */
export async function reapDatabases(url) {
  await withClient(url, client => dropDead(client))
}

/** @param {Client} client @param {string} [endedRun] */
async function dropDead(client, endedRun) {
  const { rows } = await client.query(
    `select datname as name, current_database() as maintenance from pg_database where starts_with(datname, 'reprise_')`,
  )
  // Read after the names: a run takes its lock before it creates its first database.
  const living = await livingRuns(client)
  for (const { name, maintenance } of rows) {
    const run = runOf(name)
    if (run !== undefined && (run === endedRun || !living.has(lockKey(run)))) await drop(client, name)
    else if (isTemplateOf(name, maintenance)) await dropUnused(client, name)
  }
}

/** @param {Client} client @returns {Promise<Set<number>>} */
async function livingRuns(client) {
  const { rows } = await client.query(
    `select objid::bigint::int as key from pg_locks where locktype = 'advisory' and objsubid = 2 and classid = $1 and granted`,
    [lockClasses.run],
  )
  return new Set(rows.map(row => row.key))
}

/** @param {Client} client @param {string} template */
async function dropUnused(client, template) {
  const lock = [lockClasses.use, lockKey(template)]
  const { rows } = await client.query('select pg_try_advisory_lock($1, $2) as granted', lock)
  if (!rows[0].granted) return
  try {
    await client.query(`alter database "${template}" is_template false`)
    await drop(client, template)
  } finally {
    await client.query('select pg_advisory_unlock($1, $2)', lock)
  }
}

/** @param {Client} client @param {string} name */
async function drop(client, name) {
  await client.query(`drop database if exists "${name}" with (force)`)
}

/** @param {string} url @param {(client: Client) => Promise<void>} work */
async function withClient(url, work) {
  const { default: pg } = await import('pg')
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: 30_000,
    application_name: 'reprise watchdog',
  })
  // A lost connection rejects the running query; without a listener the event would end the watchdog.
  client.on('error', () => undefined)
  try {
    await client.connect()
    await work(client)
  } catch (error) {
    throw new Error(
      `Databases named reprise_... may be left on ${new URL(url).host}: ${/** @type {Error} */ (error).message}`,
      { cause: error },
    )
  } finally {
    await client.end().catch(() => undefined)
  }
}
