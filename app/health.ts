// Tells an orchestrator whether to restart this process, and whether to send it requests.
import { Router } from 'express'
import type { Pool } from 'pg'
import { resource } from './resource.ts'

/** `/healthz` answers for the process alone; `/readyz` asks the database too, and is 503 while that is away. */
export function healthRoutes(pool: Pool): Router {
  const router = Router()
  resource(router, '/healthz', {
    get: [(_request, response) => void response.set('Cache-Control', 'no-store').json({ status: 'ok' })],
  })
  resource(router, '/readyz', {
    get: [
      async (_request, response) => {
        await pool.query('select 1')
        response.set('Cache-Control', 'no-store').json({ status: 'ok' })
      },
    ],
  })
  return router
}
