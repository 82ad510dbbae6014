/** `/api/checks`: the states of the checks, their replays and their uptime. */
import { z } from 'zod'
import { databaseTime } from '../../store/check-locations.ts'
import { readDayOutcomes } from '../../store/day-counts.ts'
import { type PagedReplay, type ReplayPlace, readReplayPage } from '../../store/replay-pages.ts'
import { readUptimes } from '../../store/uptime.ts'
import { uptimePercent } from '../../uptime-text.ts'
import { type Overview, statusReader } from '../status.ts'
import type { Viewer } from '../viewer.ts'
import { visibleStatus } from '../visibility.ts'
import { type NamedSchema, type OperationsOf, operation } from './operation.ts'
import { Problem, quoted } from './problem.ts'
import { recordedSpec, specsOf } from './recorded-specs.ts'
import { checkName, nothing, operatorsOnly, outcome, time, wholeNumber, withoutNul } from './schema-parts.ts'

const lastReplay = z.object({
  id: z.string(),
  due: z.string().meta({ format: 'date-time' }),
  location: z.string(),
  outcome,
  durationMs: z.number().nullable(),
})

const check = z.object({
  name: z.string(),
  state: z.enum(['up', 'degraded', 'down', 'unknown', 'maintenance']),
  since: time.nullable().meta({ description: 'Null before the first change, and during maintenance.' }),
  environment: z.string(),
  lastReplay: lastReplay.nullable(),
  nextDue: time.nullable().meta({ description: 'In the past: it should have started by now.' }),
  stale: z.boolean().meta({ description: 'Two due times have passed since that of the newest result.' }),
  confirming: time.nullable().meta({ description: 'Due time of the first failure that is still being confirmed.' }),
  error: z
    .object({ kind: z.enum(['not run', 'broken off']), locations: z.array(z.string()) })
    .nullable()
    .meta({ description: 'The last replay from these locations was an error of the monitor or of the specs.' }),
  slots: z
    .object({
      missed: z.int(),
      skipped: z.int(),
      reason: z.string().nullable(),
      overloaded: z.int(),
      unknown: z.int(),
    })
    .meta({ description: 'Slots of the last 24 hours without a result; `unknown`: of the last ones in a row.' }),
})

const checkList = z.object({
  checks: z.array(check),
  undelivered: z.array(
    z.object({
      channel: z.string(),
      messages: z.int(),
      dead: z.int().meta({ description: 'How many of them were given up; operators can retry them.' }),
      since: time,
      failure: z.string().nullable(),
      lastError: z.string().nullable().optional().meta({ description: operatorsOnly }),
    }),
  ),
  unsent: z.array(z.object({ channel: z.string(), messages: z.int(), at: time })),
})

const replay = z.object({
  id: z.string(),
  due: time,
  location: z.string(),
  kind: z.enum(['cron', 'confirm', 'manual']),
  startedAt: time,
  endedAt: time.nullable(),
  outcome,
  presumed: z.boolean().meta({ description: 'Nothing was heard of it, so its outcome was presumed.' }),
  durationMs: z.number().nullable(),
  run: z.string().optional().meta({ description: operatorsOnly }),
  reason: z
    .string()
    .nullable()
    .optional()
    .meta({ description: `Why it did not pass, or only on a retry. ${operatorsOnly}` }),
  specs: z
    .array(recordedSpec)
    .optional()
    .meta({ description: `Its attempts. ${operatorsOnly}` }),
})

const replayPage = z.object({
  replays: z.array(replay).meta({ description: 'Newest first.' }),
  next: z.string().nullable().meta({ description: 'The path of the next page; null: this is the last one.' }),
})

const day = z.object({
  day: z.string().meta({ format: 'date' }),
  passed: z.int(),
  flaky: z.int(),
  slow: z.int(),
  failed: z.int(),
  error: z.int(),
  unknown: z.int(),
  missed: z.int(),
  skipped: z.int(),
  maintenance: z.int(),
})

const uptime = z.object({
  check: z.string(),
  at: time,
  spans: z.array(
    z.object({
      span: z.enum(['24 hours', '7 days', '30 days', '90 days']),
      up: z.int().meta({ description: 'Replays that passed, were flaky or slow.' }),
      down: z.int().meta({ description: 'Replays that failed.' }),
      unwatched: z
        .int()
        .meta({ description: 'Slots that were missed or skipped, and replays without a result about the service.' }),
      percent: z.number().nullable().meta({ description: 'Rounded down; null without replays.' }),
    }),
  ),
  days: z.array(day).meta({ description: 'Oldest first; without days that have no slots.' }),
})

const placeRemedy = 'write a time such as 2026-11-30T08:00:00Z, or take the `next` of a page'

/** Of times and texts that Postgres has, which are without the year 0 and NUL. */
function isPlace(text: string): boolean {
  return z.iso.datetime().safeParse(text.split(',')[0]).success && !text.startsWith('0000') && withoutNul(text)
}

