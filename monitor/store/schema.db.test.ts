import { randomUUID } from 'node:crypto'
import { copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, type TestInfo } from '@playwright/test'
import type pg from 'pg'
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

test('beside instances of an older version the database is not migrated', async ({ emptyDatabase }, info) => {
  const pool = openPool(emptyDatabase.url)
  await migrate(pool, await migrationsBefore(info, '008'))
  const id = randomUUID()
  await pool.query(`insert into reprise.instances (id, location, capacity) values ($1, 'paris', 1)`, [id])
  await expect(migrate(pool)).rejects.toThrow(
    `because instances of an older version use it: ${id} in paris. Stop them all, and start this version then`,
  )
  expect((await pool.query(`select to_regclass('reprise.mutes') as mutes`)).rows).toEqual([{ mutes: null }])
  await pool.query(`update reprise.instances set heartbeat_at = now() - interval '1 minute'`)
  await migrate(pool)
  await pool.query('update reprise.instances set heartbeat_at = clock_timestamp()')
  await migrate(pool)
  await pool.end()
})

test('a database of an unreleased version is refused, with what to do', async ({ emptyDatabase }) => {
  const pool = openPool(emptyDatabase.url)
  await migrate(pool)
  await pool.query(`update reprise.migrations set name = '005_other.sql' where number = 5`)
  await expect(migrate(pool)).rejects.toThrow(
    /migrated by an unreleased version of this program: 005_other\.sql is 005_open_alerts\.sql in this one\. Remove the database/,
  )
  await pool.end()
})

test('a database of the first version is migrated to this one, with its data', async ({ emptyDatabase }, info) => {
  const pool = openPool(emptyDatabase.url)
  const [first = '', ...later] = (await readdir(migrations)).sort()
  await migrate(pool, await migrationsBefore(info, '002'))
  await pool.query(`insert into reprise.incidents (environment, opened_at) values ('production', now())`)
  await migrate(pool)
  const { rows } = await pool.query(
    `select environment, (select array_agg(name order by number) from reprise.migrations) as applied from reprise.incidents`,
  )
  expect(rows).toEqual([{ environment: 'production', applied: [first, ...later] }])
  await pool.end()
})

test('a channel of an incident that was open before migration 005 counts as notified of the checks that its messages listed as down', async ({
  emptyDatabase,
}, info) => {
  const pool = openPool(emptyDatabase.url)
  await migrate(pool, await migrationsBefore(info, '005'))
  await pool.query(`
    insert into reprise.incidents (environment, opened_at, closed_at) values ('production', now(), null), ('production', now(), now());
    insert into reprise.incident_checks values
      (1, 'up again', now(), now()), (1, 'orders', now(), null), (1, 'joined later', now(), null), (2, 'users', now(), now())`)
  const shown = (states: Record<string, string>) =>
    JSON.stringify({ kind: 'down', checks: Object.entries(states).map(([name, state]) => ({ name, state })) })
  const write = (channel: string, incident: number, position: number, message: string, more = 'null, null') =>
    pool.query(
      `insert into reprise.outbox (channel, incident, position, message, delivered_at, last_error)
       values ($1, $2, $3, $4, ${more})`,
      [channel, incident, position, message],
    )
  const both = { orders: 'down', 'up again': 'down' }
  await write('desk', 1, 1, shown(both), 'now(), null')
  await write('refusing', 1, 1, shown(both), `null, 'answered 503'`)
  await write('late', 1, 1, shown({ ...both, 'joined later': 'down' }))
  await write('quiet', 1, 1, shown(both), `now(), 'muted'`)
  await write('desk', 2, 1, shown({ users: 'down' }), 'now(), null')
  await migrate(pool)
  expect(await notifiedIn(pool)).toEqual(['1 joined later late', '1 orders desk', '1 orders late', '1 orders refusing'])
  await pool.end()
})

test('channels do not count as notified of alerts that an earlier version muted', async ({ emptyDatabase }, info) => {
  const pool = openPool(emptyDatabase.url)
  await migrate(pool, await migrationsBefore(info, '007'))
  const news = (kind: string) => JSON.stringify({ checks: [{ name: 'orders', state: 'down', news: kind }] })
  const write = (channel: string, incident: number, position: number, kind: string, more: string) =>
    pool.query(
      `insert into reprise.outbox (channel, incident, position, message, delivered_at, last_error)
       values ($1, $2, $3, $4, ${more})`,
      [channel, incident, position, news(kind)],
    )
  await write('desk', 1, 1, 'fell', 'now(), null')
  await write('quiet', 1, 1, 'fell', `now(), 'muted'`)
  await write('quiet', 0, 1, 'unknown', `now(), 'muted'`)
  await write('later', 1, 1, 'fell', `now(), 'muted'`)
  await write('later', 1, 2, 'recovered', `now(), 'muted'`)
  await write('later', 1, 3, 'fell', 'null, null')
  await pool.query(
    `insert into reprise.open_alerts values (1, 'orders', 'desk'), (1, 'orders', 'quiet'), (0, 'orders', 'quiet'),
       (1, 'orders', 'later'), (1, 'orders', 'of an upgrade')`,
  )
  await migrate(pool)
  expect(await notifiedIn(pool)).toEqual(['1 orders desk', '1 orders later', '1 orders of an upgrade'])
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

test('a migration may take longer than a query, which the starting instances report, and waits for a lock for a while', async ({
  emptyDatabase,
}, info) => {
  const [pool, other] = [1, 2].map(() => openPool(emptyDatabase.url, { query_timeout: 100 }))
  if (!pool || !other) throw new Error('There are no pools.')
  const heard: string[] = []
  const progress = { onSlow: (text: string) => heard.push(text), slowAfterMs: 50, lockMs: 100 }
  const slow = await newerMigrations(info, 'select pg_sleep(0.5)')
  await Promise.all([pool, other].map(each => migrate(each, slow, progress)))
  expect(heard).toContain("Waiting for another instance that migrates the monitor's database.")
  expect(heard.join()).toMatch(/Migrating the monitor's database: 900_note\.sql takes minutes/)

  const reader = await other.connect()
  await reader.query('begin; select from reprise.replays')
  await writeFile(path.join(slow, '901_lock.sql'), 'alter table reprise.replays add column note text')
  await expect(migrate(pool, slow, progress)).rejects.toThrow(
    "The migration 901_lock.sql of the monitor's database has waited 0.1 s for a lock",
  )
  await reader.query('rollback')
  reader.release()
  await Promise.all([pool.end(), other.end()])
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

/** Copies the migrations of an earlier version. */
async function migrationsBefore(info: TestInfo, number: string): Promise<string> {
  const folder = info.outputPath(`before-${number}`)
  await mkdir(folder)
  const before = (await readdir(migrations)).filter(file => file < number)
  for (const file of before) await copyFile(path.join(migrations, file), path.join(folder, file))
  return folder
}

async function notifiedIn(pool: pg.Pool): Promise<string[]> {
  const { rows } = await pool.query('select * from reprise.open_alerts order by incident, check_name, channel')
  return rows.map(({ incident, check_name, channel }) => `${incident} ${check_name} ${channel}`)
}

/** Copies the program's migrations, and adds one. */
async function newerMigrations(info: TestInfo, sql: string): Promise<string> {
  const folder = info.outputPath('migrations')
  await mkdir(folder, { recursive: true })
  for (const name of await readdir(migrations)) await copyFile(path.join(migrations, name), path.join(folder, name))
  await writeFile(path.join(folder, '900_note.sql'), sql)
  return folder
}
