/**
 * Keeps the ledger of a run in the monitor's database, where other instances find it if this machine is lost. Workers
 * reach it through a socket of this process, so they need no access to the database.
 */
import { randomUUID } from 'node:crypto'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type pg from 'pg'
import type { LedgerEntry } from '../../environment/ledger/entry.ts'
import { emptyResult } from '../../environment/ledger/finish-all.ts'
import { serveLedger } from '../../environment/ledger/socket-server.ts'
import { UnshownRoutes } from '../../environment/ledger/unshown.ts'
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
        // Entries that a killed worker has sent may still be in the socket.
        await server.close()
        for (const { intent, unruled } of writer.unshown.found) options.onUnruled?.(intent, unruled)
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

interface PendingAppend {
  entries: readonly LedgerEntry[]
  resolve(): void
  reject(error: Error): void
}

/** Writes entries in order. Entries that arrive during a write are written together by the next one. */
class LedgerWriter {
  readonly holder = randomUUID()
  /** The database keeps only their routes. */
  readonly unshown = new UnshownRoutes()
  readonly #pool: pg.Pool
  readonly #kept: KeptLedger
  #pending: PendingAppend[] = []
  /** Entries about known intents that could not be written; they are written when the database is back. */
  #overdue: LedgerEntry[] = []
  #writing: Promise<void> | undefined
  #release: (() => void) | undefined

  constructor(pool: pg.Pool, kept: KeptLedger) {
    this.#pool = pool
    this.#kept = kept
  }

  append(entries: readonly LedgerEntry[]): Promise<void> {
    for (const entry of entries) this.unshown.note(entry)
    return new Promise((resolve, reject) => {
      this.#pending.push({ entries, resolve, reject })
      this.#writing ??= this.#writeAll().finally(() => {
        this.#writing = undefined
      })
    })
  }

  /**
   * Resolves when everything is written, with whether the ledger has ever been opened. Throws the database's errors.
   */
  async end(): Promise<boolean> {
    await this.#writing
    if (this.#release && this.#overdue.length > 0) await this.#write([])
    return this.#release !== undefined
  }

  /** Releases the ledger, in the background after outstanding entries are written. */
  close(): void {
    if (this.#release && this.#overdue.length > 0) void this.#writeOverdue()
    else this.#release?.()
  }

  async #writeOverdue(): Promise<void> {
    while (this.#overdue.length > 0 && !this.#pool.ending) {
      await delay(1000, undefined, { ref: false })
      await this.#write([]).catch(error => {
        if (error instanceof LedgerTaken) this.#overdue = []
      })
    }
    await releaseLedger(this.#pool, this.#kept.run, this.holder).catch(() => undefined)
    this.#release?.()
  }

  async #writeAll(): Promise<void> {
    while (this.#pending.length > 0) {
      const pending = this.#pending.splice(0)
      try {
        await this.#write(pending.flatMap(({ entries }) => entries))
        for (const { resolve } of pending) resolve()
      } catch (cause) {
        const reason = (cause as Error).message
        const error = new Error(
          `The ledger cannot be written in the monitor's database, so that nothing is created: ${reason}.`,
          { cause },
        )
        for (const { reject } of pending) reject(error)
      }
    }
  }

  async #write(entries: readonly LedgerEntry[]): Promise<void> {
    const all = [...this.#overdue, ...entries]
    this.#overdue = all.filter(({ entry }) => entry !== 'intent')
    if (!this.#release) {
      await openLedger(this.#pool, this.#kept, this.holder)
      this.#release = holdOn(this.#pool, this.#kept.run, this.holder)
    }
    await writeEntries(this.#pool, this.#kept.run, this.holder, all)
    this.#overdue = []
  }
}
