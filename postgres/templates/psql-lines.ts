/** Finds what only psql can read in an SQL file, for instance in one that pg_dump has written. */
import type { Statement } from '../lexer/statements.ts'
import type { SqlFile } from './sql-file.ts'
import { lineAt } from './sql-file-error.ts'

/** Around each dump of pg_dump: it forbids psql other commands of its own, and does nothing else. */
const restriction = /^\\(?:un)?restrict[^\S\n]+\w+[^\S\n]*$/gm

/** The file without the lines that mean nothing to a server; positions stay. */
export function withoutRestriction(file: SqlFile): SqlFile {
  return { ...file, sql: file.sql.replace(restriction, line => ' '.repeat(line.length)) }
}

/** Throws an error with the line to write for data of COPY, and for another command of psql. */
export function refusePsqlLines({ path, sql }: SqlFile, statements: readonly Statement[]): void {
  const mayHaveCommands = /\\[a-z]/i.test(sql)
  for (const { text, start, tokens } of mayHaveCommands || /\bstdin\b/i.test(sql) ? statements : []) {
    if (/^copy\b[^;]*\bfrom\s+stdin\b/i.test(text)) {
      throw new Error(
        `${path}:${lineAt(sql, start)}: only psql can read the data of COPY ... FROM stdin. ` +
          `Have pg_dump write INSERT by its option --inserts, or ${remedy(path)}`,
      )
    }
    const command = mayHaveCommands && tokens.find(token => sql.charAt(token.start) === '\\')
    if (command) {
      const line = sql.slice(command.start).split('\n', 1)[0]?.trim()
      throw new Error(
        `${path}:${lineAt(sql, command.start)}: "${line}" is a command of psql. Remove the line, or ${remedy(path)}`,
      )
    }
  }
}

const remedy = (path: string): string =>
  `have psql run the file: migrations: { command: 'psql "$DATABASE_URL" -v ON_ERROR_STOP=1 -f ${path}' }.`
