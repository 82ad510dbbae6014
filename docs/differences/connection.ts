/** State of a connection, which the sessions of a sandbox share. */
import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { scalar } from '../../sandbox/testing/sandbox-fixture.ts'
import { type Connect, type Differences, inOneSession, resultOf } from './difference.ts'

/** One client runs the first text, then another one the second. */
const inTwoSessions = (first: string, second: string) => async (connect: Connect) => {
  const [one, other] = [await connect(), await connect()]
  await one.query(first)
  return resultOf(other.query(second))
}

export const connection: Differences = {
  // inet_client_addr() differs only if the server has a local unix socket: see postgres/providers/server-socket.db.test.ts.
  'pg_backend_pid() of two sessions': {
    play: async connect => {
      const [one, other] = [await connect(), await connect()]
      const pid = 'select pg_backend_pid()'
      return (await scalar(one, pid)) === (await scalar(other, pid))
    },
    onServer: false,
    inSandbox: true,
  },
  'two sessions in pg_stat_activity': {
    play: async connect => {
      const [one, other] = [await connect(), await connect()]
      await one.query("set application_name = 'the one'")
      await other.query("set application_name = 'the other'")
      return scalar(
        other,
        `select count(*)::int from pg_stat_activity
         where datname = current_database() and application_name in ('the one', 'the other')`,
      )
    },
    onServer: 2,
    inSandbox: 1,
  },
  'lastval() in a session that has used no sequence': {
    given: 'create sequence s',
    play: inTwoSessions("select nextval('s')", 'select lastval()'),
    onServer: '55000',
    inSandbox: 'done',
  },
  'currval() in a session that has not used the sequence': {
    given: 'create sequence s',
    play: inTwoSessions("select nextval('s')", "select currval('s')"),
    onServer: '55000',
    inSandbox: 'done',
  },
  'currval() after DISCARD ALL': {
    given: 'create sequence s',
    play: inOneSession("select nextval('s')", 'discard all', "select currval('s')"),
    onServer: ['done', 'done', '55000'],
    inSandbox: ['done', 'done', 'done'],
  },
  'random() after setseed() in two sessions': {
    play: async connect => {
      const [one, other] = [await connect(), await connect()]
      for (const client of [one, other]) await client.query('select setseed(0.5)')
      const random = 'select random()'
      return (await scalar(one, random)) === (await scalar(other, random))
    },
    onServer: true,
    inSandbox: false,
  },
  'the name of a statement in pg_prepared_statements': {
    play: async connect => {
      const client = await connect()
      await client.query('prepare mine as select')
      return scalar(client, "select count(*)::int from pg_prepared_statements where name = 'mine'")
    },
    onServer: 1,
    inSandbox: 0,
    withDatabase: 0,
  },
  'pg_prepared_statements in a session that has prepared nothing': {
    play: async connect => {
      const [one, other] = [await connect(), await connect()]
      await one.query('prepare mine as select')
      return scalar(other, 'select count(*) > 0 from pg_prepared_statements')
    },
    onServer: false,
    inSandbox: true,
  },
  'pg_terminate_backend() of another session': {
    play: async connect => {
      const [one, other] = [await connect(), await connect()]
      const pid = await scalar(one, 'select pg_backend_pid()')
      // Either query can be the first to fail.
      const codes: unknown[] = []
      other.on('error', error => codes.push(Object(error).code))
      codes.push(await resultOf(other.query(`select pg_terminate_backend(${pid})`)))
      codes.push(await resultOf(other.query('select')))
      return codes.includes('57P01') ? '57P01' : codes.at(-1)
    },
    onServer: 'done',
    inSandbox: '57P01',
  },
}

/** Resolves with the SQLSTATE with which a client of other settings cannot connect, or `done`. */
const connectAs = async ({ host, port, database = '' }: pg.Client, config: pg.ClientConfig): Promise<string> => {
  const client = new pg.Client({ host, port, database, ...config })
  client.on('error', () => undefined)
  try {
    return await resultOf(client.connect())
  } finally {
    await client.end().catch(() => undefined)
  }
}

