/** `/api/incidents`: open and past incidents. */
import { z } from 'zod'
import { readHistoryFilters } from '../../store/incident-history.ts'
import { type PagedIncident, readIncidentPage, readIncidentRecord } from '../../store/incident-pages.ts'
import type { Visibility } from '../visibility.ts'
import { spanOf } from '../visible-span.ts'
import { type NamedSchema, type OperationsOf, operation } from './operation.ts'
import { Problem } from './problem.ts'
import { nothing, nulRemedy, operatorsOnly, time, wholeNumber, withoutNul } from './schema-parts.ts'

const incident = z.object({
  id: z.int(),
  environment: z.string(),
  openedAt: time,
  closedAt: time.nullable().meta({ description: 'Null while it is open.' }),
  checks: z.array(
    z.object({
      name: z.string(),
      since: time,
      until: time.nullable().meta({ description: 'Null while the check belongs to the incident.' }),
    }),
  ),
})

const incidentPage = z.object({
  incidents: z.array(incident).meta({ description: 'Newest first.' }),
  next: z.string().nullable().meta({ description: 'The path of the next page; null: this is the last one.' }),
})

const state = z.enum(['unknown', 'up', 'degraded', 'down'])

const incidentHistory = incident.extend({
  changes: z.array(z.object({ at: time, check: z.string(), from: state, to: state })),
  messages: z
    .array(
      z.object({
        channel: z.string(),
        createdAt: time,
        deliveredAt: time.nullable().meta({ description: 'Null while it is waiting.' }),
        attempts: z.int(),
        failure: z.string().nullable(),
      }),
    )
    .optional()
    .meta({ description: `To channels. ${operatorsOnly}` }),
})

export const incidentSchemas: readonly NamedSchema[] = [{ name: 'Incident', schema: incident }]

/** The largest `integer` of Postgres. */
const largestId = 2_147_483_647
const idRemedy = 'write the number of an incident, such as 7'
const id = z.codec(
  z.string({ error: idRemedy }).regex(/^[1-9]\d{0,9}$/, { error: idRemedy, abort: true }),
  z.int({ error: idRemedy }).max(largestId, { error: idRemedy }),
  { decode: Number, encode: String },
)

export const incidentOperations: OperationsOf = ({ pool }) => [
  operation({
    method: 'get',
    path: '/api/incidents',
    id: 'listIncidents',
    summary: 'Open and past incidents',
    parameters: {
      path: nothing,
      query: z.object({
        state: z
          .enum(['open', 'closed', 'all'], { error: 'write open, closed or all' })
          .default('all')
          .meta({ description: 'Which ones.' }),
        check: z
          .string({ error: 'write the name of one check' })
          .refine(withoutNul, nulRemedy)
          .optional()
          .meta({ description: 'Only incidents to which this check has belonged.' }),
        before: id.optional().meta({ description: 'Only incidents with a smaller number.' }),
        limit: wholeNumber(1, 200, 50, 'How many.'),
      }),
    },
    reply: { name: 'IncidentPage', schema: incidentPage },
    async respond({ query: { state, check, before, limit }, visibility }) {
      const seen = visibility.isOperator ? undefined : (await readHistoryFilters(pool)).checks.filter(visibility.sees)
      // What is not visible has no incidents: they would show where it has been.
      const isHidden = check !== undefined && !visibility.isOperator && !visibility.sees(check)
      const filter = { state, check, seen: isHidden ? [] : seen, before, limit }
      const { incidents, hasMore } = await readIncidentPage(pool, filter)
      const last = hasMore ? incidents.at(-1) : undefined
      const query = new URLSearchParams({ state, ...(check !== undefined && { check }), limit: String(limit) })
      return {
        incidents: incidents.flatMap(incident => visibleIncident(incident, visibility)),
        next: last ? `/api/incidents?${query}&before=${last.id}` : null,
      }
    },
  }),
  operation({
    method: 'get',
    path: '/api/incidents/{id}',
    id: 'getIncident',
    summary: 'An incident, and what happened in it',
    parameters: { path: z.object({ id }), query: nothing },
    reply: { name: 'IncidentRecord', schema: incidentHistory },
    problems: { 404: 'There is no such incident.' },
    async respond({ path: { id }, visibility }) {
      const found = await readIncidentRecord(pool, id)
      const [shown] = found ? visibleIncident(found, visibility) : []
      if (!found || !shown) return new Problem(404, `There is no incident ${id}; /api/incidents lists them.`)
      const changes = found.changes.filter(({ check }) => visibility.sees(check))
      return { ...shown, changes, ...(visibility.isOperator && { messages: found.messages }) }
    },
  }),
]

/** None if the viewer sees no check of it. To visitors, it consists of the visible checks only. */
function visibleIncident(
  { id, environment, openedAt, closedAt, checks }: PagedIncident,
  visibility: Visibility,
): PagedIncident[] {
  if (visibility.isOperator) return [{ id, environment, openedAt, closedAt, checks }]
  const seen = checks.filter(({ name }) => visibility.sees(name))
  if (seen.length === 0) return []
  const span = spanOf(seen.map(({ since, until }) => ({ openedAt: since, closedAt: until })))
  return [{ id, environment, ...span, checks: seen }]
}
