/** Measures the states of all checks, `/` and `/checks/NAME` with ten million results, against a database with few. */
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type pg from 'pg'
import { configurationOf } from '../monitor/config/configuration.ts'
import { timetable } from '../monitor/schedule/timetable.ts'
import { overviewReader } from '../monitor/status-page/overview.ts'
import { filterOf } from '../monitor/status-page/overview-filter.ts'
import { statusReader } from '../monitor/status-page/status.ts'
import { createStatusPage } from '../monitor/status-page/status-page.ts'
import { visibilityFor } from '../monitor/status-page/visibility.ts'
import { noMaintenance } from '../monitor/store/check-rules.ts'
import { setChecks } from '../monitor/store/checks.ts'
import { openDays } from '../monitor/store/days.ts'
import { openPool } from '../monitor/store/pool.ts'
import { migrate } from '../monitor/store/schema.ts'
import { inTransaction } from '../monitor/store/transaction.ts'
import { defaultPolicy } from '../monitor/verdict/policy.ts'
import { withClient } from '../postgres/connection.ts'
import { startPersistentServer } from '../postgres/persistent/persistent-server.ts'
import { benchFolder } from './checks-project.ts'
import { sideBySide } from './median.ts'
import { duration, ratio, type Section } from './table.ts'

const checks = 1000
const dayMs = 86_400_000