/** The place after which a page begins. */
const place = z
  .codec(
    z
      .string({ error: placeRemedy })
      .max(300, { error: placeRemedy, abort: true })
      .refine(isPlace, { error: placeRemedy }),
    z.object({ due: z.string(), location: z.string(), kind: z.string() }),
    {
      decode: text => {
        const [due = '', ...rest] = text.split(',')
        return { due, location: rest.slice(0, -1).join(','), kind: rest.at(-1) ?? '' }
      },
      encode: ({ due, location, kind }) => [due, location, kind].join(','),
    },
  )
  .meta({ description: 'Only replays that were due before this time; or the place that the `next` of a page has.' })

export const checkSchemas: readonly NamedSchema[] = [
  { name: 'Check', schema: check },
  { name: 'Replay', schema: replay },
  { name: 'RecordedSpec', schema: recordedSpec },
]

const problems = { 404: 'There is no such check.' }
const path = z.object({ name: checkName })

export const checkOperations: OperationsOf = ({ pool, current }) => {
  const { readOverview, readCheckStatus } = statusReader(pool, current)
  const isKnown = async (name: string) => {
    const { rowCount } = await pool.query('select from reprise.checks where name = $1', [name])
    return rowCount === 1
  }
  return [
    operation({
      method: 'get',
      path: '/api/checks',
      id: 'listChecks',
      summary: 'The state of each check, and messages that were not delivered',
      parameters: { path: nothing, query: nothing },
      reply: { name: 'CheckList', schema: checkList },
      respond: async ({ viewer, visibility }) => shownTo(viewer, visibleStatus(await readOverview(), visibility)),
    }),
    operation({
      method: 'get',
      path: '/api/checks/{name}',
      id: 'getCheck',
      summary: 'The state of a check',
      parameters: { path, query: nothing },
      reply: { name: 'Check', schema: check },
      problems,
      respond: async ({ path: { name } }) => (await readCheckStatus(name)) ?? noCheck(name),
    }),
    operation({
      method: 'get',
      path: '/api/checks/{name}/replays',
      id: 'listReplays',
      summary: 'The replays of a check that have ended, also of one that is not configured any more',
      parameters: {
        path,
        query: z.object({
          before: z.optional(place),
          limit: wholeNumber(1, 200, 50, 'How many.'),
        }),
      },
      reply: { name: 'ReplayPage', schema: replayPage },
      problems,
      async respond({ path: { name }, query: { before, limit }, viewer, visibility }) {
        const isOperator = viewer.kind === 'operator'
        // The replays after a place would show whether their location is before or after the one in it.
        if (before && `${before.location}${before.kind}` !== '' && !visibility.locations)
          return new Problem(
            400,
            'The query parameter before has a location: write a time such as 2026-11-30T08:00:00Z.',
          )
        const { replays, last } = await readReplayPage(pool, name, before, { limit, withDetail: isOperator })
        if (replays.length === 0 && !(await isKnown(name))) return noCheck(name)
        return {
          replays: replays.map(replay => (isOperator ? forOperators(replay) : forPublic(replay))),
          // It has a location.
          next: last && visibility.locations ? nextPage(name, last, limit) : null,
        }
      },
    }),
    operation({
      method: 'get',
      path: '/api/checks/{name}/uptime',
      id: 'getUptime',
      summary: 'The uptime of a check, and its replays by day and outcome',
      description: 'Hours and days are those of UTC.',
      parameters: { path, query: z.object({ days: wholeNumber(1, 366, 90, 'How many days, with the current one.') }) },
      reply: { name: 'CheckUptime', schema: uptime },
      problems,
      async respond({ path: { name }, query: { days } }) {
        if (!(await isKnown(name))) return noCheck(name)
        const at = await databaseTime(pool)
        const [uptimes, counts] = await Promise.all([
          readUptimes(pool, at, [name]),
          readDayOutcomes(pool, name, days, at),
        ])
        const found = uptimes.get(name)
        if (!found) return noCheck(name)
        const spans = (['24 hours', '7 days', '30 days', '90 days'] as const).map(span => {
          return { span, ...found[span], percent: uptimePercent(found[span]) }
        })
        return { check: name, at, spans, days: counts }
      },
    }),
  ]
}

function noCheck(name: string): Problem {
  return new Problem(404, `There is no check ${quoted(name)}; /api/checks lists them.`)
}

function shownTo(viewer: Viewer, { checks, undelivered, unsent }: Overview): z.output<typeof checkList> {
  if (viewer.kind === 'operator') return { checks, undelivered, unsent }
  return { checks, undelivered: undelivered.map(({ lastError: _, ...shown }) => shown), unsent }
}

function forPublic({ reason: _, detail: __, run: ___, ...shown }: PagedReplay): z.output<typeof replay> {
  return shown
}

function forOperators({ detail, ...shown }: PagedReplay): z.output<typeof replay> {
  return { ...shown, specs: specsOf(detail) }
}

function nextPage(name: string, { due, location, kind }: ReplayPlace, limit: number): string {
  const query = new URLSearchParams({ before: [due, location, kind].join(','), limit: String(limit) })
  return `/api/checks/${encodeURIComponent(name)}/replays?${query}`
}
