import { deepEqual } from 'node:assert/strict'
import fc from 'fast-check'
import { splitStatements } from '../../../postgres/lexer/statements.ts'
import { forEachRow } from '../../../testing/for-each-row.ts'
import { soak } from '../../../testing/soak.ts'
import { expect, test } from '../../../testing/test.ts'
import { hardStatements } from '../../testing/hard-statements.ts'
import { loadReference, referenceCommand, referenceStatements } from '../../testing/libpg-reference.ts'
import type { Command } from './command.ts'
import { commandOf } from './command-reader.ts'

const commandsOf = (sql: string): Command[] => splitStatements(sql).map(commandOf)

const commands: readonly (readonly [sql: string, command: Command])[] = [
  ['begin', { kind: 'begin', modes: '' }],
  ['/* a */ -- b\n BeGiN work', { kind: 'begin', modes: '' }],
  [
    'begin transaction isolation level Serializable, read only',
    { kind: 'begin', modes: 'isolation level Serializable, read only' },
  ],
  ['start transaction READ WRITE not deferrable', { kind: 'begin', modes: 'READ WRITE not deferrable' }],
  ['commit', { kind: 'commit', chain: false }],
  ['end work and no chain', { kind: 'commit', chain: false }],
  ['commit and chain', { kind: 'commit', chain: true }],
  ['abort', { kind: 'rollback', chain: false }],
  ['rollback transaction and chain', { kind: 'rollback', chain: true }],
  ['rollback to a', { kind: 'rollback to', name: 'a' }],
  ['rollback work to savepoint "A""b"', { kind: 'rollback to', name: 'A"b' }],
  ['rollback to savepoint', { kind: 'rollback to', name: 'savepoint' }],
  ['savepoint ÄbC', { kind: 'savepoint', name: 'Äbc' }],
  ['savepoint u&"d\\0061t"', { kind: 'savepoint', name: 'dat' }],
  ['savepoint u&"d!0061t" uescape \'!\'', { kind: 'savepoint', name: 'dat' }],
  [`savepoint ${'a'.repeat(62)}éb`, { kind: 'savepoint', name: 'a'.repeat(62) }],
  ['release a', { kind: 'release', name: 'a' }],
  ['release savepoint', { kind: 'release', name: 'savepoint' }],
  ["prepare transaction 'a'", { kind: 'prepare transaction' }],
  ['prepare transaction as select 1', { kind: 'prepare', name: 'transaction' }],
  ["commit prepared 'a'", { kind: 'commit prepared' }],
  ['rollback prepared $$a$$', { kind: 'rollback prepared' }],
  ['set search_path to a, b', { kind: 'set', scope: 'session', name: 'search_path' }],
  ["set local App.Tenant = 'a'", { kind: 'set', scope: 'local', name: 'app.tenant' }],
  ['set session "TimeZone" = default', { kind: 'set', scope: 'session', name: 'timezone' }],
  ['set session = 1', { kind: 'set', scope: 'session', name: 'session' }],
  ['set local local to 1', { kind: 'set', scope: 'local', name: 'local' }],
  ["set time zone interval '1' hour", { kind: 'set', scope: 'session', name: 'timezone' }],
  ["set names 'utf8'", { kind: 'set', scope: 'session', name: 'client_encoding' }],
  ['set names', { kind: 'set', scope: 'session', name: 'client_encoding' }],
  ["set schema 'a'", { kind: 'set', scope: 'session', name: 'search_path' }],
  ['set local role a', { kind: 'set', scope: 'local', name: 'role' }],
  ['set role = a', { kind: 'set', scope: 'session', name: 'role' }],
  ['set session authorization a', { kind: 'set', scope: 'session', name: 'session_authorization' }],
  ['set session session authorization a', { kind: 'set', scope: 'session', name: 'session_authorization' }],
  ['set xml option document', { kind: 'set', scope: 'session', name: 'xmloption' }],
  ['set a.b from current', { kind: 'set', scope: 'session', name: 'a.b' }],
  ['set transaction read only', { kind: 'set transaction', modes: 'read only' }],
  ["set transaction snapshot '1-1'", { kind: 'set transaction', modes: "snapshot '1-1'" }],
  ['set session characteristics as transaction read only', { kind: 'set session characteristics', modes: 'read only' }],
  ['set constraints all deferred', { kind: 'set constraints', all: true }],
  ['set constraints "all", s.c immediate', { kind: 'set constraints', all: false }],
  ['show TimeZone', { kind: 'show', name: 'timezone' }],
  ['show transaction isolation level', { kind: 'show', name: 'transaction_isolation' }],
  ['show all', { kind: 'show', name: 'all' }],
  ['reset search_path', { kind: 'reset', name: 'search_path' }],
  ['reset time zone', { kind: 'reset', name: 'timezone' }],
  ['reset session authorization', { kind: 'reset', name: 'session_authorization' }],
  ['reset all', { kind: 'reset', name: 'all' }],
  ['discard temporary', { kind: 'discard', what: 'temp' }],
  ['deallocate prepare a', { kind: 'deallocate', name: 'a' }],
  ['deallocate prepare', { kind: 'deallocate', name: 'prepare' }],
  ['deallocate all', { kind: 'deallocate', name: null }],
  ['deallocate "all"', { kind: 'deallocate', name: 'all' }],
  ['prepare a (int, numeric(3, 1)) as select 1', { kind: 'prepare', name: 'a' }],
  ['execute a (1)', { kind: 'execute', name: 'a' }],
  ['listen "A"', { kind: 'listen', channel: 'A' }],
  ['unlisten *', { kind: 'unlisten', channel: null }],
  ['unlisten "*"', { kind: 'unlisten', channel: '*' }],
  ["notify a, E'b\\n'", { kind: 'notify', channel: 'a', payload: "E'b\\n'" }],
  ["notify a, u&'!0061' uescape '!'", { kind: 'notify', channel: 'a', payload: "u&'!0061' uescape '!'" }],
  ['notify a', { kind: 'notify', channel: 'a', payload: "''" }],
  ['declare C binary no scroll cursor with hold for select 1', { kind: 'declare', name: 'c', hold: true }],
  ['declare cursor cursor without hold for select 1', { kind: 'declare', name: 'cursor', hold: false }],
  ["select set_config('a.b', $1, null)", { kind: 'set config', calls: [{ name: 'a.b', local: false }] }],
  ["select set_config('a.b', $1, 't')", { kind: 'set config', calls: [{ name: 'a.b', local: true }] }],
  [
    "copy (select set_config('a.b', $1, false)) to stdout",
    { kind: 'copy', direction: 'out', calls: [{ name: 'a.b', local: false }] },
  ],
  [
    "declare c cursor for select set_config('a.b', $1, true)",
    { kind: 'declare', name: 'c', hold: false, calls: [{ name: 'a.b', local: true }] },
  ],
  [
    "update pg_catalog.pg_settings set setting = '9MB'",
    { kind: 'set config', calls: [{ name: undefined, local: undefined }] },
  ],
  [
    "with new(value) as (select '9MB') update pg_settings set setting = value from new",
    { kind: 'set config', calls: [{ name: undefined, local: undefined }] },
  ],
  [
    "explain analyze update pg_settings set setting = '9MB'",
    { kind: 'set config', calls: [{ name: undefined, local: undefined }] },
  ],
  ['with known as (select name from pg_settings) select', { kind: 'other', verb: 'WITH' }],
  [
    "update t set v = set_config('a.b', $1, false) from pg_settings",
    {
      kind: 'set config',
      calls: [
        { name: undefined, local: undefined },
        { name: 'a.b', local: false },
      ],
    },
  ],
  ["select set_config('App.tenant', $1, true)", { kind: 'set config', calls: [{ name: 'app.tenant', local: true }] }],
  [
    "select pg_catalog.SET_CONFIG($1, f(1, 2), false), a.\"set_config\"('b', 'c', $2)",
    {
      kind: 'set config',
      calls: [
        { name: undefined, local: false },
        { name: 'b', local: undefined, constant: 'c' },
      ],
    },
  ],
  [
    `do $$ begin update t set role = 'x'; set Local search_path to a;reset time zone; execute format('set x.y = %L', 'z');
       if true then set session authorization a; end if; execute 'set role ' || r; perform 'set of'; end $$`,
    {
      kind: 'do',
      settings: [
        { command: { kind: 'set', scope: 'local', name: 'search_path' }, sql: 'set Local search_path to a' },
        { command: { kind: 'reset', name: 'timezone' }, sql: 'reset time zone' },
        { command: { kind: 'set', scope: 'session', name: 'x.y' } },
        {
          command: { kind: 'set', scope: 'session', name: 'session_authorization' },
          sql: 'set session authorization a',
        },
        { command: { kind: 'set', scope: 'session', name: 'role' } },
      ],
    },
  ],
  [
    `do $$ begin execute 'set a.b = 1 '; execute 'set a.b = '||x; execute 'set a.b = ''1'''; execute $q$set a.b = 1$q$; end $$`,
    {
      kind: 'do',
      settings: [
        { command: { kind: 'set', scope: 'session', name: 'a.b' }, sql: 'set a.b = 1' },
        { command: { kind: 'set', scope: 'session', name: 'a.b' } },
        { command: { kind: 'set', scope: 'session', name: 'a.b' } },
        { command: { kind: 'set', scope: 'session', name: 'a.b' }, sql: 'set a.b = 1' },
      ],
    },
  ],
  [
    "do 'begin set a.b = ''1''; end'",
    { kind: 'do', settings: [{ command: { kind: 'set', scope: 'session', name: 'a.b' } }] },
  ],
  [
    "do $$ begin execute format('set local %I = %L', 'a', 'b'); execute 'SET ' || a; end $$",
    {
      kind: 'do',
      settings: [
        { command: { kind: 'set config', calls: [{ name: undefined, local: undefined }] } },
        { command: { kind: 'set config', calls: [{ name: undefined, local: undefined }] } },
      ],
    },
  ],
  [
    `do $$ begin set a.x = 'a;b'; set local a.x = ','; set a.y = 1 -- one; two
       ; set /* ; */ a.z = 2; execute 'set a.q = ''c;d'''; execute $q$set a.r = 'e;f';$q$; end $$`,
    {
      kind: 'do',
      settings: [
        { command: { kind: 'set', scope: 'session', name: 'a.x' }, sql: "set a.x = 'a;b'" },
        { command: { kind: 'set', scope: 'local', name: 'a.x' }, sql: "set local a.x = ','" },
        { command: { kind: 'set', scope: 'session', name: 'a.y' }, sql: 'set a.y = 1' },
        { command: { kind: 'set', scope: 'session', name: 'a.z' } },
        { command: { kind: 'set', scope: 'session', name: 'a.q' } },
        { command: { kind: 'set', scope: 'session', name: 'a.r' }, sql: "set a.r = 'e;f'" },
      ],
    },
  ],
  [
    `do e'begin\\nset a.b = \\'c;d\\'; raise notice ''set e.f = 1''; end' language plpgsql`,
    { kind: 'do', settings: [{ command: { kind: 'set', scope: 'session', name: 'a.b' } }] },
  ],
  ['do $$ begin -- a\n update t set a = 1; /* set b = 1 */ end $$', { kind: 'other', verb: 'DO' }],
  ["select 'set_config(1)', set_config from t", { kind: 'other', verb: 'SELECT' }],
  ['copy t (a, b) from stdin with (format csv)', { kind: 'copy', direction: 'in' }],
  ['copy (select a from t) to stdout', { kind: 'copy', direction: 'out' }],
  ['copy a.from from stdin', { kind: 'copy', direction: 'in' }],
  ["copy t from '/stdin'", { kind: 'copy', direction: 'other' }],
  ["copy t to program 'stdout'", { kind: 'copy', direction: 'other' }],
  ['insert into t values (1)', { kind: 'other', verb: 'INSERT' }],
  ['((select 1) union (select 2))', { kind: 'other', verb: 'SELECT' }],
  ['$1', { kind: 'other', verb: '' }],
  // For JavaScript, this dotless i is an I in upper case.
  ['lısten a', { kind: 'other', verb: 'LıSTEN' }],
  ['select pg_advisory_lock(1)', { kind: 'advisory lock' }],
  [
    'SELECT pg_catalog.PG_TRY_ADVISORY_XACT_LOCK(hashtext($1), 2)::text AS "got", pg_advisory_unlock_all()',
    { kind: 'advisory lock' },
  ],
  ['select pg_try_advisory_lock_shared(1) got', { kind: 'advisory lock' }],
  ['select pg_advisory_lock(id) from t', { kind: 'other', verb: 'SELECT' }],
  ['select pg_advisory_lock((select 1))', { kind: 'other', verb: 'SELECT' }],
  ['select pg_advisory_lock(1), 2', { kind: 'other', verb: 'SELECT' }],
  ["select 'pg_advisory_lock(1)'", { kind: 'other', verb: 'SELECT' }],
  ...malformed(
    'BEGIN',
    'begin foo',
    'begin work work',
    'begin read',
    'begin read only,',
    'begin, read only',
    'begin "read" only',
  ),
  ...malformed('START', 'start', 'start work'),
  ...malformed(
    'COMMIT',
    'commit and',
    'commit and no',
    'commit chain',
    'commit prepared',
    'commit prepared a',
    'commit to a',
  ),
  ...malformed(
    'ROLLBACK',
    'rollback to',
    'rollback to a b',
    'rollback to select',
    "rollback to 'a'",
    'rollback to savepoint a b',
  ),
  ...malformed(
    'SAVEPOINT',
    'savepoint',
    'savepoint a b',
    'savepoint all',
    'savepoint left',
    'savepoint ""',
    'savepoint u&"\\00"',
    'savepoint $1',
  ),
  ...malformed(
    'SET',
    'set',
    'set a',
    'set a =',
    'set local',
    'set time zone',
    'set transaction',
    'set session characteristics as transaction',
  ),
  ...malformed('DISCARD', 'discard', 'discard all all', 'discard foo'),
  ...malformed('LISTEN', 'listen', 'listen *', "listen 'a'"),
]