export const logins: Differences = {
  "a role's own password": {
    play: async (connect, database) => {
      const role = `login_${randomBytes(6).toString('hex')}`
      await database.query(`create role ${role} login password 'own'`)
      try {
        return await connectAs(await connect(), { user: role, password: 'own' })
      } finally {
        await database.query(`drop role ${role}`)
      }
    },
    onServer: 'done',
    inSandbox: '28P01',
    withDatabase: '28P01',
  },
  'ALTER ROLE ... SET for a role that is committed': {
    play: async connect => {
      const client = await connect()
      await client.query(`do $$ begin
        execute format('alter role %I in database %I set work_mem = ''9MB''', current_user, current_database());
        end $$`)
      return scalar(await connect(), 'show work_mem')
    },
    onServer: '9MB',
    inSandbox: '4MB',
  },
  'ALTER DATABASE ... SET': {
    play: async connect => {
      const client = await connect()
      await client.query(`do $$ begin
        execute format('alter database %I set work_mem = ''9MB''', current_database());
        end $$`)
      return scalar(await connect(), 'show work_mem')
    },
    onServer: '9MB',
    inSandbox: '4MB',
  },
  'RESET ROLE after another session has dropped the role': {
    play: async (connect, database) => {
      const role = `dropped_${randomBytes(6).toString('hex')}`
      const [one, other] = [await connect(), await connect()]
      try {
        await one.query(`create role ${role}`)
        await other.query(`set role ${role}`)
        await one.query(`drop role ${role}`)
        return await resultOf(other.query('reset role'))
      } finally {
        await database.query(`drop role if exists ${role}`)
      }
    },
    onServer: 'done',
    inSandbox: '22023',
  },
}

export const cancelling: Differences = {
  'the process id that the driver was sent': {
    play: async connect => {
      const client = await connect()
      return (await scalar(client, 'select pg_backend_pid()')) === Object(client).processID
    },
    onServer: true,
    inSandbox: false,
    withDatabase: false,
  },
  'pg_cancel_backend() of another session': {
    play: async (connect, database) => {
      const [one, other] = [await connect(), await connect()]
      const pid = await scalar(one, 'select pg_backend_pid()')
      let isAwake = false
      const sleeping = resultOf(one.query('select pg_sleep(0.5)')).finally(() => {
        isAwake = true
      })
      const isAsleep = `select query like '%sleep%' from pg_stat_activity where pid = ${pid}`
      while (!isAwake && !(await scalar(database, isAsleep)));
      return [await resultOf(other.query(`select pg_cancel_backend(${pid})`)), await sleeping]
    },
    onServer: ['done', '57014'],
    inSandbox: ['57014', 'done'],
  },
}

export const statistics: Differences = {
  'a view that reads pg_stat_activity, twice': {
    given: 'create view activity as select query from pg_stat_activity where pid = pg_backend_pid()',
    play: async connect => {
      const client = await connect()
      const first = await scalar(client, 'select query as first from activity')
      return (await scalar(client, 'select query as second from activity')) === first
    },
    onServer: false,
    inSandbox: true,
  },
  'the rows that were inserted, in pg_stat_user_tables': {
    given: 'create table t ()',
    play: async connect => {
      const client = await connect()
      await client.query('insert into t default values')
      await client.query('select pg_stat_force_next_flush()')
      return scalar(client, "select n_tup_ins::int from pg_stat_user_tables where relname = 't'")
    },
    onServer: 1,
    inSandbox: 0,
  },
  'a new session, in pg_stat_database': {
    play: async connect => {
      const sessions = 'select sessions::int from pg_stat_database where datname = current_database()'
      const before = Number(await scalar(await connect(), sessions))
      const other = await connect()
      await other.query('select pg_stat_force_next_flush()')
      return Number(await scalar(other, sessions)) > before
    },
    onServer: true,
    inSandbox: false,
  },
  'pg_stat_have_stats() of a table that was dropped': {
    given: 'create table t ()',
    play: async connect => {
      const client = await connect()
      await client.query('insert into t default values')
      const database = '(select oid from pg_database where datname = current_database())'
      const table = await scalar(client, "select 't'::regclass::oid::int")
      await client.query('drop table t')
      return scalar(client, `select pg_stat_have_stats('relation', ${database}, ${table})`)
    },
    onServer: false,
    inSandbox: true,
  },
}

