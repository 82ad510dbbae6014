/** Serves the monitor over HTTP: the status page, and the same as JSON. */
import path from 'node:path'
import compression from 'compression'
import express, { type Express } from 'express'
import helmet from 'helmet'
import { access } from './access/access.ts'
import { noOperators, type OperatorSettings } from './access/operator-settings.ts'
import { actionRoutes } from './actions/action-routes.ts'
import { alertsRoutes } from './alerts/alerts-routes.ts'
import { apiRoutes } from './api/api-routes.ts'
import { asset } from './asset.ts'
import { badgeRoutes } from './badges/badge-routes.ts'
import { checkRoutes } from './check-routes.ts'
import { eventRoutes } from './event-routes.ts'
import { heartbeatRoutes } from './heartbeats/heartbeat-routes.ts'
import { incidentRoutes } from './incident-routes.ts'
import { leaksRoutes } from './leaks/leaks-routes.ts'
import { metricsRoutes } from './metrics/metrics-routes.ts'
import { overviewRoutes } from './overview-routes.ts'
import type { PageContext, Routes } from './page-context.ts'
import { failed, notFound, refuseOtherMethods } from './refusals.ts'
import { reportRoutes } from './report-routes.ts'
import type { Viewer } from './viewer.ts'
import { type PublicByDefault, visibilityFor } from './visibility.ts'

export interface StatusPageDependencies extends PageContext {
  /** How operators are recognized; absent: no one can act. */
  operators?: OperatorSettings
  /** REPRISE_URL. */
  publicUrl?: string | undefined
  /** REPRISE_ALLOWED_HOSTS: names of this page beside that of REPRISE_URL. */
  allowedHosts?: readonly string[]
  /** Absent: everything but evidence. */
  publicByDefault?: PublicByDefault
  /** A request failed; its response was 503, without the reason. */
  onError(error: Error): void
}

const sharedStyles = path.join(import.meta.dirname, '../../pages')

const routes: readonly Routes[] = [
  overviewRoutes,
  eventRoutes,
  incidentRoutes,
  apiRoutes,
  badgeRoutes,
  checkRoutes,
  reportRoutes,
  leaksRoutes,
  metricsRoutes,
  alertsRoutes,
  actionRoutes,
]

/** `/healthz` shows only that the process runs. The caller listens on a port, and ends the pool. */
export function createStatusPage({
  onError,
  operators = noOperators,
  publicUrl,
  allowedHosts = [],
  publicByDefault = 'all',
  ...context
}: StatusPageDependencies): Express {
  const app = express()
  app.set('trust proxy', operators.isTrustedProxy)
  app.use(securityHeaders)
  app.use(compression())
  app.use((_request, response, next) => {
    response.set('Cache-Control', 'no-store')
    next()
  })
  const visibility = (viewer: Viewer) =>
    visibilityFor(viewer, context.current().configuration.statusPage, publicByDefault)
  app.use(heartbeatRoutes(context))
  const routers = [
    access({ operators, publicUrl, allowedHosts, visibility }),
    ...routes.map(routesOf => routesOf({ ...context, publicUrl })),
  ]
  for (const router of routers) app.use(router)
  app.get('/healthz', (_request, response) => void response.json({ status: 'ok' }))
  for (const name of ['colours.css', 'base.css']) app.get(`/${name}`, asset(path.join(sharedStyles, name)))
  app.get('/page.css', asset(path.join(import.meta.dirname, 'page.css')))
  refuseOtherMethods(app.router, [...routers, app.router])
  app.use(notFound)
  app.use(failed(onError))
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
