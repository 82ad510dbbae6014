/** ReportShelf: the HTML reports that were made from evidence on demand, kept for a while on disk. */
import { randomBytes } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdir, readdir, rename, rm, stat, utimes } from 'node:fs/promises'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import { makePrivateFolder } from '../../environment/reprise-folder.ts'
import { openRun } from '../../postgres/run/run.ts'
import { type FoundEvidence, isAbsent, type KeptEvidence } from '../evidence/evidence.ts'
import { writeHtmlReport } from '../replay/html-report.ts'
import { unpackArchives } from '../replay/run-archive.ts'
import { listReportFiles, type ReportFiles } from './report-files.ts'

type ShelvedReport =
  /** `isMade`: from an archive, which can be downloaded as well. */
  | ({ kind: 'ready'; isMade: boolean } & ReportFiles)
  | Extract<FoundEvidence, { kind: 'removed' | 'absent' }>
  | { kind: 'failed'; reason: string }
  | { kind: 'busy' }

export interface ReportShelf {
  /** Makes the report unless it is there. Those who ask for the same at one time share it. Throws the database's errors. */
  open(run: string): Promise<ShelvedReport>
  /** Removes those that were not used for long. */
  tidy(): Promise<void>
}

export interface ReportShelfOptions {
  evidence: Pick<KeptEvidence, 'find'>
  /** Of the configuration: Playwright is found there, and the reports are in `.reprise/reports`. */
  folder: string
  limits?: Partial<ShelfLimits>
}

interface ShelfLimits {
  /** How many are made at one time, and how many wait. */
  making: number
  waiting: number
  /** How long one may take, in milliseconds. */
  makingMs: number
  /** How many are kept, how long since they were used, and how long since they were made: their evidence may be removed. */
  kept: number
  keptBytes: number
  unusedMs: number
  keptMs: number
}

const usual: ShelfLimits = {
  making: 2,
  waiting: 8,
  makingMs: 60_000,
  kept: 30,
  keptBytes: 1e9,
  unusedMs: 12 * 3_600_000,
  keptMs: 24 * 3_600_000,
}

/** The names of runs; no other text becomes a path. */
export const runPattern = /^[\w-]{1,100}$/

