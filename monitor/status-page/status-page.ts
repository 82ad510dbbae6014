/** The HTTP of the monitor: its status page, and the same for programs. */
import express, { type ErrorRequestHandler, type Express } from 'express'
import helmet from 'helmet'
import type pg from 'pg'
import { notFoundPage, statusHtml, unavailablePage } from './pages.ts'
import { type ActiveSchedule, type Overview, statusReader } from './status.ts'

export interface StatusPageDependencies {
  /** Of the monitor's own database. */
  pool: pg.Pool
  /** Asked with every request, since a configuration can be exchanged. */
  current(): ActiveSchedule
  /** A request could not be answered; whoever asked has got a 503, without the reason. */
  onError(error: Error): void
}

/** Of each check. */
const shownReplays = 5

/** It only reads. `/healthz` answers for the process alone. The caller listens, and ends the pool. */
export function createStatusPage({ pool, current, onError }: StatusPageDependencies): Express {
  const { readOverview, readStatus } = statusReader(pool, current, shownReplays)
  const app = express()
  app.use(securityHeaders)
  app.use((_request, response, next) => {
    response.set('Cache-Control', 'no-store')
    next()
  })
  app.get('/', async (_request, response) => void response.send(statusHtml(await readStatus())))
  app.get('/api/checks', async (_request, response) => void response.json(published(await readOverview())))
  app.get('/healthz', (_request, response) => void response.json({ status: 'ok' }))
  app.get('/page.css', (_request, response) => {
    // Of a whole path it would refuse one through a folder such as .pnpm.
    response.sendFile('page.css', { root: import.meta.dirname, cacheControl: false })
  })
  app.use((_request, response) => void response.status(404).send(notFoundPage()))
  app.use(unavailable(onError))
  return app
}

/** Without what is only for those who operate the monitor. */
function published({ checks, undelivered, unsent }: Overview) {
  return { checks, undelivered: undelivered.map(({ lastError: _, ...shown }) => shown), unsent }
}

const securityHeaders = helmet({
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'none'"],
      styleSrc: ["'self'"],
      // Its icon is an empty picture, so that no browser asks for one.
      imgSrc: ['data:'],
      baseUri: ["'none'"],
      formAction: ["'none'"],
      frameAncestors: ["'none'"],
    },
  },
})

/** Express knows an error handler by its four parameters. */
function unavailable(onError: StatusPageDependencies['onError']): ErrorRequestHandler {
  return (error, request, response, _next) => {
    const status: unknown = error.status
    // What the client got wrong, such as a path that is no URL.
    if (typeof status === 'number' && status < 500) {
      response.status(status).send(notFoundPage())
      return
    }
    onError(error)
    response.status(503)
    if (request.path.startsWith('/api/')) response.json({ error: "The monitor's database cannot be read at present." })
    else response.send(unavailablePage())
  }
}
