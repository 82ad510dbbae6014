/** `/badges/NAME.svg`: the state, uptime or latency of a check, for a README or another page. */
import { type Response, Router } from 'express'
import type pg from 'pg'
import { z } from 'zod'
import { databaseTime } from '../../store/check-locations.ts'
import { quantile } from '../../store/histogram.ts'
import { type Rollup, readRollup } from '../../store/rollups.ts'
import { uptimeShare } from '../../uptime-text.ts'
import { askedOf } from '../api/operation-routes.ts'
import { Problem, sendProblem } from '../api/problem.ts'
import { checkName, wholeNumber } from '../api/schema-parts.ts'
import type { Routes } from '../page-context.ts'
import { durationText } from '../parts.ts'
import { shareWork } from '../shared-work.ts'
import { type CheckStatus, statusReader } from '../status.ts'
import { visibilityOf } from '../visibility.ts'
import { type Badge, badgeSvg, type Tone } from './badge.ts'

const parameters = {
  path: z.object({ name: checkName }),
  query: z.object({
    show: z.enum(['state', 'uptime', 'latency'], { error: 'write state, uptime or latency' }).default('state'),
    days: wholeNumber(1, 366, 30, 'How many days, with the current one.'),
  }),
}

/** In seconds: how long a browser or a proxy may show a badge without asking again. */
const maxAge = 60

export const badgeRoutes: Routes = ({ pool, current }) => {
  const { readCheckStatus } = statusReader(pool, current)
  const share = shareWork<CheckStatus | undefined>()
  const router = Router()
  router.get('/badges/:name.svg', async (request, response) => {
    const asked = askedOf(parameters, request)
    if (asked instanceof Problem) {
      sendProblem(response, asked)
      return
    }
    const { path, query } = asked
    const isSeen = visibilityOf(response).sees(path.name)
    const check = isSeen ? await share(path.name, () => readCheckStatus(path.name)) : undefined
    if (!check) send(response.status(404), { label: path.name, message: 'not found', tone: 'unknown' })
    else if (query.show === 'state') send(response, stateBadge(check))
    else {
      const { show, days } = query
      send(response, figureBadge(check.name, { show, days }, await readLastDays(pool, check.name, days)))
    }
  })
  return router
}

function send(response: Response, badge: Badge): void {
  response.set({
    'Cache-Control': visibilityOf(response).isOperator ? 'no-store' : `max-age=${maxAge}`,
    // Pages of other sites show it.
    'Cross-Origin-Resource-Policy': 'cross-origin',
  })
  response.type('image/svg+xml').send(badgeSvg(badge))
}

function stateBadge({ name, state, stale, confirming }: CheckStatus): Badge {
  if (stale) return { label: name, message: 'out of date', tone: 'unknown' }
  const { message, tone } = states[state]
  return { label: name, message: confirming === null ? message : `${message}, failing`, tone }
}

const states: Record<CheckStatus['state'], { message: string; tone: Tone }> = {
  up: { message: 'up', tone: 'good' },
  degraded: { message: 'degraded', tone: 'warning' },
  down: { message: 'down', tone: 'bad' },
  unknown: { message: 'unknown', tone: 'unknown' },
  maintenance: { message: 'in maintenance', tone: 'unknown' },
}

function figureBadge(
  name: string,
  { show, days }: { show: 'uptime' | 'latency'; days: number },
  { counts, durations }: Rollup,
): Badge {
  const label = `${name} ${show === 'uptime' ? 'uptime' : 'p95'}, ${days} d`
  const figure = show === 'uptime' ? uptimeText(counts) : latencyText(durations)
  return figure === undefined
    ? { label, message: 'no data', tone: 'unknown' }
    : { label, message: figure, tone: 'plain' }
}

function uptimeText({ passed, flaky, slow, failed }: Rollup['counts']): string | undefined {
  return uptimeShare({ up: passed + flaky + slow, down: failed })
}

function latencyText(durations: Rollup['durations']): string | undefined {
  const found = quantile(durations, 0.95)
  return found === undefined ? undefined : durationText(found)
}

async function readLastDays(pool: pg.Pool, check: string, days: number): Promise<Rollup> {
  const now = await databaseTime(pool)
  const [first, last] = [new Date(now), new Date(now)]
  first.setUTCHours(0, 0, 0, 0)
  first.setUTCDate(first.getUTCDate() - days + 1)
  last.setUTCDate(last.getUTCDate() + 1)
  return readRollup(pool, check, 'day', first, last)
}