export function openReportShelf({ evidence, folder, limits = {} }: ReportShelfOptions): ReportShelf {
  const { making, waiting, makingMs, kept, keptBytes, unusedMs, keptMs } = { ...usual, ...limits }
  const shelf = path.join(folder, '.reprise/reports')
  const underWay = new Map<string, Promise<ShelvedReport>>()
  const listed = new Map<string, ReportFiles>()
  const queue: (() => void)[] = []
  let busy = 0

  const shelved = async (run: string): Promise<ShelvedReport | undefined> => {
    const place = path.join(shelf, run)
    try {
      const { mtimeMs } = await stat(path.join(place, 'index.html'))
      if (Date.now() - mtimeMs > keptMs) await rm(place, { recursive: true, force: true })
      // The time of the last use.
      await utimes(place, new Date(), new Date())
      const files = listed.get(run) ?? (await listReportFiles(place))
      listed.set(run, files)
      return { kind: 'ready', isMade: true, ...files }
    } catch {
      listed.delete(run)
      return undefined
    }
  }

  const inTurn = async <T>(work: () => Promise<T>): Promise<T> => {
    if (busy >= making) await new Promise<void>(resolve => queue.push(resolve))
    else busy++
    try {
      return await work()
    } finally {
      const next = queue.shift()
      if (next) next()
      else busy--
    }
  }

  /** @param mayAsk Whether an archive that has gone may be elsewhere now. */
  const make = async (run: string, mayAsk = true): Promise<ShelvedReport> => {
    const found = await evidence.find(run)
    if (found.kind === 'removed' || found.kind === 'absent') return found
    // `monitor run` has made it already.
    if (found.kind === 'page') return { kind: 'ready', isMade: false, ...(await listReportFiles(found.folder)) }
    if (busy >= making && queue.length >= waiting) return { kind: 'busy' }
    try {
      await inTurn(() => makeReport(run, found, { shelf, folder, makingMs }))
    } catch (error) {
      const isMoved = found.kind === 'archive' && isAbsent(error as NodeJS.ErrnoException, found.file)
      if (isMoved && mayAsk) return make(run, false)
      return { kind: 'failed', reason: (error as Error).message }
    }
    const report = await shelved(run)
    await tidy()
    return report ?? { kind: 'failed', reason: 'It was removed when it had just been made.' }
  }

  const tidy = async () => {
    const remove = async (name: string) => {
      listed.delete(name)
      await rm(path.join(shelf, name), { recursive: true, force: true })
    }
    const reports: { run: string; usedAt: number; madeAt: number; bytes: number }[] = []
    for (const name of await readdir(shelf).catch(() => [])) {
      const place = path.join(shelf, name)
      const about = await stat(place).catch(() => undefined)
      const page = await stat(path.join(place, 'index.html')).catch(() => undefined)
      if (about && page) {
        const { bytes } = await listReportFiles(place)
        reports.push({ run: name, usedAt: about.mtimeMs, madeAt: page.mtimeMs, bytes })
        // What a monitor that was killed has left half made.
      } else if (about && Date.now() - about.mtimeMs > 10 * makingMs) await remove(name)
    }
    reports.sort((a, b) => b.usedAt - a.usedAt)
    let total = 0
    for (const [index, { run, usedAt, madeAt, bytes }] of reports.entries()) {
      total += bytes
      // The one that was just opened stays, however large.
      const fits = index === 0 || (index < kept && total <= keptBytes)
      const now = Date.now()
      if (!fits || now - usedAt > unusedMs || now - madeAt > keptMs) await remove(run)
    }
  }

  return {
    async open(run) {
      if (!runPattern.test(run)) return { kind: 'absent', place: 'shared' }
      const ready = await shelved(run)
      if (ready) return ready
      const sharing = underWay.get(run)
      if (sharing) return sharing
      const made = make(run).finally(() => underWay.delete(run))
      underWay.set(run, made)
      return made
    },
    tidy,
  }
}

interface Making {
  shelf: string
  folder: string
  makingMs: number
}

/** Throws if it cannot be made. */
async function makeReport(
  run: string,
  found: Extract<FoundEvidence, { kind: 'archive' | 'stored' }>,
  { shelf, folder, makingMs }: Making,
): Promise<void> {
  const part = path.join(shelf, `${run}.${randomBytes(6).toString('hex')}.part`)
  makePrivateFolder(part)
  const scratch = await openRun()
  try {
    const archives = path.join(part, 'archives')
    await unpackArchives(await fileOf(found, part), archives)
    const temporary = path.join(scratch.folder, 'tmp')
    await mkdir(temporary, { mode: 0o700 })
    const place = path.join(part, 'report')
    const watchdog = scratch.watchdog()
    const env = mergeEnvironment(temporary)
    await writeHtmlReport({ archives, place, folder, env, watchdog, limitMs: makingMs })
    // Another instance that shares the folder may have been faster.
    await rename(place, path.join(shelf, run)).catch(error => {
      if (!['ENOTEMPTY', 'EEXIST'].includes(error.code)) throw error
    })
  } finally {
    await rm(part, { recursive: true, force: true })
    await scratch.end().catch(() => undefined)
  }
}

async function fileOf(found: Extract<FoundEvidence, { kind: 'archive' | 'stored' }>, part: string): Promise<string> {
  if (found.kind === 'archive') return found.file
  const file = path.join(part, 'evidence.zip')
  await pipeline(await found.read(), createWriteStream(file, { mode: 0o600 }))
  return file
}

/** No secret of the monitor: the process reads the evidence only, and no configuration. */
function mergeEnvironment(temporary: string): NodeJS.ProcessEnv {
  const { PATH, HOME, SystemRoot } = process.env
  return {
    ...(PATH !== undefined && { PATH }),
    ...(HOME !== undefined && { HOME }),
    ...(SystemRoot !== undefined && { SystemRoot }),
    TMPDIR: temporary,
    TEMP: temporary,
    TMP: temporary,
  }
}
