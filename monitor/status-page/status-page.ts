/** Serves the monitor over HTTP: the status page, and the same as JSON. */
import path from 'node:path'
import express, { type ErrorRequestHandler, type Express } from 'express'
import helmet from 'helmet'
import { access } from './access/access.ts'
import { noOperators, type OperatorSettings } from './access/operator-settings.ts'
import { refuse } from './access/refusal-page.ts'
import { asset } from './asset.ts'
import { eventRoutes } from './event-routes.ts'
import { incidentRoutes } from './incident-routes.ts'
import { overviewRoutes } from './overview-routes.ts'
import type { PageContext, Routes } from './page-context.ts'
import { notFoundPage, unavailablePage } from './pages.ts'
import { viewerOf } from './viewer.ts'

export interface StatusPageDependencies extends PageContext {
  /** How operators are recognized; absent: no one can act. */
  operators?: OperatorSettings
  /** REPRISE_URL. */
  publicUrl?: string | undefined
  /** A request failed; its response was 503, without the reason. */
  onError(error: Error): void
}

const sharedStyles = path.join(import.meta.dirname, '../../pages')

const routes: readonly Routes[] = [overviewRoutes, eventRoutes, incidentRoutes]

/** `/healthz` shows only that the process runs. The caller listens on a port, and ends the pool. */
export function createStatusPage({
  onError,
  operators = noOperators,
  publicUrl,
  ...context
}: StatusPageDependencies): Express {
  const app = express()
  app.set('trust proxy', operators.isTrustedProxy)
  app.use(securityHeaders)
  app.use((_request, response, next) => {
    response.set('Cache-Control', 'no-store')
    next()
  })
  app.use(access({ operators, publicUrl }))
  for (const routesOf of routes) app.use(routesOf(context))
  app.get('/healthz', (_request, response) => void response.json({ status: 'ok' }))
  for (const name of ['colours.css', 'base.css']) app.get(`/${name}`, asset(path.join(sharedStyles, name)))
  app.get('/page.css', asset(path.join(import.meta.dirname, 'page.css')))
  app.use((_request, response) => void response.status(404).send(notFoundPage(viewerOf(response))))
  app.use(unavailable(onError))
  return app
}

const securityHeaders = helmet({
  // With `no-referrer`, browsers would send the forms of the pages with `Origin: null`.
  referrerPolicy: { policy: 'same-origin' },
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'none'"],
      styleSrc: ["'self'"],
      scriptSrc: ["'self'"],
      connectSrc: ["'self'"],
      // The icon is in the page.
      imgSrc: ["'self'", 'data:'],
      baseUri: ["'none'"],
      formAction: ["'self'"],
      frameAncestors: ["'none'"],
    },
  },
})

/** Express recognizes an error handler by its four parameters. */
function unavailable(onError: StatusPageDependencies['onError']): ErrorRequestHandler {
  return (error, request, response, _next) => {
    const status: unknown = error.status
    // An error of the client, such as an invalid URL or a body that is too large.
    if (typeof status === 'number' && status < 500) {
      if (request.method !== 'GET')
        return refuse(request, response, status, `The request cannot be read: ${error.message}.`)
      response.status(status).send(notFoundPage(viewerOf(response)))
      return
    }
    onError(error)
    response.status(503)
    if (request.path.startsWith('/api/')) response.json({ error: "The monitor's database cannot be read at present." })
    else response.send(unavailablePage(viewerOf(response)))
  }
}
