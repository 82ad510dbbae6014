/** Stores the ledger of one process in a file of JSON lines, synced before a request is sent. */
import { randomBytes } from 'node:crypto'
import { closeSync, fdatasync, fsyncSync, openSync, rmSync, writeSync } from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import { startOf } from '../../processes/process-identity.ts'
import { makePrivateFolder } from '../reprise-folder.ts'
import type { ResolvedEnvironment } from '../resolve-environment.ts'
import type { LedgerEntry, LedgerStore } from './entry.ts'
import { type LedgerHead, ledgerVersion } from './file.ts'

export class FileStore implements LedgerStore {
  readonly #folder: string
  readonly #target: ResolvedEnvironment
  readonly #open = new Set<string>()
  #file: { path: string; descriptor: number } | undefined
  #failure: Error | undefined
  #flushing: Promise<void> = Promise.resolve()
  #nextFlush: Promise<void> | undefined

  /** Creates the file at the first entry. */
  constructor(folder: string, target: ResolvedEnvironment) {
    this.#folder = folder
    this.#target = target
  }

  async append(entries: readonly LedgerEntry[]): Promise<void> {
    for (const entry of entries) {
      if (entry.entry === 'intent') this.#open.add(entry.intent.id)
      // What no test has shown is left to a sweep, which reports it.
      if (entry.entry === 'ended' && !entry.isUnshown) this.#open.delete(entry.id)
    }
    this.#write(entries)
    await this.#flush()
  }

  /** Removes the file if all its intents have ended. */
  close(): void {
    if (!this.#file) return
    closeSync(this.#file.descriptor)
    if (this.#open.size === 0) rmSync(this.#file.path)
    this.#file = undefined
  }

  #write(lines: readonly object[]): void {
    // After an incomplete line, the next one could not be read.
    if (this.#failure) throw this.#failure
    try {
      this.#file ??= this.#make()
      writeSync(this.#file.descriptor, lines.map(line => `${JSON.stringify(line)}\n`).join(''))
    } catch (error) {
      this.#failure = new Error(
        `The ledger cannot be written in ${this.#folder}, so that nothing is created: ${(error as Error).message}.`,
        { cause: error },
      )
      throw this.#failure
    }
  }

  #make(): { path: string; descriptor: number } {
    const { name, environment } = this.#target
    const head: LedgerHead = {
      entry: 'ledger',
      version: ledgerVersion,
      pid: process.pid,
      started: startOf(process.pid) ?? '',
      environment: name,
      settings: environment,
    }
    makePrivateFolder(this.#folder)
    const file = path.join(this.#folder, `${process.pid}-${randomBytes(6).toString('hex')}.jsonl`)
    const descriptor = openSync(file, 'wx', 0o600)
    writeSync(descriptor, `${JSON.stringify(head)}\n`)
    // Sync the folder as well, so that the file's name survives a crash.
    if (process.platform !== 'win32') {
      const folder = openSync(this.#folder, 'r')
      fsyncSync(folder)
      closeSync(folder)
    }
    return { path: file, descriptor }
  }

  /** Concurrent requests share one flush. */
  #flush(): Promise<void> {
    this.#nextFlush ??= this.#flushing.then(() => {
      this.#nextFlush = undefined
      const descriptor = this.#file?.descriptor
      if (descriptor !== undefined) this.#flushing = promisify(fdatasync)(descriptor)
      return this.#flushing
    })
    return this.#nextFlush
  }
}
