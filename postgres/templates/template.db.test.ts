import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, type TestInfo } from '@playwright/test'
import pg from 'pg'
import { withClient } from '../connection.ts'
import { isTemplateOf } from '../run/watchdog/names.mjs'
import type { Spare } from '../server.ts'
import { test } from '../testing/server-fixture.ts'
import { createClone } from './clone.ts'
import { createSpare } from './spare.ts'
import { ensureTemplate } from './template.ts'
import type { Clock } from './template-functions.ts'

const users = 'create table users (id int primary key, email text);'

test('a clone has the migrations and the reference data, and its own rows', async ({ server }, info) => {
  const migrations = await sqlFolder(info, {
    '001_users.sql': users,
    '002_name.sql': 'alter table users add name text;',
  })
  const referenceData = path.join(
    await sqlFolder(info, { 'reference.sql': "insert into users values (1, 'a@b.c', 'A')" }, 'data'),
    'reference.sql',
  )
  const template = await ensureTemplate(server, { migrations, referenceData })
  const [one, two] = await Promise.all([createClone(server, template), createClone(server, template)])
  await withClient(one.url, client => client.query("insert into users values (2, 'd@e.f', 'D')"))
  expect(await rowsOf(one.url)).toHaveLength(2)
  expect(await rowsOf(two.url)).toEqual([{ id: 1, email: 'a@b.c', name: 'A' }])
  await Promise.all([one.drop(), two.drop()])
  await expect(rowsOf(one.url)).rejects.toThrow(/does not exist/)
})

test('the error for a missing file or folder has its path and its option', async ({ server }, info) => {
  const missing = info.outputPath('reference-data.sql')
  await expect(ensureTemplate(server, { referenceData: missing })).rejects.toThrow(
    /^\S+reference-data\.sql cannot be read: ENOENT.* Correct the option "referenceData"\.$/,
  )
  await expect(ensureTemplate(server, { migrations: missing })).rejects.toThrow('Correct the option "migrations".')
})

test('concurrent calls with the same content migrate once; other content makes another template', async ({
  server,
}, info) => {
  let migrated = 0
  const migrate = async () => {
    migrated++
  }
  const id = info.testId
  const names = await Promise.all([1, 2, 3, 4].map(() => ensureTemplate(server, { migrations: { id, migrate } })))
  expect(new Set(names).size).toBe(1)
  expect(migrated).toBe(1)
  expect(await ensureTemplate(server, { migrations: { id: `${id} changed`, migrate } })).not.toBe(names[0])
  expect(migrated).toBe(2)
})

test('a template is made of the spare database if that is there and has the same functions', async ({
  server,
}, info) => {
  const oidOfTemplate = async (spare: Spare | undefined, clock: Clock = 'frozen') => {
    const migrations = { id: `${info.testId} ${spare?.name}`, migrate: async () => undefined }
    const template = await ensureTemplate({ ...server, takeSpare: async () => spare }, { migrations, clock })
    return oidOf(server.url, template)
  }
  const [spare, other] = await Promise.all([createSpare(server), createSpare(server)])
  const [oid, oidOfOther] = [await oidOf(server.url, spare?.name), await oidOf(server.url, other?.name)]
  expect(await oidOfTemplate(spare)).toBe(oid)
  expect(await oidOf(server.url, spare?.name)).toBeUndefined()
  expect(await oidOfTemplate(other, 'moving')).not.toBe(oidOfOther)
  await expect.poll(() => oidOf(server.url, other?.name)).toBeUndefined()
  expect(await oidOfTemplate(other)).not.toBe(oidOfOther)
})

test('a slow build that has failed is not tried again by each worker, and a quick one is', async ({ server }, info) => {
  let [slow, quick] = [0, 0]
  const pause = (url: string) => withClient(url, client => client.query('select pg_sleep(1)'))
  const hanging = async (url: string) => {
    slow++
    await pause(url)
    throw new Error('the command was stopped')
  }
  const failing = async () => {
    quick++
    throw new Error('it fails at once')
  }
  const id = info.testId
  const first = () => ensureTemplate(server, { migrations: { id, migrate: hanging } })
  await expect(first()).rejects.toThrow(/^the command was stopped$/)
  await expect(first()).rejects.toThrow(
    /^the command was stopped\nIt failed in another worker of this run after 1 s, .* in the next run\.$/,
  )
  expect(slow).toBe(1)
  for (const _attempt of [1, 2]) {
    const other = ensureTemplate(server, { migrations: { id: `${id} quick`, migrate: failing } })
    await expect(other).rejects.toThrow(/^it fails at once$/)
  }
  expect(quick).toBe(2)
})

test('a changed file makes another template', async ({ server }, info) => {
  const before = await ensureTemplate(server, { migrations: await sqlFolder(info, { '001_users.sql': users }) })
  const after = await ensureTemplate(server, { migrations: await sqlFolder(info, { '001_users.sql': `${users} --` }) })
  expect(after).not.toBe(before)
})

