/** `/` and `/api/checks`: the state of all checks. */
import { Router } from 'express'
import type { Routes } from './page-context.ts'
import { statusHtml } from './pages.ts'
import { type Overview, statusReader } from './status.ts'
import { viewerOf } from './viewer.ts'

/** For each check. */
const shownReplays = 5

export const overviewRoutes: Routes = ({ pool, current }) => {
  const { readOverview, readStatus } = statusReader(pool, current, shownReplays)
  const router = Router()
  router.get('/', async (_request, response) => {
    response.send(statusHtml(await readStatus(), viewerOf(response)))
  })
  router.get('/api/checks', async (_request, response) => {
    response.json(published(await readOverview()))
  })
  return router
}

/** Leaves out what is for operators only. */
function published({ checks, undelivered, unsent }: Overview) {
  return { checks, undelivered: undelivered.map(({ lastError: _, ...shown }) => shown), unsent }
}
