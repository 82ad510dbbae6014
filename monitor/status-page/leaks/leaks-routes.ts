/** `/leaks`: what replays may have left. */
import { Router } from 'express'
import type { Routes } from '../page-context.ts'
import { viewerOf } from '../viewer.ts'
import { visibilityOf } from '../visibility.ts'
import { readShownLeaks } from './leaks.ts'
import { leaksPage } from './leaks-page.ts'

export const leaksRoutes: Routes = ({ pool }) => {
  const router = Router()
  router.get('/leaks', async (_request, response) => {
    response.send(leaksPage(await readShownLeaks(pool, visibilityOf(response)), viewerOf(response)))
  })
  return router
}
