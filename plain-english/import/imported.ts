/** What an importer makes of a file of another tool, before it is written as sentences. */
import type { Json } from '../parse/json/json.ts'
import type { Template } from '../parse/template.ts'
import type { ImportedSecrets } from './secrets.ts'

export interface Imported {
  /** What was read, such as `Postman collection "Users"`. */
  title: string
  scenarios: ImportedScenario[]
  /** Those that the sentences use. */
  secrets: ImportedSecrets
}

export interface ImportedScenario {
  title: string
  /** With the leading @. */
  tags?: readonly string[]
  parts: ImportedPart[]
}

export type ImportedPart = ImportedStep | Remark

/** Something that the file does: a request, an assertion, a saved value. */
export interface ImportedStep {
  kind: 'step'
  /** Texts of sentences that do the same, best first; the first one that the vocabulary has is written. */
  sentences: readonly string[]
  /** Why it is left out if the vocabulary has none of them. */
  reason: string
  /** How the file writes it; shown if it is left out. */
  original: string
  /** Whether the steps below it are about its response. */
  isRequest?: boolean
}

/** A comment, such as the name of a request. */
export interface Remark {
  kind: 'remark'
  text: string
}

export interface ImportedRequest {
  method: string
  url: Template
  headers: readonly { name: string; value: Template }[]
  body?: ImportedBody | undefined
  auth?: ImportedAuth | undefined
  /** Default: true. */
  followsRedirects?: boolean | undefined
}

export type ImportedBody =
  | { kind: 'json'; json: Json }
  | { kind: 'text'; text: Template; contentType: string }
  | { kind: 'form'; fields: readonly { name: string; value: Template }[] }
  | { kind: 'multipart'; fields: readonly ImportedField[] }
  | { kind: 'file'; file: string; contentType: string }
  | { kind: 'unknown'; reason: string }

/** A part of a form. */
interface ImportedField {
  name: string
  value: Template
  /** The path of a file, whose content is the value. */
  file?: string | undefined
  /** How the file is named in the form, if it is another name. */
  fileName?: string | undefined
  /** The media type that the part has, if it is given. */
  type?: string | undefined
}

export type ImportedAuth =
  | { kind: 'basic' | 'digest'; name: Template; password: Template }
  | { kind: 'bearer'; token: Template }
  | { kind: 'unknown'; reason: string; original: string }

/** Whether requests go on to another URL after a response with this status. */
export function isRedirect(status: number): boolean {
  return [301, 302, 303, 307, 308].includes(status)
}

/** A fault of the file to import. The message names the place and the remedy. */
export class ImportError extends Error {}

export function step(sentences: string | readonly string[], original: string, reason: string): ImportedStep {
  return { kind: 'step', sentences: [sentences].flat(), original, reason }
}

export function leftOut(original: string, reason: string): ImportedStep {
  return { kind: 'step', sentences: [], original, reason }
}

/** A request: without it, what is asserted and saved below it is left out as well. */
export function requestStep(given: ImportedStep): ImportedStep {
  return { ...given, isRequest: true }
}

export function remark(text: string): Remark {
  return { kind: 'remark', text }
}
