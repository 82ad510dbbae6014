/**
 * What differences look like in psql that the table in docs/sandbox.md names. A rule is narrow: what it does not match is
 * reported, even if its cause is the same.
 */

export interface NamedDifference {
  /** The title of the row in the table. */
  row: string
  /** What the texts match; a text that is not given may be any. */
  statement?: RegExp
  bare?: RegExp
  sandbox?: RegExp
  /**
   * What matches an earlier statement of the file. Its group `name` is what the statement is about: it occurs in the
   * statement, or in the result on the bare server. With the flag `g`.
   */
  earlier?: RegExp
}

/** `before`: the file up to the statement. */
interface Texts {
  before: string
  statement: string
  bare: string
  sandbox: string
}

/** The title of the first row that names the difference. */
export function nameOf(texts: Texts, named: readonly NamedDifference[]): string | undefined {
  return named.find(
    ({ statement, bare, sandbox, earlier }) =>
      (statement?.test(texts.statement) ?? true) &&
      (bare?.test(texts.bare) ?? true) &&
      (sandbox?.test(texts.sandbox) ?? true) &&
      (earlier === undefined || isAbout(texts, earlier)),
  )?.row
}

function isAbout({ before, statement, bare }: Texts, earlier: RegExp): boolean {
  const names = [...before.matchAll(earlier)].flatMap(({ groups }) => groups?.name ?? [])
  return names.some(name => new RegExp(`\\b${name}\\b`, 'i').test(`${statement}\n${bare}`))
}

const hint = /\nHINT: {2}(.*)The sandbox runs it within one transaction\. Give the test a database of its own:/.source

/** Only the values differ. */
const succeeds = /(?<![\s\S])(?![\s\S]*^ERROR:)/m

const temporary = /\bcreate temp(?:orary)? table (?<name>\w+)/gi
const temporaryUntilCommit = /\bcreate temp(?:orary)? table (?<name>\w+)[^;]*\bon commit (?:delete rows|drop)\b/gi

