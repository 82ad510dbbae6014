/** Random steps of one client: simple and extended protocol, transaction control in any place, errors. */
import fc from 'fast-check'
import { bindAndExecute, closePortal, closeStatement, flush, parse, query, sync } from '../wire/frontend.ts'
import { bind, copyData, copyDone, copyFailed, describePortal, describeStatement, execute } from './messages.ts'
import { due, type Step } from './scenario.ts'

const key = fc.integer({ min: 1, max: 3 })

const work = fc.oneof(
  { weight: 4, arbitrary: key.map(id => `insert into t values (${id}, 'x${id}')`) },
  { weight: 1, arbitrary: key.map(id => `insert into d values (${id}, ${id}) returning *`) },
  { weight: 1, arbitrary: key.map(id => `update t set v = v || 'u' where id >= ${id}`) },
  { weight: 2, arbitrary: key.map(id => `delete from t where id = ${id}`) },
  { weight: 3, arbitrary: fc.constant('select * from t order by id') },
  { weight: 1, arbitrary: fc.constant('select count(*) from d') },
  { weight: 1, arbitrary: fc.constantFrom('create table u (id int)', 'drop table u', 'insert into u values (1)') },
  { weight: 2, arbitrary: fc.constantFrom('select 1/0', 'selec', '', 'select * from nowhere', 'select 1, nothing') },
  {
    weight: 1,
    arbitrary: fc.constant(
      "do $$ begin insert into t values (1); raise notice 'new'; exception when others then raise notice 'known'; end $$",
    ),
  },
)
// The first statement of a transaction begins it on the server as well: which of two errors is told depends on that.
const control = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('begin; select 1', 'commit', 'rollback') },
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      'savepoint a',
      'savepoint b',
      'rollback to a',
      'rollback to b',
      'release a',
      'release b',
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      'commit and chain; select 1',
      'rollback and chain; select 1',
      'set constraints all immediate',
      'set constraints all deferred',
    ),
  },
)
const setting = fc.oneof(
  key.map(n => `set work_mem = '${n}MB'`),
  key.map(n => `set local work_mem = '${n + 5}MB'`),
  key.map(n => `select set_config('work_mem', '${n + 2}MB', true)`),
  key.map(n => `set timezone = 'Etc/GMT+${n}'`),
  key.map(n => `set local timezone = 'Etc/GMT+${n}'`),
  fc.constantFrom('set local role pg_monitor', 'reset role', 'show timezone'),
  key.map(n => `set app.tenant = '${n}'`),
  key.map(n => `set local app.tenant = '${n}0'`),
  fc.constantFrom(
    'show work_mem',
    'reset work_mem',
    'reset all',
    "set work_mem = 'much'",
    'show transaction_isolation',
  ),
  fc.constant("select coalesce(current_setting('app.tenant', true), '') as tenant"),
)
const cursor = fc.constantFrom(
  'declare c cursor for select generate_series(1, 4)',
  'fetch 2 from c',
  'close c',
  'close all',
  'select name from pg_cursors where name = $$c$$',
)
const about = fc.constantFrom(
  'deallocate s',
  'deallocate all',
  'discard all',
  'prepare p as select 7',
  'execute p',
  'deallocate p',
)

const statement = fc.oneof(
  { weight: 10, arbitrary: work },
  { weight: 8, arbitrary: control },
  { weight: 3, arbitrary: setting },
  { weight: 1, arbitrary: about },
)

const name = fc.constantFrom('', 's', 'q')
const run = fc
  .tuple(name, statement)
  .map(([name, sql]) => sql.split('; ').flatMap(sql => [closeStatement(name), parse(name, sql), bindAndExecute(name)]))
const portal = fc
  .tuple(fc.constantFrom('', 'o'), name, fc.nat(2), fc.boolean())
  .map(([portal, name, rows, closes]) => [
    closePortal(portal),
    bind(portal, name),
    describePortal(portal),
    execute(portal, rows),
    ...(closes ? [closePortal(portal)] : []),
  ])
const message = fc.oneof(
  { weight: 6, arbitrary: run },
  { weight: 2, arbitrary: fc.tuple(name, statement).map(([name, sql]) => [parse(name, sql)]) },
  { weight: 3, arbitrary: name.map(name => [bindAndExecute(name)]) },
  { weight: 1, arbitrary: name.map(name => [closeStatement(name)]) },
  { weight: 1, arbitrary: name.map(name => [describeStatement(name)]) },
  { weight: 2, arbitrary: portal },
  { weight: 1, arbitrary: fc.constant([flush]) },
)
const series = fc.array(message, { minLength: 1, maxLength: 5 }).map(list => [...list.flat(), sync])
const pipeline = fc.array(series, { minLength: 1, maxLength: 3 }).map(list => list.flat())

const text = fc.oneof(
  { weight: 10, arbitrary: statement },
  { weight: 1, arbitrary: cursor },
  { weight: 6, arbitrary: fc.array(statement, { minLength: 2, maxLength: 4 }).map(list => list.join('; ')) },
)
const copy = fc
  .tuple(
    fc.constantFrom('1\tone\n', '2\ttwo\n3\tthree\n', 'x\n', ''),
    fc.constantFrom(copyDone, copyFailed),
    fc.boolean(),
  )
  .map(([data, end, first]) =>
    due(1, [query(first ? 'copy t from stdin' : 'select 1; copy t from stdin; select 2'), copyData(data), end]),
  )

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: text },
  { weight: 4, arbitrary: pipeline },
  { weight: 1, arbitrary: copy },
)

const tables: Step = 'create table d (id int primary key, t int references t deferrable initially deferred)'

/** Up to fifteen steps, with the tables that they use made before them. */
export const randomSteps: fc.Arbitrary<Step[]> = fc
  .array(step, { minLength: 1, maxLength: 15 })
  .map(steps => [tables, ...steps, 'rollback', 'select * from t order by id', 'show work_mem'])
