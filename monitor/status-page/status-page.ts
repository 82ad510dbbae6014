/** Serves the monitor over HTTP: the status page, and the same as JSON. */
import path from 'node:path'
import express, { type ErrorRequestHandler, type Express } from 'express'
import helmet from 'helmet'
import type pg from 'pg'
import { notFoundPage, statusHtml, unavailablePage } from './pages.ts'
import { type ActiveSchedule, type Overview, statusReader } from './status.ts'

export interface StatusPageDependencies {
  /** Of the monitor's own database. */
  pool: pg.Pool
  /** Called for each request, because the configuration can be replaced. */
  current(): ActiveSchedule
  /** A request failed; its response was 503, without the reason. */
  onError(error: Error): void
}

const sharedStyles = path.join(import.meta.dirname, '../../pages')

/** For each check. */
const shownReplays = 5

/** Read-only. `/healthz` shows only that the process runs. The caller listens on a port, and ends the pool. */
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
  app.get(['/page.css', '/colours.css'], ({ path }, response) => {
    // Given an absolute path, sendFile would reject one with a dotted folder such as .pnpm.
    response.sendFile(path.slice(1), {
      root: path === '/page.css' ? import.meta.dirname : sharedStyles,
      cacheControl: false,
    })
  })
  app.use((_request, response) => void response.status(404).send(notFoundPage()))
  app.use(unavailable(onError))
  return app
}

/** Leaves out what is for operators only. */
function published({ checks, undelivered, unsent }: Overview) {
  return { checks, undelivered: undelivered.map(({ lastError: _, ...shown }) => shown), unsent }
}

const securityHeaders = helmet({
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'none'"],
      styleSrc: ["'self'"],
      // The icon is an empty image, so that browsers request none.
      imgSrc: ['data:'],
      baseUri: ["'none'"],
      formAction: ["'none'"],
      frameAncestors: ["'none'"],
    },
  },
})

/** Express recognizes an error handler by its four parameters. */
function unavailable(onError: StatusPageDependencies['onError']): ErrorRequestHandler {
  return (error, request, response, _next) => {
    const status: unknown = error.status
    // An error of the client, such as an invalid URL.
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
