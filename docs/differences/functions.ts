/** Effects of functions: without a template, the sandbox sees only the statement that calls them. */
import pg from 'pg'
import { scalar } from '../../sandbox/testing/sandbox-fixture.ts'
import { type Connect, type Differences, inOneSession, resultOf } from './difference.ts'

const tenant = "select current_setting('app.tenant', true)"
const setTenant = `create function set_tenant(local bool) returns void language plpgsql as $$
  begin perform set_config('app.tenant', 'one', local); end $$`

export const settingsOfFunctions: Differences = {
  'set_config(..., false), seen by another session': {
    given: setTenant,
    play: async connect => {
      const [one, other] = [await connect(), await connect()]
      await one.query('select set_tenant(false)')
      return scalar(other, tenant)
    },
    onServer: null,
    inSandbox: 'one',
  },
  'SET in PL/pgSQL, seen by another session': {
    given: `create function set_tenant() returns void language plpgsql as $$ begin set app.tenant = 'one'; end $$`,
    template: 'frozen',
    play: async connect => {
      const [one, other] = [await connect(), await connect()]
      await one.query('select set_tenant()')
      return scalar(other, tenant)
    },
    onServer: null,
    inSandbox: 'one',
  },
  'SET in a procedure, seen by another session': {
    given: `create procedure set_tenant() language plpgsql as $$ begin set app.tenant = 'one'; end $$`,
    template: 'frozen',
    play: async connect => {
      const [one, other] = [await connect(), await connect()]
      await one.query('call set_tenant()')
      return scalar(other, tenant)
    },
    onServer: null,
    inSandbox: 'one',
  },
  'SET in a block, with a name that EXECUTE is given': {
    play: async connect => {
      const client = await connect()
      await client.query("do $$ begin execute format('set %I.tenant = %L', 'app', 'one'); end $$")
      return scalar(client, tenant)
    },
    onServer: 'one',
    inSandbox: '',
  },
  'SET in a block that is not reached, before SET LOCAL': {
    play: async connect => {
      const client = await connect()
      await client.query(
        "do $$ begin if false then set app.tenant = 'one'; end if; set local app.tenant = 'two'; end $$",
      )
      return scalar(client, tenant)
    },
    onServer: '',
    inSandbox: 'one',
  },
  'set_config() with a parameter for the name': {
    play: async connect => {
      const client = await connect()
      await client.query('select set_config($1, $2, false)', ['app.tenant', 'one'])
      return scalar(client, tenant)
    },
    onServer: 'one',
    inSandbox: '',
  },
  'UPDATE pg_settings': {
    play: async connect => {
      const client = await connect()
      await client.query("update pg_settings set setting = '9MB' where name = 'work_mem'")
      return scalar(client, 'show work_mem')
    },
    onServer: '9MB',
    inSandbox: '4MB',
  },
  'set_config() in the query of a cursor WITH HOLD, seen by another session': {
    play: async connect => {
      const [one, other] = [await connect(), await connect()]
      await one.query("declare mine cursor with hold for select set_config('app.tenant', 'one', false)")
      await one.query('fetch mine')
      return scalar(other, tenant)
    },
    onServer: null,
    inSandbox: 'one',
  },
  'set_config(..., true), after COMMIT': {
    given: setTenant,
    play: async connect => {
      const client = await connect()
      await client.query('begin; select set_tenant(true); commit')
      return scalar(client, tenant)
    },
    onServer: '',
    inSandbox: 'one',
  },
}

const tryLock = (expression: string): Differences[string] => ({
  given: `
    create table t (id int); insert into t values (1);
    create function lock() returns bool language sql as 'select pg_try_advisory_lock(1)'`,
  play: async connect => {
    const clients = [await connect(), await connect()]
    return Promise.all(clients.map(client => scalar(client, `select bool_and(${expression}) from t`)))
  },
  onServer: [true, false],
  inSandbox: [true, true],
})

export const advisoryLocks: Differences = {
  'a lock that a function takes': {
    ...tryLock('lock()'),
    play: async connect => {
      const [one, other] = [await connect(), await connect()]
      return [await scalar(one, 'select lock()'), await scalar(other, 'select lock()')]
    },
  },
  'a lock in a statement that reads a table': {
    ...tryLock('pg_try_advisory_lock(id)'),
    play: async connect => {
      const [one, other] = [await connect(), await connect()]
      const lock = 'select pg_try_advisory_lock(id) from t'
      return [await scalar(one, lock), await scalar(other, lock)]
    },
  },
  'a lock in a statement that also sets a parameter': {
    ...tryLock('pg_try_advisory_lock(1)'),
    play: async connect => {
      const [one, other] = [await connect(), await connect()]
      const lock = `with setting as (select set_config('lock_timeout', '1s', true))
        select pg_try_advisory_lock(1) from setting`
      return [await scalar(one, lock), await scalar(other, lock)]
    },
  },
  'a lock that EXECUTE takes': {
    ...tryLock('pg_try_advisory_lock(1)'),
    play: async connect => {
      const [one, other] = [await connect(), await connect()]
      for (const client of [one, other]) await client.query('prepare taking as select pg_try_advisory_lock(1)')
      return [await scalar(one, 'execute taking'), await scalar(other, 'execute taking')]
    },
  },
}