test('commands of short statements', async () => {
  await forEachRow(
    commands,
    ([sql]) => sql,
    ([sql, command]) => {
      expect(commandsOf(sql).map(withoutPlaces)).toEqual([command])
    },
  )
})

test.describe('agrees with PostgreSQL', () => {
  test.beforeAll(loadReference)

  test('on the commands above and hard statements', () => {
    for (const sql of [...commands.map(([text]) => text), ...hardStatements]) agrees(sql)
  })

  test('on random commands', { tag: '@soak' }, () => {
    const verb = fc.constantFrom(...verbs)
    const text = fc
      .tuple(verb, fc.array(fc.constantFrom(...words), { maxLength: 6 }))
      .map(([first, more]) => [first, ...more].join(' '))
    let compared = 0
    fc.assert(
      fc.property(text, sql => {
        if (agrees(sql)) compared += 1
      }),
      { seed: 3, numRuns: soak({ long: 20_000, short: 2000 }) },
    )
    expect(compared).toBeGreaterThan(100)
  })
})

test('a quoted parameter name "all" is not read as ALL', () => {
  expect(commandsOf('reset "ALL"')).toEqual([{ kind: 'other', verb: 'RESET' }])
})

const verbs =
  `begin start|transaction commit end rollback abort savepoint release prepare execute deallocate set set set|local
  set|session reset show discard listen unlisten notify declare|c copy|t begin|isolation|level rollback|to`
    .split(/\s+/)
    .map(verb => verb.replaceAll('|', ' '))

