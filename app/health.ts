// Serves health checks, by which an orchestrator restarts this process, or stops sending it requests.
import { Router } from 'express'
import type { Pool } from 'pg'
import { resource } from './resource.ts'

/** `/healthz` is about the process only; `/readyz` also queries the database, and is 503 while that is unreachable. */
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