export const namedDifferences: readonly NamedDifference[] = [
  {
    row: 'Outside a transaction',
    sandbox: new RegExp(
      `ERROR:  [A-Z .]+(\\(create_slot = true\\) |with refresh )?cannot run inside a transaction block${hint}`,
    ),
  },
  {
    row: 'Outside a transaction',
    statement: /^\s*(call|do)\b/i,
    sandbox: new RegExp(`ERROR:  invalid transaction termination(\nCONTEXT: .*)?[^]*${hint}`),
  },
  {
    row: 'Clock',
    statement: /\b(date|time|timetz|timestamp(\(2\) with(out)? time zone)?|timestamptz) 'now'/,
  },
  {
    // The values are those of 'now' in several transactions.
    row: 'Clock',
    statement: /^select count\(d1\) as three, count\(distinct d1\) as two from timestamp(tz)?_tbl;$/i,
  },
  {
    row: 'Enum values',
    sandbox: new RegExp(`ERROR:  unsafe use of new value "\\w+" of enum type \\w+(\nLINE .*\n *\\^)?${hint}`),
  },
  {
    row: 'Transaction ids',
    statement: /\b(txid_status|pg_xact_status)\b/,
    bare: /\b(committed|aborted)\b/,
    sandbox: /\bin progress\b/,
  },
  {
    row: 'Transaction ids',
    statement: /^select (txid_current|pg_current_xact_id)_if_assigned\(\) is null;/i,
    bare: /^ t$/m,
    sandbox: /^ f$/m,
  },
  {
    // Its table is that of a cursor WITH HOLD.
    row: 'Cursors',
    statement: /^drop table/i,
    sandbox: /^ERROR: {2}cannot DROP TABLE "\w+" because it is being used by active queries in this session$/,
  },
  {
    // An open large object survives COMMIT, and so does its number.
    row: 'Cursors',
    bare: /^ERROR: {2}large object descriptor 0 was not opened for writing$/,
    sandbox: /^ERROR: {2}large object descriptor [1-9]\d* was not opened for writing$/,
  },
  {
    // No transaction is serializable.
    row: 'Isolation levels',
    statement: /\bfrom pg_locks\b.*'SIReadLock'/i,
    sandbox: /^\(0 rows\)$/m,
  },
  {
    row: 'Connection',
    statement: /^select count\(\*\) = 0 as ok from pg_prepared_statements;$/,
    sandbox: /^ f$/m,
  },
  {
    row: 'Connection',
    statement: /\bfrom pg_prepared_statements\s+where\s+name = '\w+';$/,
    sandbox: /^\(0 rows\)$/m,
  },
  {
    // The names of the session's own statements, and the sandbox's statements.
    row: 'Connection',
    statement: /\bpg_prepared_statements\b/,
    sandbox: /\breprise_\d+_\w+|\breprise_begin\b/,
  },
  {
    row: 'Outside a transaction',
    sandbox: /^ERROR: {2}PREPARE TRANSACTION would end the one transaction of the sandbox$/m,
  },
  {
    row: 'Isolation levels',
    statement: /^show transaction_deferrable;$/i,
    bare: /^ on$/m,
    sandbox: /^ off$/m,
  },
  { row: 'Transaction ids', statement: /\bx(min|max) = pg_current_xact_id\(\)/, sandbox: succeeds },
  { row: 'Transaction ids', statement: /\bcmin\b/, sandbox: succeeds },
  {
    // What a cursor of the file reads.
    row: 'Transaction ids',
    statement: /^fetch all from c;$/i,
    bare: /^ ctid {2}\| cmin \|/m,
  },
  { row: 'Transaction ids', statement: /\bfrom (pg_locks|my_locks)\b/i, sandbox: succeeds },
  {
    row: 'NOTIFY',
    statement: /^select pg_listening_channels\(\);$/i,
    sandbox: /^\(0 rows\)$/m,
  },
  {
    row: 'Cursors',
    statement: /\bwhere current of\b/i,
    bare: /^ERROR: {2}cursor "\w+" is held from a previous transaction$/m,
  },
  {
    // Volatile functions in the query of a cursor WITH HOLD.
    row: 'Cursors',
    statement: /^fetch all from c2;$/i,
    bare: /^ count_tt1_v \|/m,
  },
  {
    row: 'Publications',
    bare: /^ERROR: {2}cannot (update|delete from) table "\w+" because it does not have a replica identity and publishes/m,
    sandbox: /^(UPDATE|DELETE) \d+$/m,
  },
  {
    row: 'Prepared statements',
    statement: /'execute \w+/i,
    sandbox: /^ERROR: {2}prepared statement "\w+" does not exist$/m,
  },
  {
    row: 'Error context',
    sandbox: /^PL\/pgSQL assignment "/m,
  },
  { row: 'Statistics', statement: /\bpg_stat(io)?_(user|all|xact_user)_|\bpg_stat_get_/, sandbox: succeeds },
  {
    // The session is a new one.
    row: 'Statistics',
    statement: /^select sessions > :\w+ from pg_stat_database\b/i,
    bare: /^ t$/m,
    sandbox: /^ f$/m,
  },
  {
    // The table or index has been dropped.
    row: 'Statistics',
    statement: /^select pg_stat_have_stats\('relation', /i,
    bare: /^ f$/m,
    sandbox: /^ t$/m,
  },
  {
    // Its session has ended, or its transaction.
    row: 'Temporary tables',
    earlier: temporary,
    bare: /^ERROR: {2}(relation|table) "\w+" does not exist$/m,
    sandbox: succeeds,
  },
  {
    row: 'Temporary tables',
    earlier: temporary,
    statement: /^drop table\b/i,
    bare: /^ERROR: {2}table "\w+" does not exist$/m,
    sandbox: /^ERROR: {2}cannot drop table \w+ because other objects depend on it$/m,
  },
  {
    row: 'Temporary tables',
    earlier: temporary,
    statement: /^(create|do\b[\s\S]*\bcreate) temp table\b/i,
    sandbox: /^ERROR: {2}relation "\w+" already exists$/m,
  },
  {
    // Rows, or tables in pg_class.
    row: 'Temporary tables',
    earlier: temporaryUntilCommit,
    statement: /^select (\*|relname) from\b/i,
    bare: /^\(\d+ rows?\)$/m,
    sandbox: succeeds,
  },
  {
    row: 'Temporary tables',
    earlier: temporaryUntilCommit,
    statement: /^commit;/i,
    bare: /^ERROR: {2}unsupported ON COMMIT and foreign key combination$/m,
    sandbox: /^COMMIT$/m,
  },
]
