/** Makes Playwright's HTML report of a run, from archives without secrets. */
import { mkdir, readdir, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { makeFilesPrivate, makePrivateFolder } from '../../environment/reprise-folder.ts'
import { redactArchive } from '../../environment/secrets/redaction/archive.ts'
import type { Redactor } from '../../environment/secrets/redaction/redactor.ts'
import { isDiskFull } from '../../postgres/free-space.ts'
import type { Watchdog } from '../../postgres/run/watchdog.ts'
import { joinArchives } from './joined-archives.ts'
import { launchPlaywright } from './playwright-process.ts'

export interface ReportPlan {
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

/** Returns the report's page, or undefined when no process has left anything. Throws when none can be made. */
export async function writeReport({
  blobs,
  scratch,
  place,
  folder,
  env,
  redactor,
  withoutPictures,
  watchdog,
}: ReportPlan): Promise<string | undefined> {
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
  try {
    await merge(clean, { place, folder, env, redactor, watchdog })
  } catch (error) {
    // A part of it is of no use, and takes room.
    await rm(place, { recursive: true, force: true })
    const where = path.dirname(place)
    // Playwright does not report the code.
    const isFull = (error as NodeJS.ErrnoException).code === 'ENOSPC' || (await isDiskFull(where))
    if (!isFull) throw error
    throw new Error(`There is no room left on the disk of ${where}: free some space there.`, { cause: error })
  }
  return path.join(place, 'index.html')
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

async function merge(
  archives: string,
  { place, folder, env, redactor, watchdog }: Pick<ReportPlan, 'place' | 'folder' | 'env' | 'redactor' | 'watchdog'>,
): Promise<void> {
  makePrivateFolder(place)
  const merging = launchPlaywright({
    args: ['merge-reports', '--reporter', 'html', archives],
    folder,
    env: { ...env, PLAYWRIGHT_HTML_OUTPUT_DIR: place, PLAYWRIGHT_HTML_OPEN: 'never' },
    watchdog,
  })
  const { code, lastWords } = await merging.ended
  if (code !== 0) throw new Error(redactor.text(lastWords))
  await makeFilesPrivate(place)
}
