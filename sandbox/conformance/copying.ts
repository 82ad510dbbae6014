/** COPY in both directions, complete and aborted in every way. */
import { bindAndExecute, flush, parse, query, sync } from '../protocol/frontend-messages.ts'
import { copyData, copyDone, copyFailed, int16, int32, run } from './messages.ts'
import { by, due, type Scenarios } from './scenario.ts'

const copyIn = (data: string) => due(1, [query('copy t from stdin'), copyData(data), copyDone])

/** Rows (id, text) in the format of `COPY ... (FORMAT binary)`. */
function binaryRows(...rows: readonly (readonly [number, string])[]): Buffer {
  return Buffer.concat([
    Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1'),
    int32(0),
    int32(0),
    ...rows.flatMap(([id, text]) => [int16(2), int32(4), int32(id), int32(Buffer.byteLength(text)), Buffer.from(text)]),
    int16(-1),
  ])
}

export const copying: Scenarios = {
  'copy out': ["insert into t values (1, 'a'), (2, 'b')", 'copy t to stdout', 'delete from t'],
  'copy in': [
    [query('copy t from stdin'), copyData('1\tone\n'), copyData('2\ttwo\n'), copyDone],
    'select * from t order by id',
    'delete from t',
  ],
  'copy in aborted by the client': [
    [query('copy t from stdin'), copyData('1\tone\n'), copyFailed],
    'select count(*) from t',
  ],
  'copy in that fails in the middle': [
    [query('copy t from stdin'), copyData('1\tone\nx\ttwo\n'), copyData('3\tthree\n'), copyDone],
    'select count(*) from t',
  ],
  'copy in with the extended query protocol, in one write': [
    due(1, [parse('', 'copy t from stdin'), bindAndExecute(''), copyData('1\tone\n'), copyDone, sync]),
    'select * from t',
  ],
  'copy in with the extended query protocol, with an ignored Sync': [
    due(1, [parse('', 'copy t from stdin'), bindAndExecute(''), sync, copyData('1\tone\n'), copyDone, sync]),
    due(2, [parse('', 'copy t from stdin'), bindAndExecute(''), sync, copyData('2\ttwo\n'), copyDone, sync, sync]),
    'select * from t order by id',
  ],
  'copy in with the extended query protocol that fails': [
    due(1, [parse('', 'copy t from stdin'), bindAndExecute(''), sync, copyData('x\tone\n'), copyDone, sync]),
    due(1, [parse('', 'copy t from stdin'), bindAndExecute(''), copyData('x\tone\n'), copyDone, sync]),
    due(1, [parse('', 'copy nope from stdin'), bindAndExecute(''), copyData('1\n'), copyDone, sync]),
    due(1, [parse('', 'copy t from stdin'), bindAndExecute(''), sync, copyFailed, sync]),
    'select count(*) from t',
  ],
  'CopyData outside a COPY': [due(1, [copyData('1\tone\n'), copyDone, query('select 1')])],
  'copy in in a transaction': [
    'begin',
    copyIn('1\tone\n'),
    'select * from t',
    'rollback',
    'select * from t',
    'begin',
    copyIn('2\ttwo\n'),
    'commit',
    'select * from t',
  ],
  'copy in that fails in a transaction': [
    'begin',
    'savepoint a',
    copyIn('x\tone\n'),
    'select 1',
    'rollback to a',
    copyIn('1\tone\n'),
    'commit',
    'select * from t',
  ],
  'a violation at the end of copy in': [
    "insert into t values (2, 'there')",
    copyIn('1\tone\n2\ttwo\n'),
    'select * from t',
  ],
  'copy of nothing': [
    copyIn(''),
    'copy t to stdout',
    due(1, [query('copy t from stdin'), copyDone]),
    'select count(*) from t',
  ],
  'copy with options, and of a query': [
    "insert into t values (1, 'a,b'), (2, null), (3, 'q\"q')",
    "copy t to stdout (format csv, header, null 'NULL', force_quote *)",
    "copy (select id * 2 as double, v from t order by id) to stdout with (delimiter '|')",
    "copy (insert into t values (4, 'new') returning *) to stdout",
    'copy t (v) to stdout',
    'copy nowhere to stdout',
    'copy t to stdout (format nonsense)',
  ],
  'copy in of csv, split at any position': [
    due(1, [
      query('copy t (id, v) from stdin (format csv, header)'),
      copyData('id,'),
      copyData('v\n1,"a'),
      copyData(',b\nc"\n2'),
      copyData(''),
      copyData(',two\n'),
      copyDone,
    ]),
    'select * from t order by id',
  ],
  'copy in of binary rows, as pgx does': [
    due(1, [
      query('copy "t" ( "id", "v" ) from stdin binary;'),
      copyData(binaryRows([1, 'one'], [2, 'žluť'])),
      copyDone,
    ]),
    'select * from t order by id',
    due(1, [query('copy t from stdin binary'), copyData('nonsense'), copyDone]),
    'select count(*) from t',
  ],
  'copy out of binary rows': [
    "insert into t values (1, 'a'), (2, null)",
    'copy t to stdout (format binary)',
    run('copy t to stdout (format binary)'),
  ],
  'copy out with the extended query protocol': [
    "insert into t values (1, 'a'), (2, 'b')",
    run('copy t to stdout'),
    [parse('c', 'copy t to stdout'), sync],
    [bindAndExecute('c'), sync],
    [bindAndExecute('c'), flush, sync],
  ],
  'copy in a text with several statements': [
    due(1, [query('copy t from stdin; select count(*) from t'), copyData('1\tone\n'), copyDone]),
    due(1, [query('select 1; copy t from stdin'), copyData('2\ttwo\n'), copyDone]),
    due(1, [query('begin; copy t from stdin; commit; select count(*) from t'), copyData('3\tthree\n'), copyDone]),
    due(1, [query('copy t from stdin; select 1/0'), copyData('4\tfour\n'), copyDone]),
    'select * from t order by id; copy t to stdout; select 1',
  ],
  'two copies in a text': [
    due(1, [
      query('copy t from stdin; copy t from stdin'),
      copyData('1\tone\n'),
      copyDone,
      copyData('2\ttwo\n'),
      copyDone,
    ]),
    'select * from t order by id',
  ],
  'copy in followed by a query': [
    due(2, [query('copy t from stdin'), copyData('1\tone\n'), copyDone, query('select * from t')]),
    due(2, [query('copy t from stdin'), copyData('1\tone\n'), copyDone, query('select count(*) from t')]),
  ],
  'Flush and Sync among the data': [
    due(1, [query('copy t from stdin'), copyData('1\tone\n'), flush, sync, copyData('2\ttwo\n'), copyDone]),
    'select * from t order by id',
  ],
  'copy with an error at its start': [
    due(1, [query('copy t from stdin (format nonsense)')]),
    due(1, [query('copy nowhere from stdin')]),
    "copy t from '/nowhere/at/all'",
    'copy t from stdin where id > 1; select 1'.replace('stdin', "'/nowhere'"),
    'begin read only',
    due(1, [query('copy t from stdin')]),
    'rollback',
  ],
  'a large copy': [
    due(1, [
      query('copy t from stdin'),
      ...Array.from({ length: 40 }, (_, chunk) =>
        copyData(Array.from({ length: 100 }, (_, i) => `${chunk * 100 + i}\t${'v'.repeat(40)}\n`).join('')),
      ),
      copyDone,
    ]),
    'select count(*), sum(id) from t',
    'copy (select * from t order by id limit 300) to stdout',
  ],
  'copy of two clients in turn': [
    copyIn('1\tone\n'),
    by('b', 'copy t to stdout'),
    by('b', [query('copy t from stdin'), copyData('2\ttwo\n'), copyDone]),
    'select * from t order by id',
  ],
  'copy in with a trigger that raises a notice': [
    `create function f() returns trigger language plpgsql as $$ begin raise notice 'row %', new.id; return new; end $$;
     create trigger g before insert on t for each row execute function f()`,
    copyIn('1\tone\n2\ttwo\n'),
    'select count(*) from t',
  ],
}
