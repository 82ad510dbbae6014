/** What a difference between a server and the sandbox is: something to do, and what comes of it in both places. */
import type pg from 'pg'
import type { Clock } from '../../postgres/templates/template-functions.ts'

export interface Difference {
  /** What is in the database beforehand, committed. */
  readonly given?: string
  /** With the functions that a template replaces, and this clock. */
  readonly template?: Clock
  /** Does it, and resolves with what was seen. `database`: a connection to the database itself. */
  readonly play: (connect: Connect, database: pg.Client) => Promise<unknown>
  readonly onServer: unknown
  readonly inSandbox: unknown
  /** With `isolation: 'database'`, if that is not as on a server. */
  readonly withDatabase?: unknown
}

/** Connects another client; it is disconnected at the end. */
export type Connect = () => Promise<pg.Client>

/** In a few words what is done → the difference. */
export type Differences = Readonly<Record<string, Difference>>

/** The SQLSTATE with which it fails, or `done`. */
export const resultOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'done',
    error => String(error.code),
  )

/** What one client gets for these texts: the results in order. */
export const inOneSession =
  (...texts: string[]): Difference['play'] =>
  async connect => {
    const client = await connect()
    const results: string[] = []
    for (const text of texts) results.push(await resultOf(client.query(text)))
    return results
  }
