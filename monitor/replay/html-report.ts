/** Makes Playwright's HTML report from archives without secrets. */
import { rm } from 'node:fs/promises'
import path from 'node:path'
import { makeFilesPrivate, makePrivateFolder } from '../../environment/reprise-folder.ts'
import type { Watchdog } from '../../postgres/run/watchdog.ts'
import { noRoom } from './disk-room.ts'
import { launchPlaywright } from './playwright-process.ts'

export interface HtmlReportPlan {
  /** A folder with the archives. */
  archives: string
  /** Where the report goes. */
  place: string
  /** Where Playwright is found. */
  folder: string
  /** With a TMPDIR of its own. */
  env: NodeJS.ProcessEnv
  watchdog: Watchdog
  /** How long it may take, in milliseconds; absent: without a limit. */
  limitMs?: number
}

/** Throws Playwright's last words if it cannot be made; then nothing is left of it. */
export async function writeHtmlReport({ archives, place, folder, env, watchdog, limitMs }: HtmlReportPlan) {
  try {
    makePrivateFolder(place)
    const merging = launchPlaywright({
      args: ['merge-reports', '--reporter', 'html', archives],
      folder,
      env: { ...env, PLAYWRIGHT_HTML_OUTPUT_DIR: place, PLAYWRIGHT_HTML_OPEN: 'never' },
      watchdog,
    })
    let isLate = false
    const expire = () => {
      isLate = true
      void merging.stop()
    }
    const timer = limitMs === undefined ? undefined : setTimeout(expire, limitMs)
    const { code, lastWords } = await merging.ended.finally(() => clearTimeout(timer))
    if (isLate) throw new Error(`The report was not complete after ${(limitMs ?? 0) / 1000} seconds.`)
    if (code !== 0) throw new Error(lastWords)
    await makeFilesPrivate(place)
  } catch (error) {
    // A part of it is of no use, and takes room.
    await rm(place, { recursive: true, force: true })
    throw await noRoom(error, path.dirname(place))
  }
}
