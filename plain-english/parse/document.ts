/** What a file holds, before anybody asks what its sentences mean. */
import type { Json } from './json/json.ts'
import type { Template } from './template.ts'

export interface Document {
  scenarios: Scenario[]
}

export interface Scenario {
  /** Undefined: it is named after the file. */
  title: string | undefined
  /** With their @. */
  tags: string[]
  sentences: Sentence[]
  /** Repeats the scenario for each of its rows. */
  table: Table | undefined
  offset: number
}

export interface Sentence {
  tokens: Token[]
  offset: number
  /** Just after its last character. */
  end: number
}

/** What a sentence is made of. */
export type Token = { offset: number; end: number } & (
  | { kind: 'word'; template: Template; text: string }
  | { kind: 'text'; template: Template }
  | { kind: 'json'; json: Json }
)

export interface Table {
  /** The names of the variables that its columns hold. */
  names: string[]
  rows: Row[]
  offset: number
}

export interface Row {
  cells: { value: Json; offset: number }[]
  offset: number
}
