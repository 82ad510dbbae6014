/** Removes old reports, thins out those of passed runs, and enforces the size limit. */
import { readdir, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { readOutcomes } from '../replay/report-outcomes.ts'
import { type Rank, type RankedReport, ranksOf } from './report-rank.ts'

interface EvidenceLimits {
  evidenceMs: number
  evidenceBytes: number
}

export interface Evidence {
  removeOld(limits: EvidenceLimits): Promise<void>
}

/** A younger report may still be written. */
const unfinishedMs = 600_000

/** For this time all reports of passed runs are kept, within the size limit. */
const thinnedAfterMs = 86_400_000

const firstToGo: Rank[] = ['rest', 'sample', 'beside', 'failure']

/** @param folder Contains a folder for each run; need not exist. */
export function openEvidence(folder: string): Evidence {
  // Finished reports do not change, so each is measured once.
  const known = new Map<string, Report>()
  return {
    async removeOld({ evidenceMs, evidenceBytes }) {
      const names = await namesIn(folder)
      for (const name of known.keys()) if (!names.includes(name)) known.delete(name)
      const finished: Report[] = []
      for (const name of names) {
        const report = known.get(name) ?? (await measure(path.join(folder, name)))
        if (!report || Date.now() - report.writtenAt < unfinishedMs) continue
        known.set(name, report)
        finished.push(report)
      }
      finished.sort((a, b) => a.writtenAt - b.writtenAt)
      const ranks = ranksOf(finished)
      const ranked = finished.map((report, index) => ({ ...report, rank: ranks[index] ?? 'failure' }))
      const age = (report: Report) => Date.now() - report.writtenAt
      const isOver = (report: (typeof ranked)[number]) =>
        age(report) > evidenceMs || (report.rank === 'rest' && age(report) > thinnedAfterMs)
      const left = ranked.filter(report => !isOver(report))
      let total = left.reduce((sum, { bytes }) => sum + bytes, 0)
      const crowded = firstToGo
        .flatMap(rank => left.filter(report => report.rank === rank))
        .filter(({ bytes }) => {
          const isTooMuch = total > evidenceBytes
          if (isTooMuch) total -= bytes
          return isTooMuch
        })
      for (const { place } of [...ranked.filter(isOver), ...crowded]) await rm(place, { recursive: true, force: true })
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

const isGone = (error: unknown) => ['ENOENT', 'ENOTDIR'].includes(String((error as NodeJS.ErrnoException).code))
