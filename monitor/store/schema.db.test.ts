import { copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, type TestInfo } from '@playwright/test'
import { test } from '../../postgres/testing/server-fixture.ts'
import { dumpSchema } from '../testing/schema-dump.ts'
import { dropDaysBefore, openDays } from './days.ts'
import { openPool } from './pool.ts'
import { migrate } from './schema.ts'

const migrations = path.join(import.meta.dirname, 'migrations')

/** Dump of the schema after all migrations: `UPDATE_SCHEMA=1 npx playwright test monitor/store/schema` writes it. */
const schemaFile = path.join(import.meta.dirname, 'schema.sql')

test('all migrations together give the schema in schema.sql', async ({ emptyDatabase }) => {
  const pool = openPool(emptyDatabase.url)
  await migrate(pool)
  const schema = await dumpSchema(pool)
  await pool.end()
  if (process.env.UPDATE_SCHEMA) await writeFile(schemaFile, schema)
  expect(schema, 'Write it with UPDATE_SCHEMA=1, and review the difference.').toBe(await readFile(schemaFile, 'utf8'))
})

test('instances that start together migrate once, and a restart changes nothing', async ({ emptyDatabase }) => {
  const pools = [1, 2, 3].map(() => openPool(emptyDatabase.url))
  await Promise.all(pools.map(pool => migrate(pool)))
  const [pool] = pools
  await migrate(pool ?? openPool(emptyDatabase.url))
  const applied = await pool?.query('select name from reprise.migrations order by number')
  expect(applied?.rows.map(({ name }) => name)).toEqual((await readdir(migrations)).sort())
  await Promise.all(pools.map(each => each.end()))
})

test('a newer version migrates the database, and an older version then refuses to start', async ({
  emptyDatabase,
}, info) => {
  const pool = openPool(emptyDatabase.url)
  await migrate(pool)
  await pool.query(`insert into reprise.incidents (environment, opened_at) values ('production', now())`)
  const newer = await newerMigrations(
    info,
    `alter table reprise.incidents add column note text not null default 'kept'`,
  )
  await migrate(pool, newer)
  const { rows } = await pool.query('select environment, note from reprise.incidents')
  expect(rows).toEqual([{ environment: 'production', note: 'kept' }])
  await expect(migrate(pool)).rejects.toThrow(
    /was migrated by a newer version of this program \(900_note\.sql\); this one knows migrations up to \d+\. Start the newer version, or set REPRISE_MONITOR_DATABASE_URL/,
  )
  await pool.end()
})

test('a database of the first version is migrated to this one, with its data', async ({ emptyDatabase }, info) => {
  const pool = openPool(emptyDatabase.url)
  const folder = info.outputPath('first')
  await mkdir(folder)
  const [first = '', ...later] = (await readdir(migrations)).sort()
  await copyFile(path.join(migrations, first), path.join(folder, first))
  await migrate(pool, folder)
  await pool.query(`insert into reprise.incidents (environment, opened_at) values ('production', now())`)
  await migrate(pool)
  const { rows } = await pool.query(
    `select environment, (select array_agg(name order by number) from reprise.migrations) as applied from reprise.incidents`,
  )
  expect(rows).toEqual([{ environment: 'production', applied: [first, ...later] }])
  await pool.end()
})

test('channels of an incident that was open before migration 005 count as notified of all its checks', async ({
  emptyDatabase,
}, info) => {
  const pool = openPool(emptyDatabase.url)
  const folder = info.outputPath('before-told')
  await mkdir(folder)
  const before = (await readdir(migrations)).filter(file => file < '005')
  for (const file of before) await copyFile(path.join(migrations, file), path.join(folder, file))
  await migrate(pool, folder)
  await pool.query(`
    insert into reprise.incidents (environment, opened_at, closed_at) values ('production', now(), null), ('production', now(), now());
    insert into reprise.incident_checks values (1, 'up again', now(), now()), (1, 'orders', now(), null), (1, 'users', now(), null), (2, 'users', now(), now());
    insert into reprise.outbox (channel, incident, position, message)
    select channel, incident, position, '{}' from unnest(array['desk', 'oncall']) channel, generate_series(1, 2) incident, generate_series(1, 2) position`)
  await migrate(pool)
  const { rows } = await pool.query('select * from reprise.told order by check_name, channel')
  expect(rows.map(({ incident, check_name, channel }) => `${incident} ${check_name} ${channel}`)).toEqual([
    '1 orders desk',
    '1 orders oncall',
    '1 users desk',
    '1 users oncall',
  ])
  await pool.end()
})

test('a migration that fails changes nothing, and the error names its place', async ({ emptyDatabase }, info) => {
  const pool = openPool(emptyDatabase.url)
  const faulty = await newerMigrations(
    info,
    'create table reprise.note ();\nalter table reprise.incident drop column id',
  )
  await expect(migrate(pool, faulty)).rejects.toThrow(/900_note\.sql.*"reprise\.incident" does not exist/)
  const { rows } = await pool.query(
    `select to_regclass('reprise.note') as note, to_regclass('reprise.checks') as checks`,
  )
  expect(rows).toEqual([{ note: null, checks: null }])
  await pool.end()
})

test('days are created in advance and dropped as a whole', async ({ emptyDatabase }) => {
  const pool = openPool(emptyDatabase.url)
  await migrate(pool)
  const open = () => openDays(pool, new Date('2030-01-30T23:00:00Z'), new Date('2030-02-02T00:00:00Z'))
  await Promise.all([open(), open(), open()])
  const partitions = async () => {
    const { rows } = await pool.query(
      `select inhrelid::regclass::text as name from pg_inherits join pg_class parent on parent.oid = inhparent
        where parent.relkind = 'p' order by 1`,
    )
    return rows.map(({ name }) => name)
  }
  expect(await partitions()).toEqual(
    ['replays', 'slots'].flatMap(table =>
      [30, 31, 1, 2].map(day => `reprise.${table}_2030${day > 9 ? '01' : '020'}${day}`),
    ),
  )
  expect(await dropDaysBefore(pool, new Date('2030-02-01T12:00:00Z'))).toBe(2)
  expect(await partitions()).toEqual(
    ['replays', 'slots'].flatMap(table => [1, 2].map(day => `reprise.${table}_2030020${day}`)),
  )
  await pool.end()
})

/** Copies the program's migrations, and adds one. */
async function newerMigrations(info: TestInfo, sql: string): Promise<string> {
  const folder = info.outputPath('migrations')
  await mkdir(folder, { recursive: true })
  for (const name of await readdir(migrations)) await copyFile(path.join(migrations, name), path.join(folder, name))
  await writeFile(path.join(folder, '900_note.sql'), sql)
  return folder
}
