/** Reads a file of the ledger, also one whose process was killed while it wrote. */
import { randomBytes } from 'node:crypto'
import { appendFileSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { basename } from 'node:path'
import type { Environment } from '../environment.ts'
import type { LedgerEntry } from './entry.ts'
import { startOf } from './process-identity.ts'

export const ledgerVersion = 2

/** The first line: whose ledger it is, and how its environment is reached. */
export interface LedgerHead {
  entry: 'ledger'
  version: typeof ledgerVersion
  pid: number
  /** When the process began; see `startOf`. */
  started: string
  /** The environment's name. */
  environment: string
  settings: Environment
}

export interface LedgerFile {
  path: string
  /** Undefined in a file whose process was killed before it had written anything of use. */
  head: LedgerHead | undefined
  entries: LedgerEntry[]
}

/** Throws an error that names the file and the line that is no entry. */
export function readLedgerFile(path: string): LedgerFile {
  const lines = readFileSync(path, 'utf8').split('\n')
  // What follows the last line feed was not acknowledged, so that nobody has relied on it.
  lines.pop()
  const [head, ...entries] = lines.filter(Boolean).map((line, n) => {
    try {
      return JSON.parse(line)
    } catch (error) {
      throw new Error(`Line ${n + 1} of ${path} is no entry of a ledger: ${(error as Error).message}.`, {
        cause: error,
      })
    }
  })
  if (head !== undefined && (head.entry !== 'ledger' || head.version !== ledgerVersion)) {
    throw new Error(`${path} is no ledger of version ${ledgerVersion}; another version of Reprise has to sweep it.`)
  }
  return { path, head, entries }
}

/** Replaces what the file holds, at once: whoever reads it finds the old or the new. */
export function rewriteLedgerFile({ path, head }: LedgerFile, entries: readonly LedgerEntry[]): void {
  const lines = [head, ...entries].map(line => `${JSON.stringify(line)}\n`)
  // Another sweep may do the same.
  const rewritten = `${path}.${randomBytes(4).toString('hex')}.new`
  writeFileSync(rewritten, lines.join(''), { mode: 0o600 })
  renameSync(rewritten, path)
}

/** Adds to the file of a process that is gone. Two sweeps may do so at the same time. */
export function appendToLedgerFile(path: string, entry: LedgerEntry): void {
  appendFileSync(path, `${JSON.stringify(entry)}\n`, { flush: true })
}

/** Whether the process that writes the file still runs. */
export function isInUse({ path, head }: LedgerFile): boolean {
  if (head) return startOf(head.pid) === head.started
  // It may be about to write its first line.
  return startOf(Number.parseInt(basename(path), 10)) !== undefined
}
