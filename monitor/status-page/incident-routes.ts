/** `/incidents` and `/incidents/ID`: the history, and one incident with its timeline and its evidence. */
import path from 'node:path'
import { Router } from 'express'
import { z } from 'zod'
import { readAcknowledgements } from '../store/acknowledgements.ts'
import { readIncidentActions } from '../store/actions.ts'
import { databaseTime } from '../store/check-locations.ts'
import { countFailedReplays, type FailedReplayKey, readFailedReplays } from '../store/failed-replays.ts'
import { readIncidentDetails } from '../store/incident-details.ts'
import { readHistoryFilters, readIncidentHistory, readMigrationTime } from '../store/incident-history.ts'
import { asset } from './asset.ts'
import { feedUpdatedAt, feedXml } from './incident-feed.ts'
import { incidentPage } from './incident-page.ts'
import { incidentsPage } from './incidents-page.ts'
import type { Routes } from './page-context.ts'
import { viewerOf } from './viewer.ts'
import { visibilityOf, visibleIncident } from './visibility.ts'

/** On one page. */
const [shownIncidents, shownReplays] = [25, 10]

/** In the feed. */
const fedIncidents = 50

export const incidentRoutes: Routes = ({ pool, publicUrl }) => {
  const router = Router()
  router.get('/incidents.css', asset(path.join(import.meta.dirname, 'incidents.css')))
  router.get('/incidents', async ({ query }, response) => {
    const [check, environment, before] = [textIn(query.check), textIn(query.environment), idIn(query.before)]
    const [at, filters, found] = await Promise.all([
      databaseTime(pool),
      readHistoryFilters(pool),
      readIncidentHistory(pool, {
        check: check || undefined,
        environment: environment || undefined,
        before,
        most: shownIncidents + 1,
      }),
    ])
    const incidents = found.slice(0, shownIncidents)
    const older = found.length > shownIncidents ? incidents.at(-1)?.id : undefined
    const chosen = { check, environment }
    response.send(
      incidentsPage({ at, incidents, filters, chosen, older, isOlder: before !== undefined }, viewerOf(response)),
    )
  })
  router.get('/incidents.atom', async (request, response) => {
    const [incidents, madeAt] = await Promise.all([
      readIncidentHistory(pool, { most: fedIncidents }),
      readMigrationTime(pool),
    ])
    const feed = { incidents, publicUrl, madeAt }
    // Browsers show XML, and save an application/atom+xml.
    const type = request.accepts(['application/atom+xml', 'application/xml', 'text/xml']) || 'application/atom+xml'
    // Times of slots are older than the changes that they cause: only the ETag tells whether something has changed.
    if (request.headers['if-none-match'] === undefined) delete request.headers['if-modified-since']
    response.set({
      'Content-Type': `${type}; charset=utf-8`,
      'Cache-Control': 'no-cache',
      'Last-Modified': feedUpdatedAt(feed).toUTCString(),
      Vary: 'Accept',
    })
    response.send(feedXml(feed))
  })
  router.get('/incidents/:id', async ({ params, query }, response, next) => {
    const id = idIn(params.id)
    const found = id === undefined ? undefined : await readIncidentDetails(pool, id)
    const incident = found && visibleIncident(found, visibilityOf(response))
    if (id === undefined || !incident) return next()
    const viewer = viewerOf(response)
    const before = keyIn(query.before)
    const isOperator = viewer.kind === 'operator'
    const [at, failed, replays, actions, acknowledgements] = await Promise.all([
      databaseTime(pool),
      countFailedReplays(pool, id),
      isOperator ? readFailedReplays(pool, id, { before, most: shownReplays + 1 }) : [],
      isOperator ? readIncidentActions(pool, id) : [],
      readAcknowledgements(pool, [id]),
    ])
    const done = { actions, acknowledgement: acknowledgements.get(id) }
    const evidence = replays.slice(0, shownReplays)
    const older = replays.length > shownReplays ? evidence.at(-1) : undefined
    response.send(
      incidentPage({ at, incident, failed, evidence, older, isOlder: before !== undefined, ...done }, viewer),
    )
  })
  return router
}

/** A parameter may also be a list. */
const textIn = (value: unknown) => (typeof value === 'string' && !value.includes('\u0000') ? value : '')

/** Undefined for what is no number of an incident. */
function idIn(value: unknown): number | undefined {
  if (typeof value !== 'string' || !/^[1-9]\d{0,9}$/.test(value)) return undefined
  const id = Number(value)
  return id < 2 ** 31 ? id : undefined
}

const key = z.tuple([z.iso.datetime(), z.string(), z.string(), z.enum(['cron', 'confirm', 'manual'])])

/** Undefined for what was not made by the page. */
function keyIn(value: unknown): FailedReplayKey | undefined {
  const text = textIn(value)
  if (text === '') return undefined
  try {
    const [due, check, location, kind] = key.parse(JSON.parse(text))
    return { due: new Date(due), check, location, kind }
  } catch {
    return undefined
  }
}
