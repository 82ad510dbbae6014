/** Removes the reports of old runs, and the oldest while all of them take too much room. */
import { readdir, rm, stat } from 'node:fs/promises'
import path from 'node:path'

interface EvidenceLimits {
  evidenceMs: number
  evidenceBytes: number
}

export interface Evidence {
  removeOld(limits: EvidenceLimits): Promise<void>
}

/** A report that is younger may still be written. */
const unfinishedMs = 600_000

/** @param folder With a folder for each run; it need not be there. */
export function openEvidence(folder: string): Evidence {
  // What is written stays as it is, so that it is measured once.
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
      finished.sort((a, b) => b.writtenAt - a.writtenAt)
      let total = 0
      for (const { place, writtenAt, bytes } of finished) {
        total += bytes
        if (Date.now() - writtenAt > evidenceMs || total > evidenceBytes)
          await rm(place, { recursive: true, force: true })
      }
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

interface Report {
  place: string
  writtenAt: number
  bytes: number
}

/** Undefined for what is gone by now. */
async function measure(place: string): Promise<Report | undefined> {
  try {
    const { mtimeMs } = await stat(place)
    const entries = await readdir(place, { recursive: true, withFileTypes: true })
    const files = entries.filter(entry => entry.isFile())
    const sizes = await Promise.all(files.map(async file => (await stat(path.join(file.parentPath, file.name))).size))
    return { place, writtenAt: mtimeMs, bytes: sizes.reduce((total, size) => total + size, 0) }
  } catch (error) {
    if (isGone(error)) return undefined
    throw error
  }
}

const isGone = (error: unknown) => ['ENOENT', 'ENOTDIR'].includes(String((error as NodeJS.ErrnoException).code))
