/** Cursors that functions of the database leave open, which the sandbox has to find without a text that names them. */
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