export const temporaryTables: Differences = {
  'one name in two sessions': {
    play: inTwoSessions('create temp table mine ()', 'create temp table mine ()'),
    onServer: 'done',
    inSandbox: '42P07',
  },
  'a name after its session has ended': {
    play: async connect => {
      const gone = await connect()
      await gone.query('create temp table mine ()')
      await gone.end()
      return resultOf((await connect()).query('create temp table mine ()'))
    },
    onServer: 'done',
    inSandbox: '42P07',
  },
  'ON COMMIT DROP': {
    play: inOneSession('begin; create temp table mine () on commit drop; commit', 'select from mine'),
    onServer: ['done', '42P01'],
    inSandbox: ['done', 'done'],
  },
  'ON COMMIT DELETE ROWS': {
    play: async connect => {
      const client = await connect()
      await client.query('create temp table mine (id int) on commit delete rows')
      await client.query('begin; insert into mine values (1); commit')
      return scalar(client, 'select count(*)::int from mine')
    },
    onServer: 0,
    inSandbox: 1,
  },
  'a table created by a function, after DISCARD ALL': {
    given: `create function f() returns void language plpgsql as $$ begin create temp table mine (); end $$`,
    play: inOneSession('select f()', 'discard all', 'select from mine'),
    onServer: ['done', 'done', '42P01'],
    inSandbox: ['done', 'done', 'done'],
  },
  'DISCARD TEMP in another session': {
    play: async connect => {
      const [one, other] = [await connect(), await connect()]
      await one.query('create temp table mine ()')
      await other.query('discard temp')
      return resultOf(one.query('select from mine'))
    },
    onServer: 'done',
    inSandbox: '42P01',
  },
}

export const heldCursors: Differences = {
  'a cursor WITH HOLD, seen by another session': {
    play: inTwoSessions('declare mine cursor with hold for select 1', 'fetch mine'),
    onServer: '34000',
    inSandbox: 'done',
  },
  'the table under a cursor WITH HOLD is dropped': {
    given: 'create table t ()',
    play: inOneSession('declare mine cursor with hold for select from t', 'drop table t'),
    onServer: ['done', 'done'],
    inSandbox: ['done', '55006'],
  },
  'the query of a cursor WITH HOLD reads what is deleted after COMMIT': {
    given: `
      create table t (id int);
      create function counted() returns int language sql volatile as 'select count(*)::int from t'`,
    play: async connect => {
      const client = await connect()
      await client.query('begin; insert into t values (1)')
      await client.query('declare mine cursor with hold for select counted()')
      await client.query('commit')
      await client.query('delete from t')
      return scalar(client, 'fetch mine')
    },
    onServer: 1,
    inSandbox: 0,
  },
  'WHERE CURRENT OF a cursor WITH HOLD, after COMMIT': {
    given: 'create table t (id int); insert into t values (1)',
    play: inOneSession(
      'begin; declare mine cursor with hold for select * from t; commit',
      'fetch mine',
      'delete from t where current of mine',
    ),
    onServer: ['done', 'done', '24000'],
    inSandbox: ['done', 'done', 'done'],
  },
  'a cursor WITH HOLD whose query fails': {
    play: inOneSession(
      'begin; declare mine cursor with hold for select 1 / (n - 1) from generate_series(1, 2) n',
      'commit',
      'fetch mine',
    ),
    onServer: ['done', '22012', '34000'],
    inSandbox: ['done', 'done', '22012'],
  },
  'the name that a cursor without one gets in a session that has had none': {
    given: `create function opened() returns refcursor language plpgsql as $$
      declare c refcursor; begin open c for select 1; return c; end $$`,
    play: async connect => {
      const [one, other] = [await connect(), await connect()]
      const opened = 'select opened()::text'
      return (await scalar(one, opened)) === (await scalar(other, opened))
    },
    onServer: true,
    inSandbox: false,
  },
  'a cursor in pg_cursors whose text has other statements': {
    play: async connect => {
      const client = await connect()
      await client.query('begin; declare mine cursor for select 1')
      return scalar(client, "select statement like 'begin; declare%' from pg_cursors where name = 'mine'")
    },
    onServer: true,
    inSandbox: false,
  },
  'the number of a large object, after another that was open at COMMIT': {
    play: async connect => {
      const client = await connect()
      const open = "select lo_open(lo_create(0), x'60000'::int)"
      await client.query(`begin; ${open}; commit`)
      await client.query('begin')
      return scalar(client, open)
    },
    onServer: 0,
    inSandbox: 1,
  },
  'a large object that is open at COMMIT': {
    play: inOneSession("begin; select lo_open(lo_create(0), x'60000'::int); commit", 'begin; select loread(0, 1)'),
    onServer: ['done', '42704'],
    inSandbox: ['done', 'done'],
  },
}

