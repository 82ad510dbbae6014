/** The syntax tree of a file, before its sentences are matched with definitions. */
import type { Json } from './json/json.ts'
import type { Template } from './template.ts'

export interface Document {
  /** Of each scenario. */
  tags: Tag[]
  /** Its sentences run before those of each scenario. */
  before: Block | undefined
  /** What `As "name"` does. */
  logins: Login[]
  scenarios: Scenario[]
}

/** Sentences in order. */
export interface Block {
  sentences: Sentence[]
  offset: number
}

export interface Login extends Block {
  name: string
}

export interface Scenario extends Block {
  /** Undefined: the name of the file is used. */
  title: string | undefined
  tags: Tag[]
  /** Those directly above its title. */
  comments: Comment[]
  /** The scenario runs once for each row of each table. A table directly below its last sentence is in that sentence. */
  tables: Examples[]
}

export interface Tag {
  /** With the leading @. */
  text: string
  offset: number
}

export interface Comment {
  /** Without the leading #. */
  text: string
  offset: number
}

export interface Examples {
  /** Undefined: the table has none. */
  name: string | undefined
  table: Table
}

export interface Sentence {
  tokens: Token[]
  /** Those directly above it. */
  comments: Comment[]
  /** The table directly below it, which is a value of the sentence or the examples of its scenario. */
  table: Table | undefined
  offset: number
  /** The offset after its last character; that of a table does not count. */
  end: number
}

/** A part of a sentence. */
export type Token = { offset: number; end: number } & (
  | { kind: 'word'; template: Template; text: string }
  | { kind: 'text'; template: Template }
  | { kind: 'json'; json: Json }
  | { kind: 'table'; table: Table }
)

export interface Table {
  /** The header row: a variable, or a column of a table of the database, for each column. */
  names: string[]
  rows: Row[]
  offset: number
}

export interface Row {
  cells: { value: Json; offset: number }[]
  offset: number
}
