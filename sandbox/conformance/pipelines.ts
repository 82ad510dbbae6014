/** Pipelines: several statements before a Sync, several batches in a write, and the effect of an error on the rest. */
import { bindAndExecute, closeStatement, flush, parse, query, sync } from '../protocol/frontend-messages.ts'
import { bind, describeStatement, execute, run, unsynced } from './messages.ts'
import { due, type Scenarios } from './scenario.ts'

export const pipelines: Scenarios = {
  'a pipeline': [
    [
      parse('', 'insert into t values (1)'),
      bindAndExecute(''),
      parse('', 'select count(*) from t'),
      bindAndExecute(''),
      sync,
    ],
  ],
  'a pipeline that fails is undone as a whole': [
    [
      parse('', 'insert into t values (7)'),
      bindAndExecute(''),
      parse('', 'select 1/0'),
      bindAndExecute(''),
      parse('', 'select 3'),
      bindAndExecute(''),
      sync,
    ],
    'select count(*) from t where id = 7',
  ],
  'several batches in one write': [
    [
      parse('', 'select 1'),
      bindAndExecute(''),
      sync,
      parse('', 'select 1/0'),
      bindAndExecute(''),
      sync,
      query('select 3'),
    ],
  ],
  'flush before sync': [[parse('', 'select 1'), flush, bindAndExecute(''), flush, sync]],
  'a statement after errors of both kinds': [
    [parse('', 'selec'), sync],
    'selec',
    [parse('', 'select 1'), bindAndExecute(''), sync],
  ],
  'only the first error of a batch is reported': [
    [parse('', 'selec'), bindAndExecute('nope'), sync],
    [parse('s', 'selec'), parse('s', 'select 1'), sync],
    [parse('', 'select 1/0'), bindAndExecute(''), bindAndExecute('nope'), sync],
  ],
  'an unknown statement in a transaction': [
    'begin',
    'insert into t values (1)',
    [parse('', 'select 1'), bindAndExecute(''), bindAndExecute('nope'), sync],
    'select 1',
    'commit',
    'select count(*) from t',
  ],
  'a batch with only an unknown statement': [
    'begin',
    'insert into t values (1)',
    [bindAndExecute('nope'), sync],
    'select 1',
    'commit',
    'select count(*) from t',
  ],
  'an unknown statement right after begin': ['begin', [bindAndExecute('nope'), sync], 'select 1', 'commit', 'select 1'],
  'ROLLBACK TO SAVEPOINT after an unknown statement': [
    'begin',
    'savepoint a',
    [parse('', 'insert into t values (1)'), bindAndExecute(''), bindAndExecute('nope'), sync],
    [parse('', 'rollback to a'), sync],
    'select 1',
    'rollback to a',
    'select count(*) from t',
    'commit',
  ],
  'an unknown statement at the end of a batch undoes the batch': [
    [parse('', 'insert into t values (1)'), bindAndExecute(''), bindAndExecute('nope'), sync],
    'select count(*) from t',
  ],
  'a statement prepared twice in a transaction': [
    'begin',
    [parse('s', 'select 1'), parse('s', 'select 2'), sync],
    [bindAndExecute('s'), sync],
    'rollback',
    [bindAndExecute('s'), sync],
  ],
  'messages after an error in a batch are skipped': [
    [parse('s', 'select 1'), parse('', 'select 2'), sync],
    [bindAndExecute('nope'), closeStatement('s'), parse('', 'select 3'), sync],
    [bindAndExecute('s'), bindAndExecute(''), sync],
    [parse('e', 'select 1/0'), bindAndExecute('e'), closeStatement('s'), parse('', 'select 3'), sync],
    [bindAndExecute('s'), bindAndExecute(''), sync],
    [parse('s', 'select 4'), sync],
  ],
  'commands that the sandbox answers itself in a failed transaction': [
    [parse('s', 'select 1'), sync],
    'begin',
    'select 1/0',
    'deallocate all',
    'deallocate s',
    'set idle_session_timeout = 0',
    [parse('s', 'select 1'), sync],
    'rollback and chain',
    'commit',
  ],
  'a Query after an error in a batch': [
    due(1, [parse('', 'selec'), query('select 1'), sync]),
    due(1, [bindAndExecute('nope'), query('select 1'), sync]),
    'select 2',
  ],
  'the unnamed statement, prepared repeatedly': [
    Array.from({ length: 50 }, (_, i) => unsynced('select $1::int', String(i)))
      .flat()
      .concat(sync),
  ],
  'many batches in one write, one of which fails': [
    Array.from({ length: 30 }, (_, i) => run('insert into t values ($1)', String(i === 20 ? 3 : i))).flat(),
    'select count(*) from t',
  ],
  'a pipeline of psycopg': [
    [
      ...unsynced('BEGIN'),
      ...unsynced('insert into t values ($1) returning id', '1'),
      ...unsynced('insert into t values ($1) returning id', '2'),
      sync,
      ...unsynced('select count(*) from t'),
      sync,
      ...unsynced('COMMIT'),
      sync,
    ],
    'select * from t order by id',
  ],
  'a batch of pgx': [
    [
      parse('stmt_1', 'insert into t values ($1, $2)'),
      describeStatement('stmt_1'),
      parse('stmt_2', 'select * from t where id = $1'),
      describeStatement('stmt_2'),
      sync,
    ],
    [
      bind('', 'stmt_1', ['1', 'a']),
      execute(''),
      bind('', 'stmt_2', ['1']),
      execute(''),
      bind('', 'stmt_1', ['1', 'b']),
      execute(''),
      bind('', 'stmt_2', ['2']),
      execute(''),
      sync,
    ],
    'select count(*) from t',
  ],
  'a batch of Npgsql with its begin before it': [
    [query('BEGIN'), ...unsynced('insert into t values ($1)', '1'), ...unsynced('select * from t'), sync],
    'COMMIT',
    [query('BEGIN'), ...unsynced('insert into t values ($1)', '1'), ...unsynced('select * from t'), sync],
    'ROLLBACK',
    'select * from t',
  ],
  'an error in each of several batches of a transaction': [
    [
      query('begin'),
      ...run('insert into t values (1)'),
      ...run('insert into t values (1)'),
      ...run('select 1'),
      query('commit'),
    ],
    'select count(*) from t',
  ],
  'commands that need a transaction block, first in a pipeline and later': [
    ...[
      "set local work_mem = '6MB'",
      'set constraints all deferred',
      'set transaction read only',
      'lock table t',
      'declare c cursor for select 1',
      'savepoint a',
      'release a',
      'rollback to a',
      'discard all',
    ].flatMap(sql => [
      [...unsynced(sql), ...unsynced(sql), sync],
      [...unsynced('select 1'), ...unsynced(sql), ...unsynced(sql), sync],
      [...unsynced('select 1'), ...unsynced('commit'), ...unsynced(sql), ...unsynced(sql), sync],
    ]),
    'show work_mem',
  ],
  'DDL in a pipeline': [
    [
      ...unsynced('create table u (id int)'),
      ...unsynced('insert into u values (1)'),
      ...unsynced('alter table u add column v text'),
      ...unsynced('select * from u'),
      sync,
    ],
    [...unsynced('drop table u'), ...unsynced('select * from u'), sync],
    'select * from u',
  ],
  'large parameters and rows': [
    run('select length($1), $1', 'x'.repeat(300_000)),
    run('insert into t values (1, $1)', 'ž'.repeat(100_000)),
    run('select * from t'),
    "select repeat('y', 2000000) as y, repeat('z', 10)",
  ],
  'a long batch': [
    [
      parse('s', 'insert into t values ($1, $2)'),
      ...Array.from({ length: 1500 }, (_, i) => [bind('', 's', [String(i), 'v'.repeat(60)]), execute('')]).flat(),
      sync,
    ],
    'select count(*) from t',
  ],
}
