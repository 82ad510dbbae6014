/** Creates the tables in the database of DATABASE_URL, unless it has them. */
const { readFile } = require('node:fs/promises')
const { Client } = require('pg')

async function migrate() {
  const client = new Client({ connectionString: process.env.DATABASE_URL })
  await client.connect()
  const { rows } = await client.query("select to_regclass('notes') as notes")
  if (rows[0].notes === null) await client.query(await readFile('migrations/001_notes.sql', 'utf8'))
  await client.end()
}

migrate()
