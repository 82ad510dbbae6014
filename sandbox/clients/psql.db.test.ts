/** `psql`: scripts, variables, errors, \copy, cursors behind FETCH_COUNT, notifications. */
import { readFile, writeFile } from 'node:fs/promises'
import { expect } from '@playwright/test'
import { scalar } from '../testing/sandbox-fixture.ts'
import { test } from './client-fixture.ts'
import { type Finished, runProgram, whyMissing } from './program.ts'

const missing = whyMissing('psql')
test.skip(missing !== undefined, missing)

const psql = (url: string, script: string, ...options: string[]): Promise<Finished> =>
  runProgram('psql', ['--no-psqlrc', '--quiet', '--tuples-only', '--no-align', ...options, url], script)

test('runs a script with variables, and continues after an error', async ({ tcp: { url, pool } }) => {
  const { stdout, stderr, code } = await psql(
    url,
    `insert into t values (1, 'one') returning id as one \\gset
     insert into t values (:one, 'again');
     \\echo :SQLSTATE :LAST_ERROR_SQLSTATE
     insert into t values (:one + 1, 'two');
     select * from t order by id \\g (format=csv)
     select 'select ' || id || ';' from t order by id \\gexec
     select 1 \\; select 2;`,
  )
  expect(stderr).toContain('ERROR:  duplicate key value violates unique constraint "t_pkey"')
  expect(stdout.trim().split('\n')).toEqual(['23505 23505', '1,one', '2,two', '1', '2', '1', '2'])
  expect(code).toBe(0)
  expect(await scalar(pool, 'select count(*)::int from t')).toBe(2)
})

test('transactions: savepoints, an error, ON_ERROR_ROLLBACK', async ({ tcp: { url, pool } }) => {
  const { stdout } = await psql(
    url,
    `begin;
     insert into t values (1);
     savepoint nested;
     insert into t values (1);
     select 'unseen';
     rollback to nested;
     insert into t values (2);
     commit;
     \\set ON_ERROR_ROLLBACK on
     begin;
     insert into t values (3);
     insert into t values (3);
     commit;
     select count(*) from t;
     begin;
     insert into t values (4);`,
  )
  expect(stdout).toBe('3\n')
  expect(await scalar(pool, 'select count(*)::int from t')).toBe(3)
})

test('runs a whole script in one transaction, committed or rolled back', async ({ tcp: { url, pool } }) => {
  const script = (v: string) => `insert into t values (1, 'one'); \n insert into t values (2, '${v}');`
  expect(await psql(url, script('one'), '--single-transaction', '--set=ON_ERROR_STOP=1')).toMatchObject({ code: 3 })
  expect(await scalar(pool, 'select count(*)::int from t')).toBe(0)
  expect(await psql(url, script('two'), '--single-transaction', '--set=ON_ERROR_STOP=1')).toMatchObject({ code: 0 })
  expect(await scalar(pool, 'select count(*)::int from t')).toBe(2)
})

test('\\copy to and from a file, and COPY with data in the script', async ({ tcp: { url } }, info) => {
  const [source, target] = [info.outputPath('in.csv'), info.outputPath('out.csv')]
  await writeFile(source, '1,one\n2,two\n')
  const { stdout, stderr } = await psql(
    url,
    `\\copy t from '${source}' with (format csv)
copy t from stdin;
3\tthree
4\tone
\\.
copy t from stdin;
3\tthree
\\.
copy (select id from t order by id) to stdout;
\\copy (select * from t order by id) to '${target}' with (format csv)
`,
  )
  expect(stderr).toContain('ERROR:  duplicate key value violates unique constraint "t_v_key"')
  expect(stdout).toBe('1\n2\n3\n')
  expect(await readFile(target, 'utf8')).toBe('1,one\n2,two\n3,three\n')
})

test('FETCH_COUNT, \\d, \\dt and \\conninfo', async ({ tcp: { url } }) => {
  const { stdout, stderr } = await psql(
    url,
    `\\set FETCH_COUNT 100
     select n from generate_series(1, 250) n;
     \\unset FETCH_COUNT
     \\d t
     \\dt
     \\conninfo`,
  )
  expect(stderr).toBe('')
  const lines = stdout.split('\n')
  expect(lines.slice(0, 250)).toEqual(Array.from({ length: 250 }, (_, index) => `${index + 1}`))
  expect(lines).toContain('id|integer||not null|')
  expect(lines).toContain('public|t|table|postgres')
})

test('shows a notification to the listening session', async ({ tcp: { url } }) => {
  const { stdout } = await psql(url, "listen news; begin; notify news, 'first'; select 1; commit; select 2;")
  expect(stdout.replace(/PID \d+/, 'PID')).toBe(
    '1\nAsynchronous notification "news" with payload "first" received from server process with PID.\n2\n',
  )
})
