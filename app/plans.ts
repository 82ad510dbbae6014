// Serves the plans that a user can be on.
import { Router } from 'express'
import type { Pool } from 'pg'
import { z } from 'zod'
import { resource } from './resource.ts'

/** A plan in the API. */
export const Plan = z.object({ id: z.string(), name: z.string() })

/** `/plans`: all plans, without pages. */
export function planRoutes(pool: Pool): Router {
  const router = Router()
  resource(router, '/plans', {
    get: [
      async (_request, response) => {
        const { rows } = await pool.query<z.infer<typeof Plan>>('select id, name from plans order by name')
        response.json({ plans: rows })
      },
    ],
  })
  return router
}
