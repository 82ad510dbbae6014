/** Restores the sequences of a database to earlier values, since a rollback does not. */
import { withClient } from '../../postgres/connection.ts'
import { bindAndExecute, closeStatement, parse, sync } from '../protocol/frontend-messages.ts'
import type { ServerConnection } from './server-connection.ts'

export class Sequences {
  readonly #statements: Readonly<Record<string, string>>
  readonly #preparedOn = new WeakSet<ServerConnection>()

  private constructor(restore: string) {
    // currval, lastval and the CACHE belong to the connection, which is reused.
    this.#statements = { reprise_forget_sequences: 'DISCARD SEQUENCES', reprise_restore_sequences: restore }
  }

  /** Reads the current values of the sequences in the database at `url`. Throws like `restore`. */
  static async read(url: string): Promise<Sequences> {
    const reading = withClient(url, async client => {
      const { rows: sequences } = await client.query<{ oid: number; name: string }>(
        `select c.oid, format('%I.%I', nspname, relname) as name
         from pg_class c join pg_namespace n on n.oid = relnamespace where relkind = 'S' and relpersistence <> 't'`,
      )
      if (sequences.length === 0) return new Sequences('')
      const reads = sequences.map(({ oid, name }) => `select ${oid} as oid, last_value, is_called from ${name}`)
      const { rows: values } = await client.query<Value>(reads.join(' union all '))
      const names = new Map(sequences.map(({ oid, name }) => [oid, name]))
      return new Sequences(values.map(value => restoring(names.get(value.oid) ?? '', value)).join(' union all '))
    })
    return reading.catch(cause => Promise.reject(cannotRestore(cause.message, cause)))
  }

  /**
   * Restores the sequences that have changed, on a connection to the same database or a copy of it, outside of a
   * transaction. Throws an error with a remedy when the role lacks a privilege or a sequence does not exist.
   */
  async restore(upstream: ServerConnection): Promise<void> {
    const names = Object.keys(this.#statements)
    const messages = [...names.map(name => bindAndExecute(name)), sync]
    if (!this.#preparedOn.has(upstream)) {
      messages.unshift(
        ...Object.entries(this.#statements).flatMap(([name, sql]) => [closeStatement(name), parse(name, sql)]),
      )
    }
    const { error } = await upstream.exchange(Buffer.concat(messages))
    if (error) throw cannotRestore(`${error.message} (${error.code})`)
    this.#preparedOn.add(upstream)
  }
}

/** A row of a sequence: `last_value` is a bigint, which `pg` returns as a string. */
type Value = { oid: number; last_value: string; is_called: boolean }

function restoring(name: string, { oid, last_value, is_called }: Value): string {
  return `select pg_catalog.setval(${oid}, ${last_value}, ${is_called}) from ${name}
    where last_value <> ${last_value} or is_called <> ${is_called}`
}

function cannotRestore(reason: string, cause?: unknown): Error {
  return new Error(
    `The option sequences: 'restore' could not set the sequences back: ${reason}. ` +
      "The role that connects to the database needs SELECT and UPDATE on each of them; or leave the option at 'continue'.",
    { cause },
  )
}
