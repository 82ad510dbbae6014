import { expect } from '@playwright/test'
import type pg from 'pg'
import { withClient } from '../../postgres/connection.ts'
import { scalar, test as withSandbox } from '../testing/sandbox-fixture.ts'
import { Sequences } from './sequences.ts'

/** Sequences of every kind: the name of each and the next value that a test gets. */
const kinds = {
  t_id_seq: 1,
  '"Odd ""schema"""."näme; --"': 1,
  never_called: 42,
  called: 8,
  cached: 1,
  downwards: -1,
  of_another_role: 1,
  identity_id_seq: 1,
}

const schema = `
  create sequence t_id_seq; create schema "Odd ""schema"""; create sequence "Odd ""schema"""."näme; --";
  create sequence never_called; select setval('never_called', 42, false);
  create sequence called; select setval('called', 7);
  create sequence cached cache 20;
  create sequence downwards increment -1 minvalue -9000000000000000000;
  create sequence of_another_role; alter sequence of_another_role owner to pg_database_owner;
  create table identity (id int generated always as identity, v text);`

const test = withSandbox.extend<{ baseline: Sequences }>({
  baseline: async ({ outside, emptyDatabase }, use) => {
    await outside.query(schema)
    await use(await Sequences.read(emptyDatabase.url))
  },
})

async function nextValues(pool: pg.Pool): Promise<Record<string, number>> {
  const values: Record<string, number> = {}
  for (const name of Object.keys(kinds)) {
    values[name] = Number(await scalar(pool, `select nextval('${name.replaceAll("'", "''")}')`))
  }
  return values
}

test('restores sequences of every kind for each test', async ({ sandbox, pool, baseline }) => {
  for (let round = 0; round < 3; round++) {
    await sandbox.restore(baseline)
    sandbox.open()
    expect(await nextValues(pool)).toEqual(kinds)
    await nextValues(pool)
    await sandbox.close()
  }
})

test('restores sequences that a test sets, alters, restarts or replaces', async ({ sandbox, pool, baseline }) => {
  for (const act of [
    `truncate identity restart identity; insert into identity (v) values ('x')`,
    `alter sequence called restart with 100; select nextval('called')`,
    `select setval('never_called', 500), setval('called', 3, false), setval('cached', 7)`,
    `drop sequence called; create sequence called start 9; select nextval('called')`,
    `begin; select nextval('called'); rollback`,
    `insert into identity (v) values ('x'); alter table identity alter id restart with 7`,
  ]) {
    await sandbox.restore(baseline)
    sandbox.open()
    await pool.query(act)
    await sandbox.close()
    await sandbox.restore(baseline)
    sandbox.open()
    expect(await nextValues(pool), act).toEqual(kinds)
    await sandbox.close()
  }
})

test('does not write unchanged sequences', async ({ sandbox, outside, emptyDatabase, baseline: _made }) => {
  await outside.query(`select nextval('called')`)
  const sequences = await Sequences.read(emptyDatabase.url)
  await sandbox.restore(sequences)
  // A setval would have reset the values that nextval has logged ahead (log_cnt).
  expect(await scalar(outside, 'select log_cnt from called')).toBe('32')
})

test('lastval is undefined when a test begins', async ({ sandbox, pool, baseline }) => {
  sandbox.open()
  await pool.query(`select nextval('called')`)
  await sandbox.close()
  await sandbox.restore(baseline)
  sandbox.open()
  await expect(pool.query('select lastval()')).rejects.toMatchObject({ code: '55000' })
  await sandbox.close()
})

test('a database without sequences needs no restore', async ({ sandbox, emptyDatabase }) => {
  await sandbox.restore(await Sequences.read(emptyDatabase.url))
})

test('an error names a missing sequence, and a restore works once it is back', async ({
  sandbox,
  outside,
  baseline,
}) => {
  await outside.query('alter sequence called rename to gone')
  await expect(sandbox.restore(baseline)).rejects.toThrow(
    /The option sequences: 'restore' could not set the sequences back: relation "public.called" does not exist \(42P01\)\. .*leave the option at 'continue'/,
  )
  await outside.query('alter sequence gone rename to called')
  await sandbox.restore(baseline)
})

test('a role without SELECT on a sequence gets an error', async ({ outside, emptyDatabase, baseline: _made }, info) => {
  const role = `reader_${info.testId.replaceAll('-', '_')}`
  await outside.query(`create role "${role}" login password 'x'; grant usage on schema "Odd ""schema""" to "${role}"`)
  const url = new URL(emptyDatabase.url)
  url.username = role
  url.password = 'x'
  await expect(Sequences.read(url.href)).rejects.toThrow(
    /could not set the sequences back: permission denied for sequence/,
  )
  await withClient(emptyDatabase.url, client => client.query(`drop owned by "${role}"; drop role "${role}"`))
})