test('a template whose build was interrupted by a crash is rebuilt', async ({ server }, info) => {
  const migrations = await sqlFolder(info, { '001_users.sql': `${users} -- ${info.testId}` })
  const template = await ensureTemplate(server, { migrations })
  await withClient(server.url, async client => {
    // What a crash during the build leaves: the database, with half of the tables and without the flags.
    await client.query(`alter database "${template}" is_template false`)
    await client.query(`drop database "${template}"`)
    await client.query(`create database "${template}"`)
  })
  expect(await ensureTemplate(server, { migrations })).toBe(template)
  const clone = await createClone(server, template)
  expect(await rowsOf(clone.url)).toEqual([])
  await clone.drop()
})

test('connections that a migration tool left open do not block clones', async ({ server }, info) => {
  const forgotten: pg.Client[] = []
  const migrate = async (url: string) => {
    const client = new pg.Client({ connectionString: url })
    client.on('error', () => undefined)
    forgotten.push(client)
    await client.connect()
    await client.query(users)
  }
  const template = await ensureTemplate(server, { migrations: { id: info.testId, migrate } })
  const clone = await createClone(server, template)
  expect(await rowsOf(clone.url)).toEqual([])
  await clone.drop()
  expect(forgotten).toHaveLength(1)
})

test('a function without an id works too', async ({ server }) => {
  const template = await ensureTemplate(server, {
    migrations: url => withClient(url, async client => void (await client.query(users))),
  })
  const clone = await createClone(server, template)
  expect(await rowsOf(clone.url)).toEqual([])
  await clone.drop()
})

test('a syntax error is reported with file, line, column, message and source line, and leaves no template', async ({
  server,
  emptyDatabase,
}, info) => {
  const migrations = await sqlFolder(info, {
    '001_users.sql': users,
    '002_typo.sql': '-- 🙂 first\n  alter tabel users add x int;\n',
  })
  const failure = await ensureTemplate(server, { migrations }).catch((error: Error) => error)
  expect(failure).toMatchObject({
    message: `${path.join(migrations, '002_typo.sql')}:2:9: syntax error at or near "tabel"\n    alter tabel users add x int;\n          ^`,
    cause: { code: '42601' },
  })
  // Only this test uses templates through this maintenance database.
  await expect(ensureTemplate({ ...server, url: emptyDatabase.url }, { migrations })).rejects.toThrow(
    /002_typo\.sql:2:9/,
  )
  const { rows } = await withClient(server.url, client => client.query('select datname as name from pg_database'))
  expect(rows.filter(({ name }) => isTemplateOf(name, emptyDatabase.name))).toEqual([])
})

test('an error without a position has the file and the detail', async ({ server }, info) => {
  const migrations = await sqlFolder(info, { '001_users.sql': `${users} insert into users values (1), (1)` })
  await expect(ensureTemplate(server, { migrations })).rejects.toThrow(
    /001_users\.sql: duplicate key value violates unique constraint "users_pkey"\nDetail: Key \(id\)=\(1\) already exists/,
  )
})

test('settings of a file do not affect the next file, and a file may not leave its transaction open', async ({
  server,
}, info) => {
  const dump = "select pg_catalog.set_config('search_path', '', false);"
  const good = await sqlFolder(info, { '001_dump.sql': dump, '002_users.sql': users })
  await expect(ensureTemplate(server, { migrations: good })).resolves.toContain('reprise_template_')
  const open = await sqlFolder(info, { '001_users.sql': `begin; ${users}` }, 'open')
  await expect(ensureTemplate(server, { migrations: open })).rejects.toThrow(
    /001_users\.sql leaves its transaction open/,
  )
})

test('of a migration with marked halves only the half that migrates up is run', async ({ server }, info) => {
  const migrations = await sqlFolder(info, {
    '001_users.sql': `-- migrate:up\n${users}\n-- migrate:down\ndrop table users;\n`,
  })
  const clone = await createClone(server, await ensureTemplate(server, { migrations }))
  expect(await rowsOf(clone.url)).toEqual([])
  await clone.drop()
})

test('statements that cannot share a transaction run by themselves, and sequences continue where the file began', async ({
  server,
}, info) => {
  const migrations = await sqlFolder(info, {
    '001_users.sql': 'create table users (id serial, mood text); create type mood as enum ();',
    '002_index.sql': `
      insert into users default values;
      create index concurrently on users (id); -- ; no end
      create function f() returns text language sql begin atomic select ';'; end;
      vacuum users;`,
    '003_enum.sql': `alter type mood add value 'good'; insert into users (mood) values ('good'::mood);`,
    '004_routine.sql': `
      create procedure add() language plpgsql as $$ begin insert into users default values; commit; end $$;
      call add();`,
    '006_pending.sql': `
      create table parents (id int primary key); create table children (id int references parents initially deferred);
      insert into parents values (1); insert into children values (1); alter table children add name text;`,
    '005_mixed.sql': `begin; insert into users default values; commit; create index concurrently on users (mood);`,
  })
  const clone = await createClone(server, await ensureTemplate(server, { migrations }))
  expect(await rowsOf(clone.url)).toEqual([
    { id: 1, mood: null },
    { id: 2, mood: 'good' },
    { id: 3, mood: null },
    { id: 4, mood: null },
  ])
  const { rows } = await withClient(clone.url, client => client.query('select from pg_index where not indisvalid'))
  expect(rows).toEqual([])
  await clone.drop()
})

