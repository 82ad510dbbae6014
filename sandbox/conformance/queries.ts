/** Simple queries: the responses, their order, and the state after an error. */
import { query } from '../protocol/frontend-messages.ts'
import { due, type Scenarios } from './scenario.ts'

export const queries: Scenarios = {
  'a query': ['select 1 as a, null as b'],
  'rows of a table': ["insert into t values (1, 'x'), (2, 'y')", 'select * from t order by id', 'delete from t'],
  'an empty query': ['', '  ;; -- nothing\n'],
  'a query without columns': ['select', 'select from t', 'insert into t values (1); select from t'],
  'columns of many types': [
    "select 1::int2, 2::int8, 1.5::numeric(5, 2), 2.5::float4, true, 'a'::char(3), 'b'::varchar(9), '{1,2}'::int[], '2020-01-02'::date, '[1,3)'::int4range, 'x'::name",
  ],
  'columns with the same name, and without one': ['select 1 as a, 2 as a, 3, 4 as "A b", count(*) from t'],
  'a syntax error': ['selec 1', 'select 1'],
  'a unique violation and more work': [
    'insert into t values (1)',
    'insert into t values (1)',
    'insert into t values (2)',
    'select id from t',
  ],
  'several queries in one write': [[query('select 1'), query('select 2'), query('select 1/0'), query('select 3')]],
  'an upsert, as ORMs write it': [
    "insert into t (id, v) values (1, 'a') on conflict (id) do update set v = excluded.v returning *, (xmax = 0) as inserted",
    "insert into t (id, v) values (1, 'b') on conflict (id) do update set v = excluded.v returning id, v",
    "insert into t (id, v) values (1, 'c') on conflict do nothing returning id, v",
    'select * from t',
  ],
  'data-modifying CTEs': [
    "with made as (insert into t values (1, 'a'), (2, 'b') returning *) select count(*) from made",
    'with gone as (delete from t where id = 1 returning id) insert into t select id + 10, null from gone returning *',
    'select * from t order by id',
    'with a as (insert into t values (2)) select 1/0',
    'select count(*) from t',
  ],
  returning: [
    "insert into t values (1, 'a') returning id, upper(v) as shouted",
    'update t set id = id + 1 returning *',
    'delete from t returning *',
    'delete from t returning *',
  ],
  merge: [
    "insert into t values (1, 'old')",
    `merge into t using (values (1, 'new'), (2, 'two')) as s (id, v) on t.id = s.id
      when matched then update set v = s.v when not matched then insert values (s.id, s.v)`,
    'select * from t order by id',
    'merge into t using (values (1), (1)) as s (id) on t.id = s.id when matched then delete',
    'select count(*) from t',
  ],
  'command tags': [
    'values (1), (2)',
    'table t',
    'select 1 into temp s',
    'create table u as select generate_series(1, 4) as n',
    'update u set n = n + 1 where n > 2',
    'truncate u',
    "comment on table u is 'x'",
    'analyze u',
    'explain (costs off) select * from t where id = 1',
    'explain (costs off) insert into t values (1)',
    'select count(*) from t',
  ],
  'EXPLAIN ANALYZE executes a write': [
    'explain (analyze, costs off, timing off, summary off, buffers off) insert into t values (1)',
    'select * from t',
  ],
  'what SQLAlchemy asks first': [
    'select pg_catalog.version()',
    'select current_schema()',
    'show standard_conforming_strings',
    'show transaction isolation level',
  ],
  'what Rails asks first': [
    "SET client_min_messages TO 'warning'",
    'SET standard_conforming_strings = on',
    'SET intervalstyle = iso_8601',
    "SET SESSION timezone TO 'UTC'",
    'SHOW max_identifier_length',
    'SHOW search_path',
    "SELECT t.oid, t.typname, t.typelem FROM pg_type as t WHERE t.typname IN ('int2', 'int4', 'bool', 'text') order by 1",
    `SELECT a.attname, format_type(a.atttypid, a.atttypmod), pg_get_expr(d.adbin, d.adrelid), a.attnotnull
       FROM pg_attribute a LEFT JOIN pg_attrdef d ON a.attrelid = d.adrelid AND a.attnum = d.adnum
      WHERE a.attrelid = '"t"'::regclass AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum`,
  ],
  'a query while another runs': [due(2, [query('select pg_sleep(0.02)'), query('select 2')])],
  'a long list of values': [
    `insert into t values ${Array.from({ length: 2000 }, (_, i) => `(${i}, 'v${i}')`).join(',')}`,
    'select count(*), sum(id), min(v), max(v) from t',
    'select * from t where id % 100 = 0 order by id',
  ],
}
