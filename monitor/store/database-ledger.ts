/**
 * Keeps the ledger of a run in the monitor's database, where another instance finds it should this machine be lost. The
 * workers reach it through a socket of this process, so that they know of no database.
 */
import { randomUUID } from 'node:crypto'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type pg from 'pg'
import type { LedgerEntry } from '../../environment/ledger/entry.ts'
import { emptyResult } from '../../environment/ledger/finish-all.ts'
import { serveLedger } from '../../environment/ledger/socket-server.ts'
import { finishKeptLedger, holdOn } from './database-sweep.ts'
import { type KeptLedger, LedgerTaken, openLedger, releaseLedger, writeEntries } from './ledgers.ts'
import type { OpenRunLedger } from './run-ledger.ts'

export function databaseLedger(pool: pg.Pool): OpenRunLedger {
  return async ({ name, scratch, environmentName, environment }) => {
    const kept: KeptLedger = { run: name, environment: environmentName, settings: environment }
    const writer = new LedgerWriter(pool, kept)
    const address = addressIn(scratch, name)
    const server = await serveLedger(address, entries => writer.append(entries))
    return {
      place: { ledgerSocket: address },
      async finish(options) {
        // What a worker that was killed has still told is on its way.
        await server.close()
        if (!(await writer.end())) return emptyResult()
        return finishKeptLedger(pool, kept, writer.holder, options)
      },
      async close() {
        await server.close()
        writer.close()
      },
    }
  }
}

function addressIn(scratch: string, name: string): string {
  return process.platform === 'win32' ? `\\\\.\\pipe\\reprise-ledger-${name}` : path.join(scratch, 'ledger')
}

interface Asked {
  entries: readonly LedgerEntry[]
  resolve(): void
  reject(error: Error): void
}

/** Writes in order; what is asked for while it writes goes together. */
class LedgerWriter {
  readonly holder = randomUUID()
  readonly #pool: pg.Pool
  readonly #kept: KeptLedger
  #asked: Asked[] = []
  /** How intents went on that the database has not heard of: it is told when it is back. */
  #owed: LedgerEntry[] = []
  #writing: Promise<void> | undefined
  #release: (() => void) | undefined

  constructor(pool: pg.Pool, kept: KeptLedger) {
    this.#pool = pool
    this.#kept = kept
  }

  append(entries: readonly LedgerEntry[]): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#asked.push({ entries, resolve, reject })
      this.#writing ??= this.#writeAll().finally(() => {
        this.#writing = undefined
      })
    })
  }

  /** Resolves when all is written, with whether anything ever was. Throws what the database says. */
  async end(): Promise<boolean> {
    await this.#writing
    if (this.#release && this.#owed.length > 0) await this.#write([])
    return this.#release !== undefined
  }

  /** Holds the ledger no longer, or only until the database has heard of what it is owed. Does not wait for that. */
  close(): void {
    if (this.#release && this.#owed.length > 0) void this.#tellOwed()
    else this.#release?.()
  }

  async #tellOwed(): Promise<void> {
    while (this.#owed.length > 0 && !this.#pool.ending) {
      await delay(1000, undefined, { ref: false })
      await this.#write([]).catch(error => {
        if (error instanceof LedgerTaken) this.#owed = []
      })
    }
    await releaseLedger(this.#pool, this.#kept.run, this.holder).catch(() => undefined)
    this.#release?.()
  }

  async #writeAll(): Promise<void> {
    while (this.#asked.length > 0) {
      const asked = this.#asked.splice(0)
      try {
        await this.#write(asked.flatMap(({ entries }) => entries))
        for (const { resolve } of asked) resolve()
      } catch (cause) {
        const reason = (cause as Error).message
        const error = new Error(
          `The ledger cannot be written in the monitor's database, so that nothing is created: ${reason}.`,
          { cause },
        )
        for (const { reject } of asked) reject(error)
      }
    }
  }

  async #write(entries: readonly LedgerEntry[]): Promise<void> {
    const all = [...this.#owed, ...entries]
    this.#owed = all.filter(({ entry }) => entry !== 'intent')
    if (!this.#release) {
      await openLedger(this.#pool, this.#kept, this.holder)
      this.#release = holdOn(this.#pool, this.#kept.run, this.holder)
    }
    await writeEntries(this.#pool, this.#kept.run, this.holder, all)
    this.#owed = []
  }
}
