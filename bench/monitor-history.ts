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
  const reader = async (name: string, days: number, results: number) => {
    await withClient(server.url, client => client.query(`create database ${name}`))
    const pool = openPool(new URL(`/${name}`, server.url).href, { query_timeout: 600_000 })
    pools.push(pool)
    await fill(pool, days, results / checks / days)
    const configuration = configurationOf('/bench/monitor.config.ts', { environments: {}, checks: {} })
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
    const large = await reader('many', 20, many)
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

/** Fills the days up to today with results of each check, their rollups and the current states. */
async function fill(pool: pg.Pool, days: number, perDay: number): Promise<void> {
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
  for (let day = today - (days - 1) * dayMs; day <= today; day += dayMs) {
    await inTransaction(pool, async client => {
      // A table that was created in the same transaction is filled without WAL.
      await openDays(client, new Date(day), new Date(day))
      for (const statement of [slotsOfDay, replaysOfDay]) {
        await client.query(statement, [names, new Date(day), perDay, dayMs / perDay])
      }
    })
  }
  for (const statement of [rollups, lastReplays]) await pool.query(statement)
  await pool.query('vacuum analyze')
}

const ofDay = `
  from unnest($1::text[]) name, generate_series(0, $3 - 1) number,
       lateral (select $2::timestamptz + number * $4 * interval '1 ms' as due) slot`
const slotsOfDay = `
  insert into reprise.slots (check_name, due, location, kind, environment, state, run, outcome, judged)
  select name, due, 'local', 'cron', 'production', 'done', gen_random_uuid(), 'passed', true ${ofDay}`
const replaysOfDay = `
  insert into reprise.replays (check_name, due, location, kind, id, run, started_at, ended_at, outcome, duration_ms, detail)
  select name, due, 'local', 'cron', gen_random_uuid(), gen_random_uuid(), due, due + interval '2 s', 'passed',
         10 + random() * 90, '{"specs": [{"title": "answers", "outcome": "passed", "attempts": []}]}' ${ofDay}`
const rollups = `
  insert into reprise.rollups (check_name, location, period, start, passed)
  select check_name, location, period, date_trunc(period, due, 'UTC'), count(*)
    from reprise.replays, unnest(array['hour', 'day']) period group by 1, 2, 3, 4`
const lastReplays = `
  update reprise.checks set state = 'up', since = now(), last_replay = (
    select jsonb_build_object('id', id, 'due', due, 'location', location, 'outcome', outcome, 'durationMs', duration_ms)
      from reprise.replays where check_name = name order by due desc limit 1)`
