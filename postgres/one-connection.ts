/** Holds one connection to a database for several pieces of work; connects at the first. */
import type pg from 'pg'
import { openClient } from './connection.ts'

export class OneConnection {
  readonly url: string
  #client: pg.Client | undefined

  constructor(url: string) {
    this.url = url
  }

  /** Throws what connecting throws. */
  async client(): Promise<pg.Client> {
    this.#client ??= await openClient(this.url)
    return this.#client
  }

  /** Disconnects; the next call of `client` connects again. */
  async close(): Promise<void> {
    const client = this.#client
    this.#client = undefined
    await client?.end().catch(() => undefined)
  }
}
