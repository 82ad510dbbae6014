/** `/`: the state of all checks. */
import { Router } from 'express'
import type { Routes } from './page-context.ts'
import { statusHtml } from './pages.ts'
import { statusReader } from './status.ts'
import { viewerOf } from './viewer.ts'

/** For each check. */
const shownReplays = 5

export const overviewRoutes: Routes = ({ pool, current }) => {
  const { readStatus } = statusReader(pool, current, shownReplays)
  const router = Router()
  router.get('/', async (_request, response) => {
    response.send(statusHtml(await readStatus(), viewerOf(response)))
  })
  return router
}