/** The SQLSTATE of each notice that a client gets for a statement. */
const noticesOf = (statement: string) => async (connect: Connect) => {
  const client = await connect()
  const codes: unknown[] = []
  client.on('notice', ({ code }) => codes.push(code))
  await client.query(statement)
  return codes
}

const notifyFunction = (body: string): Pick<Differences[string], 'given' | 'play'> => ({
  given: `create function tell() returns void language plpgsql as $$ begin ${body}; end $$`,
  play: async connect => {
    const client = await connect()
    let heard = false
    client.on('notification', () => {
      heard = true
    })
    await client.query('listen news')
    await resultOf(client.query('select tell()'))
    await client.query('select')
    return heard
  },
})

export const notificationsOfFunctions: Differences = {
  'NOTIFY in PL/pgSQL': { ...notifyFunction('notify news'), template: 'frozen', onServer: true, inSandbox: false },
  'pg_notify() where the template could not replace it': {
    ...notifyFunction("perform pg_notify('news', '')"),
    onServer: true,
    inSandbox: false,
  },
  'LISTEN in PL/pgSQL': {
    play: async connect => {
      const client = await connect()
      let heard = false
      client.on('notification', () => {
        heard = true
      })
      await client.query('do $$ begin listen news; end $$')
      await client.query('notify news')
      await client.query('select')
      return heard
    },
    onServer: true,
    inSandbox: false,
  },
  'a channel whose name is too long': {
    play: noticesOf(`notify ${'n'.repeat(64)}`),
    onServer: ['42622'],
    inSandbox: [],
  },
  'pg_listening_channels()': {
    play: async connect => {
      const client = await connect()
      await client.query('listen news')
      return scalar(client, 'select count(*)::int from pg_listening_channels()')
    },
    onServer: 1,
    inSandbox: 0,
  },
}

const dynamically = (sql: string) => `do $$ begin execute '${sql}'; end $$`

export const preparedStatements: Differences = {
  'EXECUTE in dynamic SQL': {
    play: inOneSession('prepare p as select 1', dynamically('execute p'), 'execute p'),
    onServer: ['done', 'done', 'done'],
    inSandbox: ['done', '26000', 'done'],
    withDatabase: ['done', '26000', 'done'],
  },
  'PREPARE in dynamic SQL': {
    play: async connect => {
      const [one, other] = [await connect(), await connect()]
      await one.query(dynamically('prepare p as select 1'))
      return [await resultOf(one.query('execute p')), await resultOf(other.query(dynamically('execute p')))]
    },
    onServer: ['done', '26000'],
    inSandbox: ['26000', 'done'],
    withDatabase: ['26000', '26000'],
  },
  'a name that is too long': {
    play: noticesOf(`prepare ${'p'.repeat(64)} as select`),
    onServer: ['42622'],
    inSandbox: [],
    withDatabase: [],
  },
  'DEALLOCATE ALL in a block': {
    play: async connect => {
      const [one, other] = [await connect(), await connect()]
      await one.query('prepare p as select 1')
      await one.query('execute p')
      await other.query('do $$ begin deallocate all; end $$')
      return resultOf(one.query('execute p'))
    },
    onServer: 'done',
    inSandbox: '26000',
  },
}

export const errorContext: Differences = {
  'routine of an error of a login': {
    play: async connect => {
      const { host, port, database } = await connect()
      const client = new pg.Client({ host, port, database, user: 'missing', password: 'none' })
      return client.connect().catch((error: pg.DatabaseError) => error.routine !== undefined)
    },
    onServer: true,
    inSandbox: false,
    withDatabase: false,
  },
  'CONTEXT of an error in a PL/pgSQL expression, twice': {
    given: `
      create function failing() returns int language plpgsql as $$ begin raise 'no'; end $$;
      create function calling() returns void language plpgsql as $$ declare x int; begin x := failing(); end $$`,
    play: async connect => {
      const client = await connect()
      const context = () => client.query('select calling()').catch((error: pg.DatabaseError) => error.where)
      const first = await context()
      return (await context()) === first
    },
    onServer: true,
    inSandbox: false,
  },
}
