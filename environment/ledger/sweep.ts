/** Finishes what crashed runs have left in the ledger's files. */
import { existsSync, readdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import { type LedgerEntry, type OpenIntent, openIntents } from './entry.ts'
import { appendToLedgerFile, isInUse, type LedgerFile, readLedgerFile, rewriteLedgerFile } from './file.ts'
import { countInto, emptyResult, type FinishOptions, finishAll, isAnyDue, type SweepResult } from './finish-all.ts'

export interface SweepOptions extends FinishOptions {
  /** The ledger's folder. */
  folder: string
  /** Only what this environment holds. */
  only?: string
  /** Only files that hold something of these replays. */
  replays?: ReadonlySet<string>
}

/** Takes every file whose process is gone. A file is removed once everything in it has ended. */
export async function sweep(options: SweepOptions): Promise<SweepResult> {
  const result = emptyResult()
  if (!existsSync(options.folder)) return result
  for (const name of readdirSync(options.folder).sort()) {
    if (!name.endsWith('.jsonl')) continue
    const file = path.join(options.folder, name)
    try {
      await sweepFile(readLedgerFile(file), options, result)
    } catch (error) {
      // Its run, or another sweep, has removed it meanwhile.
      if (existsSync(file)) result.leaks.push({ file, reason: (error as Error).message })
    }
  }
  return result
}

/** The environments whose runs have left files in the folder. Files that cannot be read are passed over. */
export function environmentsIn(folder: string): string[] {
  const names = existsSync(folder) ? readdirSync(folder).filter(name => name.endsWith('.jsonl')) : []
  return names.flatMap(name => {
    try {
      return readLedgerFile(path.join(folder, name)).head?.environment ?? []
    } catch {
      return []
    }
  })
}

async function sweepFile(file: LedgerFile, options: SweepOptions, result: SweepResult): Promise<void> {
  if (isInUse(file)) return
  const { path, head } = file
  if (options.only !== undefined && options.only !== head?.environment) return
  if (options.replays && !file.entries.some(entry => isOf(entry, options.replays))) return
  if (!isAnyDue(openIntents(file.entries), options)) return
  const ledger = {
    note: (entry: LedgerEntry) => appendToLedgerFile(path, entry),
    isSettled: (id: string) => isSettled(path, id),
  }
  const finished = head ? await finishAll(openIntents(file.entries), head, options, ledger) : []
  countInto(result, finished, { file: path })
  const left = finished.flatMap(({ open, ending }) => {
    return ending.as === 'unresolved' ? [entriesOf(open, ending.reason)] : []
  })
  if (left.length === 0) rmSync(path, { force: true })
  else rewriteLedgerFile(file, left.reverse().flat())
}

/** Whether another sweep has settled an intent meanwhile, or has seen what it removes. */
function isSettled(path: string, id: string): boolean {
  if (!existsSync(path)) return true
  const open = openIntents(readLedgerFile(path).entries).find(({ intent }) => intent.id === id)
  return !open || (open.things?.some(({ seen }) => seen) ?? false)
}

/** Whether it is the intent of one of the replays; a test that several checks have selected belongs to several. */
function isOf(entry: LedgerEntry, replays: ReadonlySet<string> | undefined): boolean {
  return entry.entry === 'intent' && entry.intent.replay.split(', ').some(id => replays?.has(id))
}

function entriesOf({ intent, things }: OpenIntent, reason: string): LedgerEntry[] {
  return [
    { entry: 'intent', intent },
    ...(things ? [{ entry: 'created' as const, id: intent.id, things }] : []),
    { entry: 'unresolved', id: intent.id, reason },
  ]
}
