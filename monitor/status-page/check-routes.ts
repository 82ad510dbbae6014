/** `/checks/NAME`: one check, with its history. */
import { createRequire } from 'node:module'
import path from 'node:path'
import { Router } from 'express'
import { isCursor } from '../store/check-replays.ts'
import { readMutes } from '../store/mutes.ts'
import { asset } from './asset.ts'
import { checkHtml } from './check-page.ts'
import { type Range, ranges, readCheckPage } from './check-reader.ts'
import type { Routes } from './page-context.ts'
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

export const checkRoutes: Routes = ({ pool, current }) => {
  const router = Router()
  for (const [url, file] of Object.entries(assets)) router.get(url, asset(file))
  router.get('/checks/:name', async ({ params, query }, response, next) => {
    const { range, before } = query
    const viewer = viewerOf(response)
    const page = await readCheckPage(pool, current(), {
      name: params.name,
      range: isRange(range) ? range : '24h',
      before: typeof before === 'string' && isCursor(before) ? before : undefined,
    })
    // What is not configured any more is not public any more.
    if (!page || (!page.check.active && viewer.kind === 'public')) next()
    else {
      const mutes = viewer.kind === 'operator' ? await readMutes(pool) : []
      const mute = mutes.find(({ kind, name }) => kind === 'check' && name === params.name)
      response.send(checkHtml(visibleCheckPage(page, visibilityOf(response)), viewer, mute))
    }
  })
  return router
}

function isRange(value: unknown): value is Range {
  return typeof value === 'string' && Object.hasOwn(ranges, value)
}
