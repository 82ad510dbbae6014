/** `/alerts`: the messages of the outbox, for operators. */
import path from 'node:path'
import { Router } from 'express'
import { readPauses } from '../../store/channel-pauses.ts'
import { readDoneMessages, readMessageQueue } from '../../store/message-queue.ts'
import { refuseVisitor } from '../access/refuse-visitor.ts'
import { asset } from '../asset.ts'
import type { Routes } from '../page-context.ts'
import { viewerOf } from '../viewer.ts'
import { alertsPage } from './alerts-page.ts'

const mostPending = 100
const mostDone = 50

export const alertsRoutes: Routes = ({ pool }) => {
  const router = Router()
  router.get('/alerts', async (request, response) => {
    const viewer = viewerOf(response)
    if (viewer.kind !== 'operator') return void refuseVisitor(request, response)
    const { before } = request.query
    const last = typeof before === 'string' && /^[1-9]\d{0,8}$/.test(before) ? Number(before) : undefined
    const [queue, pauses, done] = await Promise.all([
      readMessageQueue(pool, mostPending),
      readPauses(pool),
      readDoneMessages(pool, mostDone + 1, last),
    ])
    response.send(alertsPage(viewer, { ...queue, pauses, done, mostDone, isOlder: last !== undefined }))
  })
  router.get('/alerts-page.css', asset(path.join(import.meta.dirname, 'alerts-page.css')))
  return router
}
