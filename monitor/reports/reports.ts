/** Reports: Playwright's page of each run, made on demand, on a listener of their own. */
import type { RequestListener } from 'node:http'
import type pg from 'pg'
import type { KeptEvidence } from '../evidence/evidence.ts'
import type { ReportDesk } from '../status-page/report-desk.ts'
import { createReportDesk } from './report-desk.ts'
import type { ReportListener } from './report-listener.ts'
import { reportOrigin } from './report-origin.ts'
import { createReportServer } from './report-server.ts'
import type { ReportSettings } from './report-settings.ts'
import { openReportShelf, type ReportShelfOptions } from './report-shelf.ts'
import { readReportKey, reportTokens } from './report-tokens.ts'

export interface ReportsOptions extends Pick<ReportShelfOptions, 'folder' | 'limits'> {
  /** Of the monitor's own database, with the key of all instances. */
  pool: pg.Pool
  evidence: Pick<KeptEvidence, 'find'>
  listener: ReportListener
  settings: ReportSettings
  /** Names by which reports may be requested, beside that of their URL; in lower case. */
  allowedHosts: readonly string[]
  /** A request for a report failed. */
  onError(error: Error): void
}

export interface Reports {
  readonly desk: ReportDesk
  close(): void
}

const tidyEveryMs = 600_000

/** No link leads here while the public URL is not known. */
const nothing: RequestListener = (_request, response) => void response.writeHead(404).end()

/** Shows reports on the listener, which its caller closes. Throws the database's errors. */
export async function serveReports(options: ReportsOptions): Promise<Reports> {
  const { pool, evidence, listener, settings, allowedHosts, onError } = options
  const tokens = reportTokens(await readReportKey(pool))
  const shelf = openReportShelf(options)
  const origin = reportOrigin(settings, listener.port)
  listener.show(origin ? createReportServer({ tokens, shelf, origin, allowedHosts, onError }) : nothing)
  const tidy = () => void shelf.tidy().catch(onError)
  const timer = setInterval(tidy, tidyEveryMs)
  tidy()
  return { desk: createReportDesk({ evidence, shelf, tokens, origin }), close: () => clearInterval(timer) }
}
