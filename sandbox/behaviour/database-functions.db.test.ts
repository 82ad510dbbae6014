/** What functions of the database do, which the sandbox has to find without a text that names it. */
import { expect } from '@playwright/test'
import { SandboxPool } from '../pool.ts'
import { Sandbox } from '../sandbox.ts'
import { scalar, test } from '../testing/sandbox-fixture.ts'

test('a cursor that a function of the database leaves open is closed at the commit', async ({
  emptyDatabase,
  outside,
}) => {
  await outside.query(`
    create function f() returns trigger language plpgsql as $$
      declare c cursor for select 1; begin c := 'mine'; open c; return null; end $$;
    create trigger f after insert on t for each statement execute function f()`)
  const sandbox = await Sandbox.connect(emptyDatabase.url)
  for (let test = 0; test < 2; test++) {
    sandbox.open()
    const pool = new SandboxPool(sandbox, 'pool')
    await pool.query('insert into t values (1)')
    await pool.query('insert into t values (2)')
    await pool.query('insert into t values ($1)', [3])
    await pool.query('begin; insert into t values (4); commit')
    expect(await scalar(pool, 'select count(*)::int from t')).toBe(4)
    await sandbox.close()
  }
  await sandbox.dispose()
})

test('a function of the database reads statistics of the server anew in each transaction', async ({
  emptyDatabase,
  outside,
}) => {
  await outside.query(`create function seen() returns text language sql as
    'select query from pg_stat_activity where pid = pg_backend_pid()'`)
  const sandbox = await Sandbox.connect(emptyDatabase.url)
  sandbox.open()
  const pool = new SandboxPool(sandbox, 'pool')
  expect(await scalar(pool, 'select seen() as first')).toBe('select seen() as first')
  expect(await scalar(pool, 'select seen() as second')).toBe('select seen() as second')
  await sandbox.close()
  await sandbox.dispose()
})

test('a constraint that a function of the database creates, by the SQL of a parameter, is checked at the commit', async ({
  emptyDatabase,
  outside,
}) => {
  await outside.query('create function run(sql text) returns void language plpgsql as $$ begin execute sql; end $$')
  const sandbox = await Sandbox.connect(emptyDatabase.url)
  sandbox.open()
  const pool = new SandboxPool(sandbox, 'pool')
  await pool.query('select run($1)', ['create table u (id int references t initially deferred)'])
  await expect(pool.query('insert into u values (1)')).rejects.toMatchObject({ code: '23503' })
  await sandbox.close()
  await sandbox.dispose()
})
