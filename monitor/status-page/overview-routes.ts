/** `/`: the state of all checks. */
import path from 'node:path'
import { Router } from 'express'
import { asset } from './asset.ts'
import { overviewReader } from './overview.ts'
import { filterOf } from './overview-filter.ts'
import { overviewPage } from './overview-page.ts'
import type { Routes } from './page-context.ts'
import { viewerOf } from './viewer.ts'
import { visibilityOf } from './visibility.ts'

export const overviewRoutes: Routes = context => {
  const read = overviewReader(context)
  const router = Router()
  router.get('/', async (request, response) => {
    response.send(overviewPage(await read(filterOf(request.query), visibilityOf(response)), viewerOf(response)))
  })
  router.get('/overview.css', asset(path.join(import.meta.dirname, 'overview.css')))
  return router
}