const words =
  `work transaction transaction and no chain|chain and|chain to savepoint a "B" B isolation|level serializable read only write committed , ,
  deferrable not prepared 'p' local session = = . time zone schema names role authorization characteristics|as xml option
  document from current constraints all deferred immediate temp plans prepare as select|1 ( ) * stdin stdout program select left
  cursor cursor with|hold without|hold for|select|1 binary no|scroll scroll snapshot default uescape u&"c" select from|stdin to|stdout (a) 1`
    .split(/\s+/)
    .map(word => word.replaceAll('|', ' '))

// Whether PostgreSQL accepts the text: the sandbox must not run a command from a text that PostgreSQL rejects.
function agrees(sql: string): boolean {
  const expected = referenceStatements(sql)
  const actual = commandsOf(sql).map(comparable)
  if (expected) deepEqual(actual, expected.map(referenceCommand), sql)
  else if (actual.length === 1)
    for (const { kind } of actual) deepEqual(FORWARDED.has(kind) ? 'other' : kind, 'other', sql)
  return expected !== undefined
}

// Only what replaces a parameter needs them.
function withoutPlaces(command: Command): Command {
  if (command.kind !== 'do') return command
  return { ...command, settings: command.settings.map(({ assignment: _, ...setting }) => setting) }
}

// The sandbox sends these on, and the server checks the rest of their syntax.
const FORWARDED: ReadonlySet<string> = new Set([
  'set',
  'set constraints',
  'prepare',
  'execute',
  'copy',
  'declare',
  'do',
])

function comparable(command: Command): Command {
  // For the server's parser, these are ordinary function calls, and a block is a string.
  if (['other', 'set config', 'advisory lock', 'do'].includes(command.kind)) return { kind: 'other', verb: '' }
  if (command.kind === 'notify') return { ...command, payload: '' }
  if (command.kind === 'copy' || command.kind === 'declare') {
    const { calls: _, ...rest } = command
    return rest
  }
  return 'modes' in command ? { ...command, modes: '' } : command
}

function malformed(verb: string, ...texts: string[]): (readonly [string, Command])[] {
  return texts.map(text => [text, { kind: 'other', verb }])
}
