/** `/`: the state of all checks. */
import path from 'node:path'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { Router } from 'express'
import { arrangementForms } from './actions/action-forms.ts'
import { readArrangements } from './actions/arrangements.ts'
import { asset } from './asset.ts'
import { overviewReader } from './overview.ts'
import { filterOf } from './overview-filter.ts'
import { overviewPage } from './overview-page.ts'
import type { Routes } from './page-context.ts'
import { sharePages } from './shared-pages.ts'
import { viewerOf } from './viewer.ts'
import { visibilityOf } from './visibility.ts'

export const overviewRoutes: Routes = context => {
  const read = overviewReader(context)
  const router = Router()
  const share = sharePages<Rendered>(context)
  router.get('/', async (request, response) => {
    const [filter, viewer, { originalUrl }] = [filterOf(request.query), viewerOf(response), request]
    const asked = [filter, viewer.kind === 'operator' && originalUrl]
    const { text, zipped } = await share(response, asked, async () => {
      const [overview, arranged] = await Promise.all([
        read(filter, visibilityOf(response)),
        viewer.kind === 'operator' ? readArrangements(context.pool) : undefined,
      ])
      const forms = arranged && arrangementForms(viewer, arranged, originalUrl)
      const text = overviewPage(overview, viewer, { forms, mutes: arranged?.mutes ?? [] })
      return { text, zipped: await promisify(gzip)(text) }
    })
    response.vary('Accept-Encoding').type('html')
    if (request.acceptsEncodings('gzip')) response.set('Content-Encoding', 'gzip').send(zipped)
    else response.send(text)
  })
  router.get('/overview.css', asset(path.join(import.meta.dirname, 'overview.css')))
  return router
}

interface Rendered {
  text: string
  zipped: Buffer
}
