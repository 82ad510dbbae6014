/** `/checks/NAME`: one check, with its history. */
import { createRequire } from 'node:module'
import path from 'node:path'
import { Router } from 'express'
import { databaseTime } from '../store/check-locations.ts'
import { isCursor } from '../store/check-replays.ts'
import { readMutes } from '../store/mutes.ts'
import { readCheck } from '../store/one-check.ts'
import { adviceHtml } from './advice-page.ts'
import { asset } from './asset.ts'
import { readAdvice, usualRealAfterMs } from './check-advice.ts'
import { checkHtml } from './check-page.ts'
import { checkReader, type Range, ranges } from './check-reader.ts'
import { withOperatorWindows } from './operator-windows.ts'
import type { Routes } from './page-context.ts'
import { sharePages } from './shared-pages.ts'
import { viewerOf } from './viewer.ts'
import { visibilityOf, visibleCheckPage } from './visibility.ts'

// Found from here, wherever the package manager has put it.
const uplot = createRequire(import.meta.url).resolve('uplot/dist/uPlot.iife.min.js')

const assets = {
  '/check-page.css': path.join(import.meta.dirname, 'check-page.css'),
  '/latency-chart.mjs': path.join(import.meta.dirname, 'latency-chart.mjs'),
  '/uplot.js': uplot,
  '/uplot.css': path.join(path.dirname(uplot), 'uPlot.min.css'),
}

/** The past from which a page advises: it is judged while the monitor waits. */
const advised = { days: 14, most: 5000 }

export const checkRoutes: Routes = ({ pool, current }) => {
  const reader = checkReader({ pool, current })
  const share = sharePages<string | undefined>({ current })
  const router = Router()
  for (const [url, file] of Object.entries(assets)) router.get(url, asset(file))
  router.get('/checks/:name', async ({ params, query }, response, next) => {
    const { range, before } = query
    const visibility = visibilityOf(response)
    const request = {
      name: params.name,
      range: isRange(range) ? range : '24h',
      // It has a location, which could be found out by trying.
      before: visibility.locations && typeof before === 'string' && isCursor(before) ? before : undefined,
    } as const
    const text = await share(response, request, async () => {
      const [page, mutes] = await Promise.all([
        visibility.sees(params.name) ? reader.read(request) : undefined,
        visibility.isOperator ? readMutes(pool) : [],
      ])
      const mute = mutes.find(({ kind, name }) => kind === 'check' && name === params.name)
      // What is not configured any more is not public any more.
      if (!page || !(page.check.active || visibility.isOperator)) return undefined
      return checkHtml(visibleCheckPage(page, visibility), viewerOf(response), mute)
    })
    if (text === undefined) next()
    else response.send(text)
  })
  router.get('/checks/:name/advice', async ({ params }, response, next) => {
    const check = visibilityOf(response).isOperator ? await readCheck(pool, params.name) : undefined
    if (!check?.active) return next()
    const { configuration, ...configured } = current()
    const slowAboveMs = configuration.checks.find(({ name }) => name === check.name)?.slowAboveMs
    const after = new Date((await databaseTime(pool)).getTime() - advised.days * 86_400_000)
    const { isInMaintenance } = await withOperatorWindows(pool, configured, after)
    const advice = await readAdvice(pool, {
      check: check.rules,
      ...(slowAboveMs !== undefined && { slowAboveMs }),
      isInMaintenance,
      after,
      most: advised.most,
      realAfterMs: usualRealAfterMs,
    })
    response.send(adviceHtml(advice, advised, viewerOf(response)))
  })
  return router
}

function isRange(value: unknown): value is Range {
  return typeof value === 'string' && Object.hasOwn(ranges, value)
}
