/** Generates random steps of clients: simple and extended query protocol, transaction control anywhere, errors. */
import fc from 'fast-check'
import {
  bindAndExecute,
  closePortal,
  closeStatement,
  flush,
  parse,
  query,
  sync,
} from '../protocol/frontend-messages.ts'
import { bind, copyData, copyDone, copyFailed, describePortal, describeStatement, execute } from './messages.ts'
import { cursor, shared, statement, work } from './random-statements.ts'
import { by, due, type Step } from './scenario.ts'

const name = fc.constantFrom('', 's', 'q')
const portal = fc
  .tuple(fc.constantFrom('', 'o'), name, fc.nat(2), fc.boolean())
  .map(([portal, name, rows, closes]) => [
    closePortal(portal),
    bind(portal, name),
    describePortal(portal),
    execute(portal, rows),
    ...(closes ? [closePortal(portal)] : []),
  ])

const run = (name: string, sql: string) =>
  sql.split('; ').flatMap(sql => [closeStatement(name), parse(name, sql), bindAndExecute(name)])

/** One or more batches of messages, each with a Sync. */
function pipelineOf(statement: fc.Arbitrary<string>): fc.Arbitrary<Buffer[]> {
  const message = fc.oneof(
    { weight: 6, arbitrary: fc.tuple(name, statement).map(([name, sql]) => run(name, sql)) },
    { weight: 2, arbitrary: fc.tuple(name, statement).map(([name, sql]) => [parse(name, sql)]) },
    { weight: 3, arbitrary: name.map(name => [bindAndExecute(name)]) },
    // Not the other statements: a server cannot handle a COMMIT inside EXECUTE.
    { weight: 1, arbitrary: work.map(sql => [closeStatement('e'), parse('e', sql)]) },
    { weight: 1, arbitrary: name.map(name => [closeStatement(name)]) },
    { weight: 1, arbitrary: name.map(name => [describeStatement(name)]) },
    { weight: 2, arbitrary: portal },
    { weight: 1, arbitrary: fc.constantFrom('o', 'c').map(portal => [execute(portal, 1)]) },
    { weight: 1, arbitrary: fc.constant([flush]) },
  )
  const series = fc.array(message, { minLength: 1, maxLength: 5 }).map(list => [...list.flat(), sync])
  return fc.array(series, { minLength: 1, maxLength: 3 }).map(list => list.flat())
}

const textOf = (statement: fc.Arbitrary<string>) =>
  fc.oneof(
    { weight: 5, arbitrary: statement },
    { weight: 3, arbitrary: fc.array(statement, { minLength: 2, maxLength: 5 }).map(list => list.join('; ')) },
  )

const text = fc.oneof({ weight: 7, arbitrary: textOf(statement) }, { weight: 1, arbitrary: textOf(cursor) })

const copy = fc
  .tuple(
    fc.constantFrom('1\tone\n', '2\ttwo\n3\tthree\n', '2\ttwo\nx\n', ''),
    fc.constantFrom(copyDone, copyFailed),
    fc.constantFrom(
      [query('copy t from stdin')],
      [query('select 1; copy t from stdin; select 2')],
      [query('begin; copy t from stdin; commit; select 2')],
      [query('insert into t values (1); savepoint a; copy t from stdin; rollback to a; select 2')],
    ),
  )
  .map(([data, end, start]) => due(1, [...start, copyData(data), end]))
const copyByProtocol = fc
  .tuple(fc.constantFrom('1\tone\n', '2\ttwo\nx\n'), fc.constantFrom(copyDone, copyFailed), statement)
  .map(([data, end, sql]) =>
    due(1, [...run('', sql), ...run('copying', 'copy t from stdin'), copyData(data), end, sync]),
  )

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 12, arbitrary: text },
  { weight: 8, arbitrary: pipelineOf(statement) },
  { weight: 1, arbitrary: copy },
  { weight: 1, arbitrary: copyByProtocol },
)

const ending = run('ending', 'rollback')

/** The first client is outside a transaction, and another one runs a step. */
const turn = fc
  .oneof(textOf(shared), pipelineOf(shared))
  .map((sent): Step[] => [[...ending, sync], by('b', sent), by('b', [...ending, sync])])

const tables: Step = 'create table d (id int primary key, t int references t deferrable initially deferred)'

const shown =
  "select current_setting('work_mem'), current_setting('timezone'), nullif(current_setting('app.tenant', true), '')"

/** Requires that all settings of the first client are applied again. */
const another = by('b', "set work_mem = '90MB'; set timezone = 'Etc/GMT+9'; set app.tenant = 'b'; select current_user")

/** Up to fifteen steps, after the creation of the tables that they use. */
export const randomSteps: fc.Arbitrary<Step[]> = fc
  .array(fc.oneof({ weight: 8, arbitrary: step.map(step => [step]) }, { weight: 1, arbitrary: turn }), {
    minLength: 1,
    maxLength: 15,
  })
  .map(steps => [
    tables,
    ...steps.flat(),
    'rollback',
    shown,
    another,
    shown,
    'select current_user, session_user',
    'reset session authorization; reset role; select * from t order by id',
  ])
