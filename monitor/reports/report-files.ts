/** Lists the files of a report: only these are served. */
import { createHash } from 'node:crypto'
import { readdir, readFile, stat } from 'node:fs/promises'
import path from 'node:path'

export interface ReportFiles {
  /** The folder that they are in. */
  readonly place: string
  /** By their paths, with `/`. */
  readonly files: ReadonlyMap<string, ReportFile>
  readonly bytes: number
}

export interface ReportFile {
  type: string
  /** Made by a spec or by the service under test, such as an attachment: no script in it may run. */
  isForeign: boolean
  /** Of Playwright's own pages: the sources of their scripts within the page, for a Content-Security-Policy. */
  scripts: readonly string[]
}

/** What the folder has beside the report. */
const ours = new Set(['outcomes.json', 'evidence.zip'])

/** Symbolic links and what begins with a dot are left out. */
export async function listReportFiles(place: string): Promise<ReportFiles> {
  const files = new Map<string, ReportFile>()
  let bytes = 0
  for (const entry of await readdir(place, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const file = path.join(entry.parentPath, entry.name)
    const name = path.relative(place, file).split(path.sep).join('/')
    if (ours.has(name) || /(^|\/)\./.test(name)) continue
    // Everything that does not belong to Playwright's pages is in this folder.
    const isForeign = name.startsWith('data/')
    const scripts = !isForeign && name.endsWith('.html') ? scriptsIn(await readFile(file, 'utf8')) : []
    files.set(name, { type: typeOf(name, isForeign), isForeign, scripts })
    bytes += (await stat(file)).size
  }
  return { place, files, bytes }
}

function scriptsIn(page: string): string[] {
  const inline = page.matchAll(/<script(?![^>]*\ssrc=)[^>]*>([\s\S]*?)<\/script>/gi)
  return [...inline].map(([, code = '']) => `'sha256-${createHash('sha256').update(code).digest('base64')}'`)
}

const types: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  json: 'application/json',
  webmanifest: 'application/manifest+json',
  txt: 'text/plain; charset=utf-8',
  log: 'text/plain; charset=utf-8',
  md: 'text/plain; charset=utf-8',
  svg: 'image/svg+xml',
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
  avif: 'image/avif',
  webm: 'video/webm',
  mp4: 'video/mp4',
  ttf: 'font/ttf',
  woff: 'font/woff',
  woff2: 'font/woff2',
  zip: 'application/zip',
}

/** `application/octet-stream` for what no browser should interpret. */
function typeOf(name: string, isForeign: boolean): string {
  const ending = path.posix.extname(name).slice(1).toLowerCase()
  if (isForeign && (ending === 'js' || ending === 'css')) return 'text/plain; charset=utf-8'
  return (Object.hasOwn(types, ending) ? types[ending] : undefined) ?? 'application/octet-stream'
}
