/** A difference between a server and the sandbox: statements, and their results in both places. */
import type pg from 'pg'
import type { Clock } from '../../postgres/templates/template-functions.ts'

export interface Difference {
  /** SQL that is committed beforehand. */
  readonly given?: string
  /** Installs the functions that a template replaces, with this clock. */
  readonly template?: Clock
  /** Runs the statements and resolves with the result. @param database A connection that bypasses the sandbox. */
  readonly play: (connect: Connect, database: pg.Client) => Promise<unknown>
  readonly onServer: unknown
  readonly inSandbox: unknown
  /** With `isolation: 'database'`, if that differs from a server. */
  readonly withDatabase?: unknown
}

/** Connects another client; it is disconnected at the end. */
export type Connect = () => Promise<pg.Client>

/** Differences by a short description of the statements. */
export type Differences = Readonly<Record<string, Difference>>

/** The SQLSTATE with which it fails, or `done`. */
export const resultOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'done',
    error => String(error.code),
  )

/** Runs the texts in one session and resolves with their results in order. */
export const inOneSession =
  (...texts: string[]): Difference['play'] =>
  async connect => {
    const client = await connect()
    const results: string[] = []
    for (const text of texts) results.push(await resultOf(client.query(text)))
    return results
  }
