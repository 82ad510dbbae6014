/** Generates random statements for the simple and extended query protocol. */
import fc from 'fast-check'

const key = fc.integer({ min: 1, max: 3 })

export const work = fc.oneof(
  { weight: 4, arbitrary: key.map(id => `insert into t values (${id}, 'x${id}')`) },
  { weight: 1, arbitrary: key.map(id => `insert into d values (${id}, ${id}) returning *`) },
  { weight: 1, arbitrary: key.map(id => `update t set v = v || 'u' where id >= ${id}`) },
  { weight: 2, arbitrary: key.map(id => `delete from t where id = ${id}`) },
  { weight: 3, arbitrary: fc.constant('select * from t order by id') },
  {
    weight: 1,
    arbitrary: fc.constantFrom('select count(*) from d', 'copy t to stdout', 'copy (select 1 / id from t) to stdout'),
  },
  { weight: 1, arbitrary: fc.constantFrom('create table u (id int)', 'drop table u', 'insert into u values (1)') },
  { weight: 2, arbitrary: fc.constantFrom('select 1/0', 'selec', '', 'select * from nowhere', 'select 1, nothing') },
  {
    weight: 1,
    arbitrary: fc.constant(
      "do $$ begin insert into t values (1); raise notice 'new'; exception when others then raise notice 'known'; end $$",
    ),
  },
)
// A statement after BEGIN starts the transaction on the server too, since that decides which of two possible errors it
// reports.
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
const modes = fc.constantFrom(
  'begin read only; select 1',
  'set transaction read only',
  'set transaction_read_only = on',
  'do $$ begin set local transaction_read_only = on; end $$',
  "begin; set transaction_isolation = 'repeatable read'; select 1",
  'show transaction_read_only',
)
const constraint = fc.constantFrom(
  'create table k (n int unique deferrable)',
  'create table k (n int unique deferrable initially deferred)',
  'create table l (like k including all); insert into l values (1), (1)',
  'insert into k values (1), (1)',
  'insert into k values (2)',
  'drop table k',
  'alter table d alter constraint d_t_fkey initially immediate',
  'set constraints d_t_fkey immediate',
  'set constraints k_n_key deferred',
)
const setting = fc.oneof(
  key.map(n => `do $$ begin set work_mem = '1${n}MB'; set local work_mem = '2${n}MB'; end $$`),
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
const transient = fc.constantFrom(
  'declare c cursor for select generate_series(1, 4)',
  'fetch 2 from c',
  'close c',
  'close all',
  'select name from pg_cursors where name = $$c$$',
)
const held = fc.constantFrom(
  'declare h cursor with hold for select generate_series(1, 4)',
  'fetch 2 from h',
  'move 1 in h',
  'close h',
)
const about = fc.constantFrom(
  'deallocate s',
  'deallocate all',
  'prepare p as select 7',
  'prepare e as select 8',
  'execute p',
  'execute e',
  'explain (costs off) execute p',
  'deallocate p',
  'prepare i (int) as insert into t values ($1) returning *',
  'execute i (3)',
  "prepare c as select set_config('app.tenant', 'prepared', true)",
  'execute c',
)
const temporary = fc.constantFrom(
  'create temp table w (id int)',
  'select 1 as id into temp w',
  '/* own */ create temp table w as select 2 as id',
  'insert into w values (3)',
  'select * from w',
  'drop table w',
  'discard temp',
)
const role = fc.constantFrom(
  'set role pg_monitor',
  'set local role pg_read_all_stats',
  'set role none',
  'set session authorization pg_monitor',
  'set local session authorization pg_monitor',
  'reset session authorization',
  'select current_user, session_user',
)
const heard = fc.constantFrom('listen n', 'notify n', "notify n, 'word'", 'unlisten n', 'unlisten *')

/** Statements that several clients may run alternately: no client depends on another's state except for its rows. */
export const shared = fc.oneof(
  { weight: 10, arbitrary: work },
  { weight: 8, arbitrary: control },
  { weight: 1, arbitrary: modes },
  { weight: 2, arbitrary: constraint },
  { weight: 3, arbitrary: setting },
  { weight: 2, arbitrary: about },
  { weight: 1, arbitrary: role },
)

/** Statements that a single client may run. */
export const statement = fc.oneof(
  { weight: 22, arbitrary: shared },
  { weight: 1, arbitrary: fc.constant('discard all') },
  { weight: 1, arbitrary: temporary },
  { weight: 1, arbitrary: heard },
)

/** Statements on cursors. */
export const cursor = fc.oneof(transient, held)