export const customSettings: Differences = {
  'a setting that only another session has set': {
    play: async connect => {
      const [one, other] = [await connect(), await connect()]
      await one.query("set app.tenant = 'one'")
      return scalar(other, "select current_setting('app.tenant', true)")
    },
    onServer: null,
    inSandbox: '',
  },
}

export const timeouts: Differences = {
  'current_setting()': {
    play: async connect => {
      const client = await connect()
      await client.query("set idle_session_timeout = '1h'")
      return scalar(client, "select current_setting('idle_session_timeout')")
    },
    onServer: '1h',
    inSandbox: '0',
    withDatabase: '0',
  },
  pg_settings: {
    play: async connect => {
      const client = await connect()
      await client.query("set idle_session_timeout = '1h'")
      return scalar(client, "select setting from pg_settings where name = 'idle_session_timeout'")
    },
    onServer: '3600000',
    inSandbox: '0',
    withDatabase: '0',
  },
  exit_on_error: {
    play: async connect => {
      const client = await connect()
      await client.query('set exit_on_error = on')
      return scalar(client, "select current_setting('exit_on_error')")
    },
    onServer: 'on',
    inSandbox: 'off',
    withDatabase: 'off',
  },
  'exit_on_error in a block that catches its error': {
    play: inOneSession(
      'do $$ begin set exit_on_error = on; begin perform 1/0; exception when others then null; end; end $$',
    ),
    onServer: ['22012'],
    inSandbox: ['done'],
  },
  'exit_on_error in a block, behind an error': {
    play: async connect => {
      const client = await connect()
      await resultOf(client.query('do $$ begin perform 1/0; set exit_on_error = on; end $$'))
      return (await resultOf(client.query('select'))) === 'done'
    },
    onServer: true,
    inSandbox: false,
  },
  'exit_on_error in a function': {
    given: 'create function f() returns int language plpgsql as $$ begin set exit_on_error = on; return 1/0; end $$',
    play: async connect => {
      const [one, other] = [await connect(), await connect()]
      await resultOf(one.query('select f()'))
      return (await resultOf(other.query('select'))) === 'done'
    },
    onServer: true,
    inSandbox: false,
  },
  'a timeout of the database': {
    given: `do $$ begin
      execute format('alter database %I set idle_in_transaction_session_timeout = ''1h''', current_database()); end $$`,
    play: async connect => scalar(await connect(), "select current_setting('idle_in_transaction_session_timeout')"),
    onServer: '1h',
    inSandbox: '0',
  },
  'lock_timeout, behind a transaction that ends later': {
    given: 'create table t (id int); insert into t values (1)',
    play: async connect => {
      const [one, other] = [await connect(), await connect()]
      await other.query("set lock_timeout = '100ms'")
      await one.query('begin; update t set id = id')
      const updating = resultOf(other.query('update t set id = id'))
      await one.query('select pg_sleep(0.3)')
      await one.query('commit')
      return updating
    },
    onServer: '55P03',
    inSandbox: 'done',
  },
  'set_config()': {
    play: async connect => {
      const set = scalar(await connect(), "select set_config('idle_session_timeout', '1h', false)")
      return set.catch((error: Error & { code?: string }) => error.code)
    },
    onServer: '1h',
    inSandbox: '0A000',
  },
}
