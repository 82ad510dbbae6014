/** The same messages go to a bare server and to a sandbox; what comes back must be the same, message by message. */
import { expect } from '@playwright/test'
import { createClone } from '../postgres/clone.ts'
import { test as base } from '../postgres/server-fixture.ts'
import { Sandbox } from './sandbox.ts'
import { WireClient } from './transcript.ts'
import { frame } from './wire/backend.ts'
import { bindAndExecute, closeStatement, Frontend, flush, parse, query, sync } from './wire/frontend.ts'

type Mode = 'transaction' | 'direct'

const test = base.extend<{ mode: Mode; pair: { bare: WireClient; sandboxed: WireClient } }>({
  mode: ['transaction', { option: true }],
  pair: async ({ server, emptyDatabase, mode }, use) => {
    const other = await createClone(server)
    for (const { url } of [emptyDatabase, other]) {
      const client = await WireClient.connect(url)
      await client.send([query('create table t (id int primary key, v text)')])
      client.close()
    }
    const bare = await WireClient.connect(emptyDatabase.url)
    const sandbox = await Sandbox.connect(other.url)
    if (mode === 'transaction') sandbox.open()
    else sandbox.openDirect()
    const sandboxed = await WireClient.connect(sandbox.url)
    await use({ bare, sandboxed })
    bare.close()
    sandboxed.close()
    await sandbox.dispose()
    await other.drop()
  },
})

const describeStatement = (name: string) => frame(Frontend.Describe, `S${name}\0`)
const describePortal = (name: string) => frame(Frontend.Describe, `P${name}\0`)
const bind = (portal: string, statement: string) => frame(Frontend.Bind, `${portal}\0${statement}\0\0\0\0\0\0\0`)
const execute = (portal: string, rows = 0) =>
  frame(Frontend.Execute, Buffer.concat([Buffer.from(`${portal}\0`), int32(rows)]))
const copyData = (text: string) => frame(Frontend.CopyData, text)
const copyDone = frame(Frontend.CopyDone)
const copyFailed = frame(Frontend.CopyFail, 'given up\0')

/** int4pl('1', '1') */
const functionCall = frame(
  Frontend.FunctionCall,
  Buffer.concat([int32(177), int16(0), int16(2), int32(1), Buffer.from('1'), int32(1), Buffer.from('1'), int16(0)]),
)

function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeInt16BE(value)
  return bytes
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value)
  return bytes
}

/** A text, messages, or messages of which only so many are answered by ReadyForQuery. */
type Step = string | Buffer[] | { due: number; messages: Buffer[] }