test('a sequence that a file did not use keeps the value that an earlier one has set', async ({ server }, info) => {
  const migrations = await sqlFolder(info, {
    '001_numbers.sql': `create sequence numbers; select setval('numbers', 100, false); ${users}`,
    '002_index.sql': 'create index concurrently on users (id); vacuum users;',
  })
  const clone = await createClone(server, await ensureTemplate(server, { migrations }))
  const next = await withClient(clone.url, client => client.query(`select nextval('numbers')::int as number`))
  expect(next.rows).toEqual([{ number: 100 }])
  await clone.drop()
})

test('a statement that its own transaction refuses is named', async ({ server }, info) => {
  const migrations = await sqlFolder(info, {
    '001_users.sql': `${users}\nbegin;\ncreate index concurrently on users (id);\n`,
  })
  await expect(ensureTemplate(server, { migrations })).rejects.toThrow(
    /001_users\.sql:3:1: CREATE INDEX CONCURRENTLY cannot run inside a transaction block/,
  )
})

test('the error of a statement that ran by itself has its line, also without a position', async ({ server }, info) => {
  const migrations = await sqlFolder(info, {
    '001_users.sql': `${users}\ncreate index concurrently on users (id);\n\n  -- 🙂\n  select '🙂', 1 / 0;\n`,
  })
  await expect(ensureTemplate(server, { migrations })).rejects.toThrow(
    `${path.join(migrations, '001_users.sql')}:5:3: division by zero\n    select '🙂', 1 / 0;\n    ^`,
  )
  const typo = await sqlFolder(info, { '001_users.sql': `vacuum;\nselect '🙂';\n select '🙂', nope;` }, 'typo')
  await expect(ensureTemplate(server, { migrations: typo })).rejects.toThrow(
    '001_users.sql:3:14: column "nope" does not exist',
  )
})

test('a file of pg_dump is run, and what only psql can read is refused with the line to write', async ({
  server,
}, info) => {
  const restricted = '\\restrict x1Y\n\ncreate table users (id int);\n\n\\unrestrict x1Y\n'
  const good = await sqlFolder(info, {
    '001_users.sql': restricted,
    '002_text.sql': "select '\n\\connect a'; /*\n\\connect b\n*/ -- from stdin",
  })
  const clone = await createClone(server, await ensureTemplate(server, { migrations: good }))
  expect(await rowsOf(clone.url)).toEqual([])
  await clone.drop()
  const refusal = async (sql: string, name: string) => {
    const folder = await sqlFolder(info, { '001_users.sql': sql }, name)
    const file = path.join(folder, '001_users.sql')
    const error = await ensureTemplate(server, { migrations: folder }).catch((reason: Error) => reason)
    return String(error).replaceAll(file, 'FILE')
  }
  const psql = `have psql run the file: migrations: { command: 'psql "$DATABASE_URL" -v ON_ERROR_STOP=1 -f FILE' }.`
  expect(await refusal(`${restricted}\\connect other\nselect 1;`, 'connect')).toContain(
    `FILE:6: "\\connect other" is a command of psql. Remove the line, or ${psql}`,
  )
  expect(await refusal("select 'a';\n\ncopy users (id) from stdin;\n1\tit's\n\\.\n", 'copy')).toContain(
    `FILE:3: only psql can read the data of COPY ... FROM stdin. Have pg_dump write INSERT by its option --inserts, or ${psql}`,
  )
})

test('another order of the same files makes another template', async ({ server }, info) => {
  const inOrder = async (...tags: string[]) => {
    const folder = await sqlFolder(info, { '0000_a.sql': 'select 1', '0001_b.sql': 'select 2' })
    await sqlFolder(
      info,
      { '_journal.json': JSON.stringify({ entries: tags.map(tag => ({ tag })) }) },
      'migrations/meta',
    )
    return ensureTemplate(server, { migrations: folder })
  }
  expect(await inOrder('0000_a', '0001_b')).not.toBe(await inOrder('0001_b', '0000_a'))
})

async function oidOf(url: string, database: string | undefined): Promise<number | undefined> {
  const found = await withClient(url, client =>
    client.query<{ oid: number }>('select oid from pg_database where datname = $1', [database]),
  )
  return found.rows[0]?.oid
}

async function rowsOf(url: string): Promise<unknown[]> {
  return withClient(url, async client => (await client.query('select * from users order by id')).rows)
}

async function sqlFolder(info: TestInfo, files: Record<string, string>, name = 'migrations'): Promise<string> {
  const folder = info.outputPath(name)
  await mkdir(folder, { recursive: true })
  await Promise.all(Object.entries(files).map(([file, sql]) => writeFile(path.join(folder, file), sql)))
  return folder
}
