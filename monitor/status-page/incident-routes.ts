/** `/incidents` and `/incidents/ID`: the history, and one incident with its timeline and its evidence; and the feed. */
import path from 'node:path'
import { type Response, Router } from 'express'
import type pg from 'pg'
import { z } from 'zod'
import { readAcknowledgements } from '../store/acknowledgements.ts'
import { readIncidentActions } from '../store/actions.ts'
import { databaseTime } from '../store/check-locations.ts'
import { countFailedReplays, type FailedReplayKey, readFailedReplays } from '../store/failed-replays.ts'
import { readIncidentDetails } from '../store/incident-details.ts'
import { readHistoryFilters, readIncidentHistory, readMigrationTime } from '../store/incident-history.ts'
import { readIncidentMutes } from '../store/incident-mutes.ts'
import { withoutNul } from './api/schema-parts.ts'
import { asset } from './asset.ts'
import { feedUpdatedAt, feedXml } from './incident-feed.ts'
import { incidentPage } from './incident-page.ts'
import { incidentsPage } from './incidents-page.ts'
import type { Routes } from './page-context.ts'
import { sharePages } from './shared-pages.ts'
import { viewerOf } from './viewer.ts'
import { type Visibility, visibilityOf } from './visibility.ts'
import { visibleIncident, visibleSummary } from './visible-incident.ts'

/** On one page. */
const [shownIncidents, shownReplays] = [25, 10]

/** In the feed. */
const fedIncidents = 50

export const incidentRoutes: Routes = ({ pool, publicUrl, current }) => {
  const share = sharePages<string | undefined>({ current })
  const shareHistory = sharePages<string>({ current })
  const router = Router()
  router.get('/incidents.css', asset(path.join(import.meta.dirname, 'incidents.css')))
  router.get('/incidents', async ({ query }, response) => {
    const visibility = visibilityOf(response)
    const before = idIn(query.before)
    // What is not visible is not a filter either: it would show where it has been.
    const chosen = {
      check: textIn(query.check),
      environment: visibility.environments ? textIn(query.environment) : '',
    }
    const text = await shareHistory(response, [before, chosen], async () => {
      const filters = await visibleFilters(pool, visibility)
      const found = await readVisible(pool, visibility, filters.checks, { ...chosen, before, most: shownIncidents + 1 })
      const incidents = found.slice(0, shownIncidents)
      const older = found.length > shownIncidents ? incidents.at(-1)?.id : undefined
      const at = await databaseTime(pool)
      const shown = { at, incidents, filters, chosen, older, isOlder: before !== undefined }
      return incidentsPage(shown, viewerOf(response))
    })
    response.send(text)
  })
  router.get('/incidents.atom', async (request, response) => {
    const visibility = visibilityOf(response)
    const [{ checks }, madeAt] = await Promise.all([visibleFilters(pool, visibility), readMigrationTime(pool)])
    const nothing = { check: '', environment: '', before: undefined }
    const incidents = await readVisible(pool, visibility, checks, { ...nothing, most: fedIncidents })
    const feed = { incidents, publicUrl, madeAt }
    // Browsers show XML, and save an application/atom+xml.
    const type = request.accepts(['application/atom+xml', 'application/xml', 'text/xml']) || 'application/atom+xml'
    // Times of slots are older than the changes that they cause: only the ETag tells whether something has changed.
    if (request.headers['if-none-match'] === undefined) delete request.headers['if-modified-since']
    response.set({
      'Content-Type': `${type}; charset=utf-8`,
      'Cache-Control': 'private, no-cache',
      'Last-Modified': feedUpdatedAt(feed).toUTCString(),
      Vary: 'Accept',
    })
    response.send(feedXml(feed))
  })
  router.get('/incidents/:id', async ({ params, query }, response, next) => {
    const id = idIn(params.id)
    if (id === undefined) return next()
    const before = keyIn(query.before)
    const text = await share(response, [id, before], async () => {
      const stored = await readIncidentDetails(pool, id)
      const incident = stored && visibleIncident(stored, visibilityOf(response))
      if (!incident) return undefined
      const shown = await readShown(pool, response, id, before)
      return incidentPage({ incident, isOlder: before !== undefined, ...shown }, viewerOf(response))
    })
    if (text === undefined) next()
    else response.send(text)
  })
  return router
}

/** What is shown beside the incident itself. */
async function readShown(pool: pg.Pool, response: Response, id: number, before: FailedReplayKey | undefined) {
  const visibility = visibilityOf(response)
  const [at, failed, acknowledgements, actions, mutes, found] = await Promise.all([
    databaseTime(pool),
    countFailedReplays(pool, id, visibility.isOperator ? undefined : visibility.sees),
    readAcknowledgements(pool, [id]),
    visibility.isOperator ? readIncidentActions(pool, id) : Promise.resolve([]),
    visibility.isOperator ? readIncidentMutes(pool, id) : Promise.resolve([]),
    visibility.isOperator ? readFailedReplays(pool, id, { before, most: shownReplays + 1 }) : Promise.resolve([]),
  ])
  const evidence = found.slice(0, shownReplays)
  const older = found.length > shownReplays ? evidence.at(-1) : undefined
  const acknowledgement = acknowledgements.get(id)
  return { at, failed, acknowledgement, actions, mutes, evidence, older, showsChannels: visibility.channels }
}

async function visibleFilters(pool: pg.Pool, { sees, environments }: Visibility) {
  const filters = await readHistoryFilters(pool)
  return { checks: filters.checks.filter(sees), environments: environments ? filters.environments : [] }
}

interface Chosen {
  /** Empty: all. */
  check: string
  environment: string
  before: number | undefined
  most: number
}

async function readVisible(
  pool: pg.Pool,
  visibility: Visibility,
  visible: readonly string[],
  { check, environment, before, most }: Chosen,
) {
  const ofCheck = check === '' ? undefined : visibility.sees(check) ? [check] : []
  const found = await readIncidentHistory(pool, {
    checks: ofCheck ?? (visibility.isOperator ? undefined : visible),
    environment: environment || undefined,
    before,
    most,
  })
  return found.flatMap(incident => visibleSummary(incident, visibility) ?? [])
}

/** A parameter may also be a list. */
const textIn = (value: unknown) => (typeof value === 'string' && withoutNul(value) ? value : '')

/** Undefined for what is no number of an incident. */
function idIn(value: unknown): number | undefined {
  if (typeof value !== 'string' || !/^[1-9]\d{0,9}$/.test(value)) return undefined
  const id = Number(value)
  return id < 2 ** 31 ? id : undefined
}

const name = z.string().refine(withoutNul)
const key = z.tuple([z.iso.datetime(), name, name, z.enum(['cron', 'confirm', 'manual'])])

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