export async function measureMonitorHistory(short: boolean): Promise<Section> {
  const folder = benchFolder()
  const server = await startPersistentServer(folder)
  const pools: pg.Pool[] = []
  const failures: Error[] = []
  const servers: Server[] = []
  const schedule = { cron: '*/5 * * * *', timezone: 'UTC' }
  const table = timetable(names.map(name => ({ name, ...schedule })))
  const days = short ? 7 : 90
  const reader = async (name: string, daysWithResults: number, results: number) => {
    await withClient(server.url, client => client.query(`create database ${name}`))
    const pool = openPool(new URL(`/${name}`, server.url).href, { query_timeout: 600_000 })
    pools.push(pool)
    await fill(pool, { days, daysWithResults, perDay: Math.round(results / checks / daysWithResults) })
    const configuration = configurationOf('/bench/monitor.config.ts', {
      environments: { production: { baseURL: 'http://127.0.0.1:1' } },
      defaults: { slo: { target: 99.9, window: `${Math.min(30, days)}d` } },
      checks: Object.fromEntries(names.map(name => [name, { specs: 'a.spec.ts', cron: schedule.cron }])),
    })
    const inForce = {
      ...{ configuration, timetable: table, isInMaintenance: noMaintenance, maintenanceSpans: () => [] },
      environment: () => undefined,
    }
    const current = () => inForce
    const visibility = visibilityFor({ kind: 'operator', name: 'bench' }, configuration.statusPage, 'all')
    const readPage = overviewReader({ pool, current })
    const changes = { subscribe: () => () => undefined }
    const app = createStatusPage({ pool, current, changes, onError: error => failures.push(error) })
    const http = createServer(app).listen(0, '127.0.0.1')
    servers.push(http)
    await once(http, 'listening')
    const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`
    const get = (path: string) => async () => {
      const response = await fetch(`${url}${path}`)
      await response.arrayBuffer()
      if (!response.ok) throw new Error(`${path} was answered ${response.status}.`, { cause: failures.at(-1) })
    }
    return {
      ...statusReader(pool, current),
      readPage: () => readPage(filterOf({}), visibility),
      overview: get('/'),
      check: get('/checks/check-500'),
      healthz: get('/healthz'),
    }
  }
  try {
    const [few, many] = [10_000, short ? 40_000 : 10_000_000]
    const small = await reader('few', 1, few)
    const large = await reader('many', days, many)
    const rounds = short ? 5 : 50
    const states = await sideBySide({ few: () => small.readOverview(), many: () => large.readOverview() }, rounds)
    const pages = await sideBySide({ few: () => small.readPage(), many: () => large.readPage() }, rounds)
    const http = await sideBySide(
      { health: large.healthz, few: small.check, many: large.check, fewAll: small.overview, manyAll: large.overview },
      rounds,
    )
    const [fewResults, manyResults] = [`with ${few} results`, `with ${many} results`]
    return {
      title: `Reading the state of all of ${checks} checks`,
      rows: [
        { what: `states, ${fewResults}`, median: duration(states.few) },
        {
          what: `states, ${manyResults}`,
          median: duration(states.many),
          ...ratio(states.many, states.few, 'with few', { atMost: 1.5 }),
        },
        { what: `the overview, ${fewResults}`, median: duration(pages.few) },
        {
          what: `the overview, ${manyResults}`,
          median: duration(pages.many),
          ...ratio(pages.many, pages.few, 'with few', { atMost: 1.5 }),
        },
        { what: 'GET /healthz', median: duration(http.health) },
        {
          what: `GET /checks/NAME, ${fewResults}`,
          median: duration(http.few),
          ...ratio(http.few, http.health, '/healthz'),
        },
        {
          what: `GET /checks/NAME, ${manyResults}`,
          median: duration(http.many),
          ...ratio(http.many, http.few, 'with few', { atMost: 1.5 }),
        },
        {
          what: `GET /, ${fewResults}`,
          median: duration(http.fewAll),
          ...ratio(http.fewAll, http.health, '/healthz'),
        },
        {
          what: `GET /, ${manyResults}`,
          median: duration(http.manyAll),
          ...ratio(http.manyAll, http.fewAll, 'with few', { atMost: 1.5 }),
        },
      ],
    }
  } finally {
    table.close()
    for (const http of servers) {
      http.close()
      http.closeAllConnections()
    }
    await Promise.all(pools.map(pool => pool.end()))
    await server.stop()
    for (const place of [server.folder, folder]) await rm(place, { recursive: true, force: true })
  }
}

const names = Array.from({ length: checks }, (_, index) => `check-${index + 1}`)

interface Filling {
  /** Of rollups and incidents: up to today, and the same however many results there are. */
  days: number
  daysWithResults: number
  perDay: number
}

/**
 * Fills the days up to today with results of each check, of which every hundredth failed and every hundredth slot was missed,
 * and with rollups, a closed incident a day, an open one and the current states.
 */
async function fill(pool: pg.Pool, { days, daysWithResults, perDay }: Filling): Promise<void> {
  await migrate(pool)
  const rules = {
    environment: 'production',
    locations: ['local'],
    policy: defaultPolicy,
    confirmEveryMs: 20_000,
    dependsOn: [],
    channels: [],
  }
  await setChecks(
    pool,
    names.map(name => ({ name, ...rules })),
    new Date(),
  )
  const today = Math.floor(Date.now() / dayMs) * dayMs
  for (let day = today - (daysWithResults - 1) * dayMs; day <= today; day += dayMs) {
    await inTransaction(pool, async client => {
      // A table that was created in the same transaction is filled without WAL.
      await openDays(client, new Date(day), new Date(day))
      for (const statement of [slotsOfDay, replaysOfDay]) {
        await client.query(statement, [names, new Date(day), perDay, dayMs / perDay])
      }
    })
  }
  const first = new Date(today - (days - 1) * dayMs)
  await pool.query(rollups, [names, first])
  for (const statement of [incidents, incidentChecks]) await pool.query(statement, [first])
  for (const statement of [transitions, lastReplays]) await pool.query(statement)
  await pool.query('vacuum analyze')
}

const ofDay = `
  from unnest($1::text[]) with ordinality named (name, place), generate_series(0, $3 - 1) number,
       lateral (select $2::timestamptz + number * $4::float * interval '1 ms' as due, (number + place) % 100 as turn) slot,
       lateral (select case turn when 50 then 'failed' when 51 then 'flaky' else 'passed' end as outcome) result`
const slotsOfDay = `
  insert into reprise.slots (check_name, due, location, kind, environment, state, reason, run, outcome, judged, counted)
  select name, due, 'local', 'cron', 'production', 'done', null, gen_random_uuid(), outcome, true, false ${ofDay} where turn <> 99
  union all
  select name, due, 'local', 'cron', 'production', 'missed', 'no instance was there', null, null, true, true
         ${ofDay} where turn = 99`
const replaysOfDay = `
  insert into reprise.replays (check_name, due, location, kind, id, run, started_at, ended_at, outcome, duration_ms, detail,
                               reason, phases, slowest_ms)
  select name, due, 'local', 'cron', gen_random_uuid(), gen_random_uuid(), due, due + interval '2 s', outcome,
         10 + random() * 90, jsonb_build_object('specs', jsonb_build_array(
           jsonb_build_object('title', 'answers', 'outcome', outcome, 'attempts', '[]'::jsonb))),
         case outcome when 'failed' then 'answers: expected 200, received 503' end,
         array[4, 2, 10, 14, 10 + random() * 60, 2], 10 + random() * 40 ${ofDay} where turn <> 99`
/** As of a replay every five minutes: 12 an hour, with durations from 17 to 100 ms. */
const rollups = `
  insert into reprise.rollups (check_name, location, period, start, passed, flaky, failed, missed, durations)
  select name, 'local', period, start, slots - 3 * bad, bad, bad, bad, array_fill(0, array[29]) || array_fill(slots / 12, array[19])
    from unnest($1::text[]) with ordinality named (name, place),
         (values ('hour', 12), ('day', 288)) periods (period, slots),
         lateral generate_series($2::timestamptz, now(), ('1 ' || period)::interval) start,
         lateral (select case when period = 'day' then 3
                              when (extract(epoch from start) / 3600 + place)::bigint % 8 = 0 then 1 else 0 end as bad) found`
/** Each of a day, of two hours; the last one is open. */
const incidents = `
  insert into reprise.incidents (environment, opened_at, closed_at)
  select 'production', day, case when day + interval '1 day' < now() then day + interval '2 hours' end
    from generate_series($1::timestamptz, now(), interval '1 day') day`
const incidentChecks = `
  insert into reprise.incident_checks (incident, check_name, opened_at, closed_at, failing_since, passed_at)
  select id, name, opened_at, closed_at, opened_at, opened_at - interval '5 min'
    from (select id, opened_at, closed_at from reprise.incidents where opened_at >= $1) incident,
         lateral (select name from reprise.checks order by md5(name || id) limit 5) failing`
const transitions = `
  insert into reprise.transitions (check_name, at, kind, from_state, to_state, incident)
  select check_name, at, 'state', from_state, to_state, incident
    from reprise.incident_checks,
         lateral (values (opened_at, 'up', 'down'), (closed_at, 'down', 'up')) turned (at, from_state, to_state)
   where at is not null order by at`
const lastReplays = `
  update reprise.checks set since = now(),
    state = case when exists (select from reprise.incident_checks where check_name = name and closed_at is null)
                 then 'down' else 'up' end,
    last_replay = (
      select jsonb_build_object('id', id, 'due', due, 'location', location, 'outcome', outcome, 'durationMs', duration_ms)
        from reprise.replays where check_name = name order by due desc limit 1)`
