/** `/reports/RUN`: opens Playwright's report of a run, for operators. */
import { pipeline } from 'node:stream/promises'
import { type Response, Router } from 'express'
import type { Routes } from './page-context.ts'
import { notFoundPage } from './pages.ts'
import type { OpenedReport } from './report-desk.ts'
import { reportPage } from './report-page.ts'
import { viewerOf } from './viewer.ts'

export const reportRoutes: Routes = ({ reports }) => {
  const router = Router()
  router.get(['/reports/:run', '/reports/:run/evidence.zip'], (_request, response, next) => {
    if (viewerOf(response).kind === 'operator' && reports) next()
    // Visitors do not learn whether the run exists.
    else response.status(404).send(notFoundPage(viewerOf(response)))
  })
  router.get('/reports/:run', async ({ params: { run }, hostname }, response) => {
    const report = await reports?.open(run, hostname)
    if (report?.kind === 'ready' && report.showsTraces) response.redirect(303, report.url)
    else if (report) showReport(response, run, report)
  })
  router.get('/reports/:run/evidence.zip', async ({ method, params: { run } }, response) => {
    const archive = await reports?.download(run)
    if (!archive) {
      response.status(404).send(notFoundPage(viewerOf(response)))
      return
    }
    response.set({
      'Content-Type': 'application/zip',
      'Content-Length': String(archive.bytes),
      'Content-Disposition': `attachment; filename="${run}.zip"`,
    })
    if (method === 'HEAD') {
      archive.content.destroy()
      response.end()
      return
    }
    // A client that goes away, or a store that does: the response is cut off.
    await pipeline(archive.content, response).catch(() => response.destroy())
  })
  return router
}

const status: Readonly<Record<OpenedReport['kind'], number>> = {
  ready: 200,
  unreachable: 200,
  removed: 410,
  absent: 404,
  failed: 500,
  busy: 503,
}

function showReport(response: Response, run: string, report: OpenedReport): void {
  if (report.kind === 'busy') response.set('Retry-After', '5')
  response.status(status[report.kind]).send(reportPage(run, report, viewerOf(response)))
}
