/** Serves reports at `/TOKEN/RUN/`, and nothing else, on a listener and an origin of their own. */
import express, { type Express, type Response } from 'express'
import { isOwnHost } from '../status-page/access/own-host.ts'
import { emptyPolicy, reportHeaders, sharedHeaders } from './report-headers.ts'
import type { ReportOrigin } from './report-origin.ts'
import type { ReportShelf } from './report-shelf.ts'
import type { ReportTokens } from './report-tokens.ts'

export interface ReportServerOptions {
  tokens: ReportTokens
  shelf: ReportShelf
  origin: ReportOrigin
  /** Names by which reports are requested, beside that of their URL; in lower case. */
  allowedHosts: readonly string[]
  onError(error: Error): void
}

/** A path of a report: neither a backslash nor an escape is in the names of its files, but for those of attachments. */
const reportPath = /^\/([0-9a-z]{1,12}-[0-9a-f]{40})\/([\w-]{1,100})\/([^?#]*)/

export function createReportServer({ tokens, shelf, origin, allowedHosts, onError }: ReportServerOptions): Express {
  const app = express()
  app.disable('x-powered-by')
  app.use(async ({ method, url, headers }, response) => {
    response.set({ ...sharedHeaders, 'Content-Security-Policy': emptyPolicy, 'Cache-Control': 'no-store' })
    if (!isOwnHost(headers.host, { publicUrl: urlWithLabelOf(headers.host, origin), allowed: allowedHosts })) {
      return refuse(response, 421, otherHost)
    }
    if (method !== 'GET' && method !== 'HEAD') return refuse(response.set('Allow', 'GET, HEAD'), 405, 'Not allowed.')
    const [, token = '', run = '', rest = ''] = reportPath.exec(url) ?? []
    const validity = tokens.check(token, run, Date.now())
    if (validity === 'wrong') return refuse(response, 404, 'There is nothing here.')
    const base = origin.url(tokens.label(run))
    // At another report's origin, the pages of this one could be read.
    if (origin.isOwn && headers.host !== new URL(base).host) return refuse(response, 404, 'There is nothing here.')
    if (validity === 'expired') return refuse(response, 410, 'This link has expired. Open the report again.')
    const report = await shelf.open(run)
    if (report.kind === 'busy') {
      return refuse(response.set('Retry-After', '5'), 503, 'Other reports are being made. Try again.')
    }
    if (report.kind !== 'ready') return refuse(response, 404, 'There is no such report. Open it again.')
    const name = decoded(rest) || 'index.html'
    const file = report.files.get(name)
    if (!file) return refuse(response, 404, 'There is no such file in this report.')
    response.set(reportHeaders(file, { base: `${base}/${token}/${run}/`, isOwnOrigin: origin.isOwn }))
    // Given an absolute path, sendFile would reject one with a dotted folder, which the report is in.
    response.sendFile(name, { root: report.place, cacheControl: false, dotfiles: 'deny' }, error => {
      if (error && !response.headersSent) refuse(response, 404, 'There is no such file in this report.')
    })
  })
  app.use(((error, _request, response, _next) => {
    onError(error)
    refuse(response, 503, 'The report cannot be read at present. Try again.')
  }) satisfies express.ErrorRequestHandler)
  return app
}

const otherHost =
  'Reports are not served at this host name. Set REPRISE_REPORTS_URL to their address, or list the name in REPRISE_ALLOWED_HOSTS.'

/** The URL of the report, of whichever it is, that has the first label of this host. */
function urlWithLabelOf(host: string | undefined, origin: ReportOrigin): string {
  const url = origin.url(/^[\w-]+/.exec(host ?? '')?.[0] ?? 'label')
  // A label such as xn--a makes no URL.
  return URL.canParse(url) ? url : origin.url('label')
}

function refuse(response: Response, status: number, text: string): void {
  response.status(status).set('Content-Security-Policy', emptyPolicy).type('text/plain').send(`${text}\n`)
}

/** Empty for what cannot be decoded. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return '\0'
  }
}
