/** Reads SQL files of which a comment marks the half that migrates up and the half that undoes it. */
import type { SqlFile } from '../sql-file.ts'
import { lineAt } from '../sql-file-error.ts'
import type { MigrationFolder } from './migration-folder.ts'
import { sortedByNumber } from './numbered-files.ts'

interface Tool {
  readonly name: string
  /** For messages. */
  readonly up: string
  /** A line that begins a half: its first group is `up` where it begins what is run, its second group has options. */
  readonly mark: RegExp
  /** Whether each statement is run by itself, by the options of the mark and the text of the file. */
  readonly isByStatement: (options: string, sql: string) => boolean
  /** A line of a feature that only the tool has. */
  readonly unsupported?: RegExp
  /** Whether a file without a mark is run as a whole. */
  readonly isOptional?: true
  /** Whether the half that is run begins without a mark. */
  readonly beginsUp?: true
  /** Sorts as the tool does. */
  readonly sort: (folder: string, names: readonly string[]) => string[]
}

const never = () => false

const tools: readonly Tool[] = [
  {
    name: 'dbmate',
    up: '-- migrate:up',
    mark: /^--[^\S\n]*migrate:(up|down)(?:[^\S\n]+(\S.*?))?[^\S\n]*$/gm,
    isByStatement: options => /(^|\s)transaction:false(\s|$)/.test(options),
    // By name, so that 10_ten.sql comes before 9_nine.sql.
    sort: (folder, names) => sortedByNumber(folder, names, /^(\d+).*\.sql$/).sort(),
  },
  {
    name: 'goose',
    up: '-- +goose Up',
    mark: /^[^\S\n]*--[^\S\n]*\+goose[^\S\n]+(up|down)[^\S\n]*$/gim,
    isByStatement: (_options, sql) => /^[^\S\n]*--[^\S\n]*\+goose[^\S\n]+no transaction[^\S\n]*$/im.test(sql),
    unsupported: /^[^\S\n]*--[^\S\n]*\+goose[^\S\n]+envsub on[^\S\n]*$/im,
    sort: (folder, names) => sortedByNumber(folder, names, /^(\d+)_.*\.sql$/),
  },
  {
    name: 'sql-migrate',
    up: '-- +migrate Up',
    mark: /^-- \+migrate[^\S\n]+(Up|Down)\b(.*)$/gm,
    isByStatement: options => /(^|\s)notransaction(\s|$)/.test(options),
    sort: (_folder, names) => [...names].sort(numbersFirst),
  },
  {
    name: 'node-pg-migrate',
    up: '-- Up Migration',
    mark: /^[^\S\n]*--(?:[^\S\n]|-)*(up|down)[^\S\n]+migration\b.*$/gim,
    isByStatement: never,
    isOptional: true,
    sort: (folder, names) => sortedByNumber(folder, names),
  },
  {
    name: 'tern',
    up: '---- create above / drop below ----',
    mark: /^---- create above \/ (drop) below ----[^\S\n]*$/gm,
    isByStatement: never,
    isOptional: true,
    beginsUp: true,
    sort: (folder, names) => sortedByNumber(folder, names, /^(\d+)_.*\.sql$/),
  },
]

/**
 * Reads the halves that migrate up, in the order of the tool whose marks they have; plain files by number. Throws an error
 * for files of several tools, for files of which some have no mark, and for marks of an unknown tool.
 */
export async function readMarkedFiles(folder: MigrationFolder): Promise<SqlFile[]> {
  const files = new Map<string, SqlFile>()
  for (const name of folder.sqlFiles) files.set(name, await folder.read(name))
  const [tool, another] = tools
    .map(found => ({ ...found, example: [...files.values()].find(({ sql }) => sql.search(found.mark) >= 0) }))
    .filter(({ example }) => example !== undefined)
  if (tool && another) {
    throw new Error(
      `${tool.example?.path} has a mark of ${tool.name}, and ${another.example?.path} one of ${another.name}. ` +
        'A folder holds the migrations of one tool; move the others into a folder of their own.',
    )
  }
  const sorted = (tool?.sort ?? sortedByNumber)(folder.path, [...files.keys()])
  return sorted.flatMap(name => {
    const file = files.get(name)
    if (!file) return []
    return tool ? upHalves(file, tool, tool.example?.path ?? '') : plainFile(file)
  })
}

