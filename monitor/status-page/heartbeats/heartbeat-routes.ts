/**
 * `POST /heartbeats/NAME`, `/start`, `/fail` and `/EXIT_CODE`: reports of jobs. Each has a token of its own; whoever else the
 * request is from does not matter, so that this stands before the access of operators.
 */
import { type NextFunction, type Request, type Response, Router } from 'express'
import { RateLimiterMemory } from 'rate-limiter-flexible'
import { recordReport } from '../../store/heartbeat-reports.ts'
import { failedAttempts } from '../access/failed-attempts.ts'
import { tokenMatcher } from '../access/operator-token.ts'
import type { PageContext } from '../page-context.ts'
import { bodyEnd } from './body-end.ts'
import { type ReportPath, reportOf } from './report.ts'

/** In bytes. A job that prints a lot has run nevertheless; what is before the end of its output is read and dropped. */
const body = { kept: 100_000, most: 100_000_000 }

/** Of one heartbeat in a minute, at one instance. */
const mostReports = 120

export function heartbeatRoutes({ pool, current }: Pick<PageContext, 'pool' | 'current'>): Router {
  const attempts = failedAttempts()
  const reports = new RateLimiterMemory({ points: mostReports, duration: 60 })
  const isToken = (name: string, token: string) => {
    const known = current().heartbeats?.all.find(heartbeat => heartbeat.name === name)
    // Compared in any case, so that the time does not show whether there is such a heartbeat.
    const matches = tokenMatcher(known?.token ?? '')(token)
    return known !== undefined && matches
  }
  const identify = async (request: Request<ReportPath>, response: Response, next: NextFunction) => {
    if (request.method !== 'POST') {
      response.set('Allow', 'POST')
      if (request.method === 'OPTIONS') return void response.status(204).end()
      return answer(response, 405, 'Send a report by POST.')
    }
    const { name } = request.params
    const bearer = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1]
    if (bearer !== undefined && isToken(name, bearer)) {
      const refused = await reports.consume(name).then(
        () => undefined,
        (limit: { msBeforeNext: number }) => limit,
      )
      return refused ? refuseFor(response, refused.msBeforeNext / 1000) : next()
    }
    const wait = await attempts.waitSeconds(request.ip)
    if (wait > 0) return refuseFor(response, wait)
    await attempts.note(request.ip)
    response.set('WWW-Authenticate', 'Bearer realm="Reprise heartbeats"')
    answer(response, 401, 'This is not a heartbeat, or not its token.')
  }
  const record = async (request: Request<ReportPath>, response: Response) => {
    const { params, query } = request
    const output = await bodyEnd(request, body).catch(() => 'broken off' as const)
    // Its client sends it again.
    if (output === 'broken off') return void response.destroy()
    if (!output) {
      response.set('Connection', 'close')
      return answer(response, 413, `Send at most ${body.most / 1_000_000} MB of output.`)
    }
    const { heartbeats, isInMaintenance } = current()
    const heartbeat = heartbeats?.all.find(({ name }) => name === params.name)
    const report = reportOf(params, query, output, text => (heartbeats ? heartbeats.redact(text) : text))
    if (typeof report === 'string') return answer(response, 400, report)
    const isWatched = heartbeat && (await recordReport(pool, report, heartbeat.nextDue, isInMaintenance))
    if (isWatched) answer(response, 200, 'OK')
    else {
      // Its configuration is being replaced.
      response.set('Retry-After', '5')
      answer(response, 503, 'This heartbeat is not watched at present. Try again.')
    }
  }
  const router = Router()
  router.all('/heartbeats/:name{/:event}', identify, record)
  return router
}

function answer(response: Response, status: number, text: string): void {
  response.status(status).type('text/plain').send(`${text}\n`)
}

function refuseFor(response: Response, seconds: number): void {
  response.set('Retry-After', String(Math.max(1, Math.ceil(seconds))))
  answer(response, 429, 'Too many requests. Try again later.')
}
