/** Reads and rewrites a file of the ledger, also one whose process was killed while it wrote. */
import { randomBytes } from 'node:crypto'
import { appendFileSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { basename } from 'node:path'
import { startOf } from '../../processes/process-identity.ts'
import type { Environment } from '../environment.ts'
import type { LedgerEntry } from './entry.ts'

export const ledgerVersion = 2

/** The first line: the process that writes the ledger, and the environment that it is about. */
export interface LedgerHead {
  entry: 'ledger'
  version: typeof ledgerVersion
  pid: number
  /** When the process started; see `startOf`. */
  started: string
  /** The environment's name. */
  environment: string
  settings: Environment
}

export interface LedgerFile {
  path: string
  /** Undefined in a file whose process was killed before it had written a complete line. */
  head: LedgerHead | undefined
  entries: LedgerEntry[]
}

/** Throws an error with the file and the line that is not an entry. */
export function readLedgerFile(path: string): LedgerFile {
  const lines = readFileSync(path, 'utf8').split('\n')
  // A line without a line feed was not acknowledged, so no request depends on it.
  lines.pop()
  const [head, ...entries] = lines.filter(Boolean).map((line, n) => {
    try {
      return JSON.parse(line)
    } catch (error) {
      throw new Error(`Line ${n + 1} of ${path} is not a ledger entry: ${(error as Error).message}.`, {
        cause: error,
      })
    }
  })
  if (head !== undefined && (head.entry !== 'ledger' || head.version !== ledgerVersion)) {
    throw new Error(
      `${path} is not a ledger of version ${ledgerVersion}; sweep it with the version of Reprise that wrote it.`,
    )
  }
  return { path, head, entries }
}

/** Replaces the file's content atomically: readers get the old or the new content. */
export function rewriteLedgerFile({ path, head }: LedgerFile, entries: readonly LedgerEntry[]): void {
  const lines = [head, ...entries].map(line => `${JSON.stringify(line)}\n`)
  // Unique, since another sweep may rewrite the same file.
  const rewritten = `${path}.${randomBytes(4).toString('hex')}.new`
  writeFileSync(rewritten, lines.join(''), { mode: 0o600 })
  renameSync(rewritten, path)
}

/** Appends to the file of a process that has exited. Two sweeps may do so concurrently. */
export function appendToLedgerFile(path: string, entry: LedgerEntry): void {
  appendFileSync(path, `${JSON.stringify(entry)}\n`, { flush: true })
}

/** Whether the process that writes the file still runs. */
export function isInUse({ path, head }: LedgerFile): boolean {
  if (head) return startOf(head.pid) === head.started
  // It may not have written its first line yet.
  return startOf(Number.parseInt(basename(path), 10)) !== undefined
}
