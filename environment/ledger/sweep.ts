/** Finishes the ledger files of runs that have crashed. */
import { existsSync, readdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import { type LedgerEntry, type OpenIntent, openIntents } from './entry.ts'
import { appendToLedgerFile, isInUse, type LedgerFile, readLedgerFile, rewriteLedgerFile } from './file.ts'
import { storedReason } from './finish.ts'
import {
  addTo,
  countInto,
  emptyResult,
  type FinishOptions,
  finishAll,
  isAnyDue,
  type SweepResult,
} from './finish-all.ts'
import { UnshownRoutes } from './unshown.ts'

export interface SweepOptions extends FinishOptions {
  /** The folder of the ledger's files. */
  folder: string
  /** Only the files of this environment. */
  only?: string
  /** Only files with entries of these replays. */
  replays?: ReadonlySet<string>
}

/**
 * Finishes every file whose process has exited: those of one environment in turn, so that one that hangs delays no other. A file
 * is removed when everything in it has ended.
 */
export async function sweep(options: SweepOptions): Promise<SweepResult> {
  const swept = [...filesByEnvironment(options.folder).values()].map(files => sweepInTurn(files, options))
  const result = emptyResult()
  for (const each of await Promise.all(swept)) addTo(result, each)
  return result
}

async function sweepInTurn(files: readonly string[], options: SweepOptions): Promise<SweepResult> {
  const result = emptyResult()
  for (const file of files) {
    if (options.stopped?.aborted) break
    try {
      await sweepFile(readLedgerFile(file), options, result)
    } catch (error) {
      // Its run, or another sweep, may have removed it meanwhile.
      if (existsSync(file)) result.leaks.push({ file, reason: (error as Error).message })
    }
  }
  return result
}

/** The environments that have files in the folder. Unreadable files are skipped. */
export function environmentsIn(folder: string): string[] {
  return [...filesByEnvironment(folder).keys()].filter(environment => environment !== undefined)
}

/** Under `undefined` are the files whose environment cannot be read. */
function filesByEnvironment(folder: string): Map<string | undefined, string[]> {
  const found = new Map<string | undefined, string[]>()
  const names = existsSync(folder) ? readdirSync(folder).filter(name => name.endsWith('.jsonl')) : []
  for (const name of names.sort()) {
    const file = path.join(folder, name)
    const environment = environmentOf(file)
    found.set(environment, [...(found.get(environment) ?? []), file])
  }
  return found
}

function environmentOf(file: string): string | undefined {
  try {
    return readLedgerFile(file).head?.environment
  } catch {
    return undefined
  }
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
  const unshown = new UnshownRoutes()
  for (const entry of file.entries) unshown.note(entry)
  for (const { intent, unruled } of unshown.found) {
    if (options.onUnruled) options.onUnruled(intent, unruled)
    else result.leaks.push({ file: path, reason: `${unruled.route} was ${unruled.reason}.` })
  }
  const finished = head ? await finishAll(openIntents(file.entries), head, options, ledger) : []
  countInto(result, finished, { file: path })
  const left = finished.flatMap(({ open, ending }) => {
    return ending.as === 'unresolved' ? [entriesOf(open, storedReason(ending))] : []
  })
  if (left.length === 0) rmSync(path, { force: true })
  else rewriteLedgerFile(file, left.reverse().flat())
}

/** Whether another sweep has finished an intent meanwhile, or found what it removes. */
function isSettled(path: string, id: string): boolean {
  if (!existsSync(path)) return true
  const open = openIntents(readLedgerFile(path).entries).find(({ intent }) => intent.id === id)
  return !open || (open.things?.some(({ seen }) => seen) ?? false)
}

/** Whether an entry is an intent of one of the replays; a test selected by several checks has several. */
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
