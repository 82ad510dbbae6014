// Builds the sample app, a small user API with its page. It does not listen: see main.ts.
import { join } from 'node:path'
import express, { type Express } from 'express'
import type { Pool } from 'pg'
import type { Logger } from 'pino'
import { healthRoutes } from './health.ts'
import { openApiRoutes } from './openapi.ts'
import { planRoutes } from './plans.ts'
import { problemHandler, unknownPath } from './problem.ts'
import { requestLog } from './request-log.ts'
import { resource } from './resource.ts'
import { securityHeaders } from './security-headers.ts'
import { userRoutes } from './users/routes.ts'
import { type MailSettings, welcomeMail } from './welcome-mail.ts'

/** The dependencies of the app. */
export interface AppDependencies {
  pool: Pool
  logger: Logger
  /** Undefined: new users get no mail. */
  mail?: MailSettings | undefined
}

/** Creates an Express app for a migrated database. The caller listens, and ends the pool. */
export function createApp({ pool, logger, mail }: AppDependencies): Express {
  const app = express()
  app.use(requestLog(logger))
  app.use(securityHeaders())
  app.use(healthRoutes(pool))
  app.use(openApiRoutes())
  app.use(userRoutes(pool, mail ? welcomeMail(mail, logger) : async () => undefined))
  app.use(planRoutes(pool))
  app.use(express.static(join(import.meta.dirname, 'page')))
  resource(app, '/', { get: [unknownPath] })
  app.use(unknownPath)
  app.use(problemHandler)
  return app
}
