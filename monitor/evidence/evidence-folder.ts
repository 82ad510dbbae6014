/** Keeps what runs have written in `.reprise/runs`: removes the old, thins out passed runs, and enforces the size limit. */
import { readdir, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { readOutcomes } from '../replay/report-outcomes.ts'
import { archiveName } from '../replay/run-archive.ts'
import type { Evidence } from './evidence-store.ts'
import type { RankedReport } from './report-rank.ts'
import { type EvidenceLimits, superfluous } from './superfluous.ts'

export interface EvidenceFolder {
  removeOld(limits: EvidenceLimits): Promise<void>
  /** Those with an archive, newest first. */
  finished(): Promise<Evidence[]>
  /** Of one run, also while it is being written. */
  find(run: string): Promise<LocalReport | undefined>
  /** Removes the archive of a run that is stored elsewhere; its page, if there is one, stays. */
  removeArchive(run: string): Promise<void>
}

/** `page`: the folder of an HTML report, as `monitor run` writes it. */
export type LocalReport = { kind: 'archive'; file: string; bytes: number } | { kind: 'page'; folder: string }

/** A younger report may still be written. */
const unfinishedMs = 600_000

/** @param folder Contains a folder for each run; need not exist. */
export function openEvidenceFolder(folder: string): EvidenceFolder {
  // Finished reports do not change, so each is measured once.
  const known = new Map<string, Report>()
  return {
    async removeOld(limits) {
      const names = await namesIn(folder)
      for (const name of known.keys()) if (!names.includes(name)) known.delete(name)
      const finished: Report[] = []
      for (const name of names) {
        const report = known.get(name) ?? (await measure(path.join(folder, name)))
        if (!report || Date.now() - report.writtenAt < unfinishedMs) continue
        known.set(name, report)
        finished.push(report)
      }
      for (const { place } of superfluous(finished, limits, Date.now())) {
        await rm(place, { recursive: true, force: true })
      }
    },
    async finished() {
      const found: Evidence[] = []
      for (const run of (await namesIn(folder)).sort().reverse()) {
        const place = path.join(folder, run)
        const archive = path.join(place, archiveName)
        const about = await statOf(archive)
        if (!about) continue
        const outcomes = await readOutcomes(place)
        // They are written last; a monitor that was killed has not written them.
        if (!outcomes && Date.now() - about.mtimeMs < unfinishedMs) continue
        found.push({ run, archive, bytes: about.size, createdAt: about.mtime, outcomes })
      }
      return found
    },
    async find(run) {
      const place = path.join(folder, run)
      const archive = await statOf(path.join(place, archiveName))
      if (archive) return { kind: 'archive', file: path.join(place, archiveName), bytes: archive.size }
      const page = await statOf(path.join(place, 'index.html'))
      return page && { kind: 'page', folder: place }
    },
    async removeArchive(run) {
      const place = path.join(folder, run)
      const page = await statOf(path.join(place, 'index.html'))
      await rm(page ? path.join(place, archiveName) : place, { recursive: true, force: true })
    },
  }
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder)
  } catch (error) {
    if (isGone(error)) return []
    throw error
  }
}

interface Report extends RankedReport {
  place: string
  bytes: number
}

/** Undefined if it does not exist any more. */
async function measure(place: string): Promise<Report | undefined> {
  try {
    const { mtimeMs } = await stat(place)
    const entries = await readdir(place, { recursive: true, withFileTypes: true })
    const files = entries.filter(entry => entry.isFile())
    const sizes = await Promise.all(files.map(async file => (await stat(path.join(file.parentPath, file.name))).size))
    const bytes = sizes.reduce((total, size) => total + size, 0)
    return { place, writtenAt: mtimeMs, bytes, outcomes: await readOutcomes(place) }
  } catch (error) {
    if (isGone(error)) return undefined
    throw error
  }
}

async function statOf(file: string) {
  try {
    return await stat(file)
  } catch (error) {
    if (isGone(error)) return undefined
    throw error
  }
}

const isGone = (error: unknown) => ['ENOENT', 'ENOTDIR'].includes(String((error as NodeJS.ErrnoException).code))
