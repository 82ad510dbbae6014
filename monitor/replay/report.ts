/** Makes what is kept of a run, from archives without secrets: Playwright's HTML report, or the archives for one. */
import { mkdir, readdir, rename } from 'node:fs/promises'
import path from 'node:path'
import { makePrivateFolder } from '../../environment/reprise-folder.ts'
import { redactArchive } from '../../environment/secrets/redaction/archive.ts'
import type { Redactor } from '../../environment/secrets/redaction/redactor.ts'
import type { Watchdog } from '../../postgres/run/watchdog.ts'
import { noRoom } from './disk-room.ts'
import { writeHtmlReport } from './html-report.ts'
import { joinArchives } from './joined-archives.ts'
import { archiveName, packArchives } from './run-archive.ts'

/** `archive`: one file, from which the page is made on demand. */
export type ReportFormat = 'page' | 'archive' | 'both'

export interface ReportPlan {
  format: ReportFormat
  /** Where the archives of the run's processes are (`Player.blobs`), and where others may be written. */
  blobs: string
  scratch: string
  /** Where the report goes. */
  place: string
  /** Where Playwright is found. */
  folder: string
  env: NodeJS.ProcessEnv
  redactor: Redactor
  /** Whether pictures of pages are left out. */
  withoutPictures: boolean
  watchdog: Watchdog
}

/** Returns the report's file, the page if there is one, or undefined when no process has left anything. Throws when none can be made. */
export async function writeReport(plan: ReportPlan): Promise<string | undefined> {
  const { format, place, folder, env, watchdog } = plan
  const archives = await cleanArchives(plan)
  if (archives === undefined) return undefined
  if (format !== 'archive') await writeHtmlReport({ archives, place, folder, env, watchdog })
  if (format !== 'page') await writeArchive(archives, place)
  return path.join(place, format === 'archive' ? archiveName : 'index.html')
}

async function writeArchive(archives: string, place: string): Promise<void> {
  try {
    makePrivateFolder(place)
    await packArchives(archives, path.join(place, archiveName))
  } catch (error) {
    throw await noRoom(error, path.dirname(place))
  }
}

/** Returns the folder with the redacted archives, one for each run of Playwright. */
async function cleanArchives({ blobs, scratch, redactor, withoutPictures }: ReportPlan): Promise<string | undefined> {
  const archives = (await readdir(blobs, { recursive: true })).filter(name => name.endsWith('.zip'))
  if (archives.length === 0) return undefined
  const clean = path.join(scratch, 'clean')
  await mkdir(clean, { mode: 0o700 })
  const runs = new Set(archives.map(name => name.split(path.sep)[0] ?? ''))
  for (const run of runs) {
    const names = archives.filter(name => name.startsWith(`${run}${path.sep}`)).sort()
    const [from, to] = [await joined(names, blobs, run), path.join(clean, `${run}.zip`)]
    if (redactor.isIdle) await rename(from, to)
    else await redactArchive(from, to, redactor, withoutPictures ? 'blank' : 'kept')
  }
  return clean
}

/** The archive of one run of Playwright, whatever the number of its processes. */
async function joined(names: readonly string[], blobs: string, run: string): Promise<string> {
  const archives = names.map(name => path.join(blobs, name))
  const [only, ...more] = archives
  if (only !== undefined && more.length === 0) return only
  const place = path.join(blobs, `${run}.zip`)
  await joinArchives(archives, place)
  return place
}
