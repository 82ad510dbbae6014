/** The syntax tree of a file, before its sentences are matched with definitions. */
import type { Json } from './json/json.ts'
import type { Template } from './template.ts'

export interface Document {
  scenarios: Scenario[]
}

export interface Scenario {
  /** Undefined: the name of the file is used. */
  title: string | undefined
  /** With the leading @. */
  tags: string[]
  sentences: Sentence[]
  /** The scenario runs once for each row. */
  table: Table | undefined
  offset: number
}

export interface Sentence {
  tokens: Token[]
  offset: number
  /** The offset after its last character. */
  end: number
}

/** A part of a sentence. */
export type Token = { offset: number; end: number } & (
  | { kind: 'word'; template: Template; text: string }
  | { kind: 'text'; template: Template }
  | { kind: 'json'; json: Json }
)

export interface Table {
  /** The header row: a variable for each column. */
  names: string[]
  rows: Row[]
  offset: number
}

export interface Row {
  cells: { value: Json; offset: number }[]
  offset: number
}
