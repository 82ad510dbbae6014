/** Locates a server error in an SQL file. */
import pg from 'pg'
import type { SqlFile } from './sql-file.ts'

/**
 * An error `file:line:column: message` with the line itself; its cause is the server's error.
 * @param start Where the statement begins that was run by itself, in UTF-16 units; without it the file was one query.
 */
export function sqlFileError({ path, sql }: SqlFile, cause: unknown, start?: number): Error {
  if (!(cause instanceof pg.DatabaseError)) return new Error(`${path}: ${(cause as Error).message}`, { cause })
  const position = cause.position ?? (start === undefined ? undefined : 1)
  const place = position === undefined ? undefined : sqlPosition(sql, charactersIn(sql, start ?? 0) + Number(position))
  const notes = [
    cause.detail && `Detail: ${cause.detail}`,
    cause.hint && `Hint: ${cause.hint}`,
    cause.where && `Where: ${cause.where}`,
  ]
  const lines = [
    place ? `${path}:${place.line}:${place.column}: ${cause.message}` : `${path}: ${cause.message}`,
    place && `  ${place.text}\n  ${' '.repeat(place.column - 1)}^`,
    ...notes,
  ]
  return new Error(lines.filter(Boolean).join('\n'), { cause })
}

// In characters, not UTF-16 units: an emoji is one to Postgres and two to JavaScript.
function charactersIn(sql: string, end: number): number {
  return [...sql.slice(0, end)].length
}

interface SqlPosition {
  /** Both count from 1; the column counts characters. */
  readonly line: number
  readonly column: number
  readonly text: string
}

/** Line and column of a position as Postgres reports it: in characters, counted from 1. */
export function sqlPosition(sql: string, position: number): SqlPosition {
  const before = [...sql]
    .slice(0, position - 1)
    .join('')
    .split('\n')
  const line = before.length
  const text = (sql.split('\n')[line - 1] ?? '').replace(/\r$/, '').replaceAll('\t', ' ')
  return { line, column: [...(before.at(-1) ?? '')].length + 1, text }
}

/** The line of an index into the text, in UTF-16 units, counted from 1. */
export function lineAt(sql: string, index: number): number {
  return sql.slice(0, index).split('\n').length
}