/** What a client sends one after the other, waiting for each answer. */
const scenarios: Record<string, Step[]> = {
  'a query': ['select 1 as a, null as b'],
  'rows of a table': ["insert into t values (1, 'x'), (2, 'y')", 'select * from t order by id', 'delete from t'],
  'an empty query': ['', '  ;; -- nothing\n'],
  'a syntax error': ['selec 1', 'select 1'],
  'a unique violation and more work': [
    'insert into t values (1)',
    'insert into t values (1)',
    'insert into t values (2)',
    'select id from t',
  ],
  'several statements': ['select 1; select 2', 'insert into t values (5); select count(*) from t; delete from t'],
  'several statements, one of which fails': [
    'insert into t values (1); select 1/0; insert into t values (2)',
    'select count(*) from t',
  ],
  'a transaction': [
    'begin',
    'insert into t values (1)',
    'select count(*) from t',
    'rollback',
    'select count(*) from t',
  ],
  'spellings of a transaction': [
    'START TRANSACTION',
    'select 1',
    'END',
    'begin work',
    'select 1',
    'abort',
    '/* hi */ BEGIN TRANSACTION; -- x',
    'COMMIT WORK',
  ],
  'an empty transaction': ['begin', 'commit', 'begin', 'rollback'],
  'begin twice, commit without begin': ['begin', 'begin', 'commit', 'commit', 'rollback'],
  'a failed transaction': [
    'begin',
    'insert into t values (1)',
    'selec',
    'select 1',
    'insert into t values (2)',
    'commit',
    'select count(*) from t',
  ],
  'a failed transaction is rolled back': ['begin', 'select 1/0', 'begin', 'rollback', 'select 1'],
  savepoints: [
    'begin',
    'savepoint a',
    'insert into t values (1)',
    'savepoint b',
    'insert into t values (1)',
    'rollback to b',
    'insert into t values (2)',
    'release a',
    'select id from t order by id',
    'rollback to a',
    'rollback',
  ],
  'savepoints outside a transaction': ['savepoint a', 'release a', 'rollback to a', 'select 1'],
  'and chain': [
    'begin',
    'insert into t values (1)',
    'rollback and chain',
    'select count(*) from t',
    'commit and chain',
    'select 1',
    'commit',
    'commit and chain',
    'rollback and chain',
  ],
  'transaction control within a text': [
    'begin; insert into t values (1); rollback; select count(*) from t',
    'begin; insert into t values (2)',
    'select count(*) from t',
    'rollback; select count(*) from t',
    'select 1; begin; select 2; commit; select 3',
  ],
  'an error after a begin within a text': ['begin; select 1/0; select 2', 'select 1', 'rollback'],
  'control words in strings, comments and dollar quotes': [
    "select 'a; commit; b'",
    'select 1 /* ; commit; /* ; */ */',
    'select $x$; rollback; $x$',
    'select 1 as "begin;"',
  ],
  'read only': [
    'begin read only',
    'select 1',
    'insert into t values (1)',
    'rollback',
    'insert into t values (1)',
    'delete from t',
  ],
  settings: [
    "set application_name = 'x'",
    'show application_name',
    'begin',
    "set application_name = 'y'",
    'rollback',
    'show application_name',
    'reset application_name',
  ],
  'a setting rolled back to a savepoint': [
    'begin',
    "set work_mem = '5MB'",
    'savepoint a',
    "set work_mem = '6MB'",
    'rollback to a',
    'commit',
    'show work_mem',
    'reset work_mem',
  ],
  'isolation levels': [
    'begin isolation level serializable',
    'select 1',
    'commit',
    'begin',
    'set transaction isolation level repeatable read',
    'select 1',
    'rollback',
    'set transaction isolation level serializable',
  ],
  'set local ends with its transaction': [
    'begin',
    "set local work_mem = '7MB'",
    'show work_mem',
    'commit',
    'show work_mem',
  ],
  notices: [
    "do $$ begin raise notice 'hello'; end $$",
    "do $$ begin raise exception 'no' using errcode = 'P1234'; end $$",
  ],
  'the unnamed statement': [
    [parse('', 'select 1'), bindAndExecute(''), sync],
    [bindAndExecute(''), sync],
  ],
  'a simple query destroys the unnamed statement': [
    [parse('', 'select 1'), sync],
    'select 2',
    [bindAndExecute(''), sync],
  ],
  'a named statement': [
    [parse('s', 'select 1 as a'), describeStatement('s'), sync],
    [bindAndExecute('s'), sync],
    [bindAndExecute('s'), sync],
    [closeStatement('s'), sync],
    [bindAndExecute('s'), sync],
  ],
  'a named statement twice': [
    [parse('s', 'select 1'), sync],
    [parse('s', 'select 2'), sync],
    [bindAndExecute('s'), sync],
    'deallocate s',
    [parse('s', 'select 3'), bindAndExecute('s'), sync],
  ],
  'a statement that does not parse': [
    [parse('s', 'selec'), describeStatement('s'), sync],
    [bindAndExecute('s'), sync],
    [parse('s', 'select 1'), bindAndExecute('s'), sync],
  ],
  'an unknown statement': [[bindAndExecute('nope'), sync], [describeStatement('nope'), sync], 'select 1'],
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
  'several series in one write': [
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
  'transaction control in the extended protocol': [
    [parse('', 'begin'), describeStatement(''), bind('', ''), describePortal(''), execute(''), sync],
    [parse('', 'insert into t values (9)'), bindAndExecute(''), sync],
    [parse('', 'rollback'), bindAndExecute(''), sync],
    'select count(*) from t where id = 9',
  ],
  'transaction control prepared under a name': [
    [parse('b', 'begin'), parse('c', 'commit'), sync],
    [bindAndExecute('b'), sync],
    [bindAndExecute('b'), sync],
    'select 1',
    [bindAndExecute('c'), sync],
    [bindAndExecute('c'), sync],
    [closeStatement('b'), sync],
    [bindAndExecute('b'), sync],
  ],
  'a transaction in one pipeline': [
    [
      parse('', 'begin'),
      bindAndExecute(''),
      parse('', 'select 1'),
      bindAndExecute(''),
      parse('', 'commit'),
      bindAndExecute(''),
      sync,
    ],
  ],
  'an error in a pipelined transaction': [
    [
      parse('', 'begin'),
      bindAndExecute(''),
      parse('', 'select 1/0'),
      bindAndExecute(''),
      parse('', 'commit'),
      bindAndExecute(''),
      sync,
    ],
    'select 1',
    'rollback',
  ],
  'portals and row limits': [
    'begin',
    [parse('', 'select generate_series(1, 5)'), bind('p', ''), describePortal('p'), execute('p', 2), sync],
    [execute('p', 2), sync],
    [execute('p', 0), sync],
    'commit',
    [execute('p', 1), sync],
  ],
  'a cursor in SQL': [
    'begin',
    'declare c cursor for select generate_series(1, 3)',
    'fetch 2 from c',
    'close c',
    'commit',
  ],
  'flush before sync': [[parse('', 'select 1'), flush, bindAndExecute(''), flush, sync]],
  'copy out': ["insert into t values (1, 'a'), (2, 'b')", 'copy t to stdout', 'delete from t'],
  'copy in': [
    [query('copy t from stdin'), copyData('1\tone\n'), copyData('2\ttwo\n'), copyDone],
    'select * from t order by id',
    'delete from t',
  ],
  'copy in that the client gives up': [
    [query('copy t from stdin'), copyData('1\tone\n'), copyFailed],
    'select count(*) from t',
  ],
  'copy in that fails half way': [
    [query('copy t from stdin'), copyData('1\tone\nx\ttwo\n'), copyData('3\tthree\n'), copyDone],
    'select count(*) from t',
  ],
  'a statement after errors of both kinds': [
    [parse('', 'selec'), sync],
    'selec',
    [parse('', 'select 1'), bindAndExecute(''), sync],
  ],
  'only the first error of a series is told': [
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
  'an unknown statement is all that a series has': [
    'begin',
    'insert into t values (1)',
    [bindAndExecute('nope'), sync],
    'select 1',
    'commit',
    'select count(*) from t',
  ],
  'an unknown statement right after begin': ['begin', [bindAndExecute('nope'), sync], 'select 1', 'commit', 'select 1'],
  'back to a savepoint after an unknown statement': [
    'begin',
    'savepoint a',
    [parse('', 'insert into t values (1)'), bindAndExecute(''), bindAndExecute('nope'), sync],
    [parse('', 'rollback to a'), sync],
    'select 1',
    'rollback to a',
    'select count(*) from t',
    'commit',
  ],
  'an unknown statement at the end of a series undoes it': [
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
  'what comes after an error in a series is not done': [
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
  'a query after an error in a series': [
    { due: 1, messages: [parse('', 'selec'), query('select 1'), sync] },
    { due: 1, messages: [bindAndExecute('nope'), query('select 1'), sync] },
    'select 2',
  ],
  'a function call': [
    { due: 1, messages: [functionCall] },
    { due: 1, messages: [parse('', 'selec'), functionCall, sync] },
    'select 2',
  ],
  'copy in with the extended protocol, in one write': [
    { due: 1, messages: [parse('', 'copy t from stdin'), bindAndExecute(''), copyData('1\tone\n'), copyDone, sync] },
    'select * from t',
  ],
  'copy in with the extended protocol, with a Sync that is ignored': [
    {
      due: 1,
      messages: [parse('', 'copy t from stdin'), bindAndExecute(''), sync, copyData('1\tone\n'), copyDone, sync],
    },
    {
      due: 2,
      messages: [parse('', 'copy t from stdin'), bindAndExecute(''), sync, copyData('2\ttwo\n'), copyDone, sync, sync],
    },
    'select * from t order by id',
  ],
  'copy in with the extended protocol that fails': [
    {
      due: 1,
      messages: [parse('', 'copy t from stdin'), bindAndExecute(''), sync, copyData('x\tone\n'), copyDone, sync],
    },
    { due: 1, messages: [parse('', 'copy t from stdin'), bindAndExecute(''), copyData('x\tone\n'), copyDone, sync] },
    { due: 1, messages: [parse('', 'copy nope from stdin'), bindAndExecute(''), copyData('1\n'), copyDone, sync] },
    { due: 1, messages: [parse('', 'copy t from stdin'), bindAndExecute(''), sync, copyFailed, sync] },
    'select count(*) from t',
  ],
  'data for no copy': [{ due: 1, messages: [copyData('1\tone\n'), copyDone, query('select 1')] }],
  'messages without an end to their strings': [
    [frame(Frontend.Parse, 's'), sync],
    [frame(Frontend.Bind, '\0s'), sync],
    [frame(Frontend.Describe, 'S'), sync],
    [frame(Frontend.Describe), sync],
    [frame(Frontend.Execute, 'p'), sync],
    [frame(Frontend.Close, 'Sx'), sync],
    [frame(Frontend.Query, 'select 1')],
    'select 1',
  ],
  'messages that are too short': [
    [parse('s', 'select 1'), sync],
    [frame(Frontend.Parse, '\0select 1\0'), sync],
    [frame(Frontend.Bind, '\0s\0'), sync],
    [bind('', 's'), frame(Frontend.Execute, '\0'), sync],
    'select 1',
  ],
  'a released savepoint counts no more': [
    'begin',
    'savepoint a',
    "set work_mem = '5MB'",
    'savepoint a',
    'release a',
    'rollback to a',
    'commit',
    'select 1',
    'show work_mem',
  ],
  'RESET ALL leaves the role': ['set role pg_monitor', 'reset all', 'select current_user', 'reset role', 'select 1'],
  'text beyond ASCII and the place of an error': [
    "select 'žluť 🦊' as t",
    "select 'ž🦊', selec",
    "select '🦊'; begin; select 'ž🦊', nocolumn",
    'rollback',
  ],
}

for (const mode of ['transaction', 'direct'] as const) {
  test.describe(() => {
    test.use({ mode })
    for (const [name, steps] of Object.entries(scenarios)) {
      test(`is what a server does${mode === 'direct' ? ', directly' : ''}: ${name}`, async ({ pair }) => {
        for (const step of steps) {
          const { messages, due } = messagesOf(step)
          const expected = await pair.bare.send(messages, due)
          const actual = await pair.sandboxed.send(messages, due)
          expect(actual, `after ${typeof step === 'string' ? step : 'these messages'}`).toEqual(expected)
        }
      })
    }
  })
}

function messagesOf(step: Step): { messages: Buffer[]; due?: number } {
  if (typeof step === 'string') return { messages: [query(step)] }
  return Array.isArray(step) ? { messages: step } : step
}
