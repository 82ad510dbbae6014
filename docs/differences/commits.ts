/** Behaviour of a server that needs a real commit, or that is not possible in a transaction. */
import { scalar } from '../../sandbox/testing/sandbox-fixture.ts'
import { type Differences, inOneSession, resultOf } from './difference.ts'

export const enumValues: Differences = {
  'a value that was just added': {
    given: "create type mood as enum ('old')",
    play: inOneSession("alter type mood add value 'new'", "select 'new'::mood"),
    onServer: ['done', 'done'],
    inSandbox: ['done', '55P04'],
  },
}

const given = `
  create table t (id int);
  create table parts (id int) partition by list (id);
  create table part partition of parts for values in (1);
  create procedure p() language plpgsql as $$ begin commit; end $$`

const updateMade = 'update made set id = id'

const refused = (code: string, ...texts: string[]): Differences =>
  Object.fromEntries(
    texts.map(text => [text, { given, play: inOneSession(text), onServer: ['done'], inSandbox: [code] }]),
  )

export const outsideOnly: Differences = {
  ...refused(
    '25001',
    'vacuum t',
    'create index concurrently on t (id)',
    'reindex table concurrently t',
    'reindex table parts',
    'alter table parts detach partition part concurrently',
    'drop database if exists reprise_nowhere',
    'begin; select pg_export_snapshot()',
  ),
  // By default a server has no prepared transactions (55000).
  'begin; prepare transaction': {
    play: async connect => {
      const client = await connect()
      await client.query('begin; create table made ()')
      const code = await resultOf(client.query("prepare transaction 'reprise'"))
      if (code === 'done') await client.query("rollback prepared 'reprise'")
      return code === '0A000' ? 'refused by the sandbox' : 'as the server is configured'
    },
    onServer: 'as the server is configured',
    inSandbox: 'refused by the sandbox',
  },
  ...refused('2D000', 'call p()', 'do $$ begin commit; end $$'),
}

export const otherConnections: Differences = {
  'a connection to the database itself': {
    given,
    play: async (connect, database) => {
      await (await connect()).query('insert into t values (1)')
      return scalar(database, 'select count(*)::int from t')
    },
    onServer: 1,
    inSandbox: 0,
  },
}

export const deadVersions: Differences = {
  'a thousand updates of one row, VACUUM, and a thousand more': {
    given: 'create table t (id int); insert into t values (1)',
    play: async connect => {
      const client = await connect()
      const update = async () => {
        for (let times = 0; times < 1000; times++) await client.query('update t set id = id')
      }
      await update()
      // Whether a server prunes in between depends on other transactions.
      await resultOf(client.query('vacuum t'))
      await update()
      return Number(await scalar(client, "select pg_relation_size('t') / current_setting('block_size')::int")) > 7
    },
    onServer: false,
    inSandbox: true,
  },
}

export const publications: Differences = {
  'UPDATE of a table without replica identity, after CREATE PUBLICATION FOR ALL TABLES': {
    play: inOneSession('create table made (id int)', updateMade, 'create publication p for all tables', updateMade),
    onServer: ['done', 'done', 'done', '55000'],
    inSandbox: ['done', 'done', 'done', 'done'],
  },
}

export const deferrableConstraints: Differences = {
  'an immediate constraint with the name of a deferred one': {
    given: `
      create table parent (id int primary key);
      create table one (id int, constraint same foreign key (id) references parent initially deferred);
      create table other (id int, constraint same foreign key (id) references parent deferrable)`,
    play: inOneSession('begin; commit', 'insert into one values (null)', 'begin', 'insert into other values (1)'),
    onServer: ['done', 'done', 'done', '23503'],
    inSandbox: ['done', 'done', 'done', 'done'],
  },
  'an immediate constraint, used in the function that creates it': {
    given: `
      create table parent (id int primary key);
      create table child (id int references parent initially deferred);
      create function f() returns void language plpgsql as $$
        begin
          create table other (id int references parent deferrable);
          insert into other values (1);
          insert into parent values (1);
        end $$`,
    play: inOneSession('insert into child values (null)', 'select f()'),
    onServer: ['done', '23503'],
    inSandbox: ['done', 'done'],
  },
  'an immediate constraint, used in the text that calls the function that creates it': {
    given: `
      create table parent (id int primary key);
      create table child (id int references parent initially deferred);
      create function f() returns void language sql as 'create table other (id int references parent deferrable)'`,
    play: inOneSession(
      'insert into child values (null)',
      'select f(); insert into other values (1); insert into parent values (1)',
    ),
    onServer: ['done', '23503'],
    inSandbox: ['done', 'done'],
  },
  'an immediate constraint, after SET CONSTRAINTS ALL DEFERRED in the block that creates it': {
    given: `
      create table parent (id int primary key);
      create table child (id int references parent initially deferred)`,
    play: inOneSession(
      'insert into child values (null)',
      `begin; do $$ begin
        set constraints all deferred;
        create table other (id int references parent deferrable);
      end $$`,
      'insert into other values (1)',
    ),
    onServer: ['done', 'done', 'done'],
    inSandbox: ['done', 'done', '23503'],
  },
  'a deferred constraint that a function creates by SQL from a table': {
    given: `
      create table parent (id int primary key);
      create table planned (sql text);
      insert into planned values ('create table child (id int references parent initially deferred)');
      create function f() returns void language plpgsql as $$
        begin
          execute (select sql from planned);
        end $$`,
    play: inOneSession('select f()', 'insert into child values (1)'),
    onServer: ['done', '23503'],
    inSandbox: ['done', 'done'],
  },
}