function upHalves(file: SqlFile, tool: Tool, example: string): SqlFile[] {
  const { path, sql } = file
  const marks = [...sql.matchAll(tool.mark)]
  const first = marks[0]
  if (!first) {
    if (tool.isOptional) return [file]
    throw new Error(
      `${path} has no line "${tool.up}", but ${example} has a mark of ${tool.name}, which runs only what is marked. ` +
        `Add the line, or move the file out of the folder.`,
    )
  }
  const unsupported = tool.unsupported?.exec(sql)
  if (unsupported) {
    throw new Error(
      `${place(file, unsupported.index)}: only ${tool.name} can replace variables. ` +
        `Have it run the migrations, by the option migrations: { command: '${tool.name} ... up' }.`,
    )
  }
  const half = (start: number, end: number | undefined, options: string): SqlFile => ({
    path,
    sql: blank(sql.slice(0, start)) + sql.slice(start, end).trimEnd(),
    byStatement: tool.isByStatement(options, sql),
  })
  if (tool.beginsUp) return [half(0, first.index, '')]
  const before = sql
    .slice(0, first.index)
    .replace(/\/\*.*?\*\//gs, blank)
    .search(/^[^\S\n]*(?!--)\S/m)
  if (before >= 0) {
    throw new Error(
      `${place(file, before)}: this line stands before the first mark of ${tool.name}, "${first[0].trim()}", which does not run it. ` +
        `Move it below a line "${tool.up}".`,
    )
  }
  const ups = marks.flatMap((mark, index) =>
    mark[1]?.toLowerCase() === 'up' ? [half(mark.index, marks[index + 1]?.index, mark[2] ?? '')] : [],
  )
  if (ups.length === 0) {
    throw new Error(
      `${path} has a line "${first[0].trim()}", but no line "${tool.up}". Add it above what the migration does.`,
    )
  }
  return ups
}

/** A comment of at most two words that ends in a word for the opposite of a migration. */
const unknownMark =
  /^[^\S\n]*(?:#[^\S\n]*)?--[^\w\n]*(?:\w+[^\w\n]+)?(?:downs?|undo|rollback)(?:[^\S\n]+migration)?[^\w\n]*$/im

function plainFile(file: SqlFile): SqlFile {
  const mark = unknownMark.exec(file.sql)
  if (mark && /^[^\S\n]*(drop|truncate|delete|alter)\b/im.test(file.sql.slice(mark.index))) {
    throw new Error(
      `${place(file, mark.index)}: "${mark[0].trim()}" looks like the mark above a half that undoes the migration, but of no ` +
        'tool whose marks are known here. Move that half into another folder; or have the tool run the migrations, by the ' +
        `option migrations: { command: 'TOOL up' }; or, if it is to be run, reword the comment.`,
    )
  }
  return file
}

function place({ path, sql }: SqlFile, index: number): string {
  return `${path}:${lineAt(sql, index)}`
}

/** Spaces instead of all characters but line breaks. */
function blank(sql: string): string {
  return sql.replace(/[^\n]/gu, ' ')
}

function numbersFirst(one: string, other: string): number {
  const [a, b] = [/^\d+/.exec(one), /^\d+/.exec(other)].map(digits => digits && BigInt(digits[0]))
  if (a != null && b != null && a !== b) return a < b ? -1 : 1
  if ((a == null) !== (b == null)) return a != null ? -1 : 1
  return one < other ? -1 : 1
}
