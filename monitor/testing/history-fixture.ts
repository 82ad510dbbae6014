/** Fills a store with checks in all states, and a history of 90 days. */
import type pg from 'pg'
import { configurationOf } from '../config/configuration.ts'
import { setChecks } from '../store/checks.ts'
import type { ServedPage } from './status-page-fixture.ts'
import { rules } from './store-fixture.ts'

export interface FilledCheck {
  name: string
  state: 'up' | 'degraded' | 'down' | 'unknown'
  environment?: string
  tags?: string[]
  /** For how many days it has existed; default 90. */
  days?: number
}

const filledChecks: readonly FilledCheck[] = [
  { name: 'checkout', state: 'down', tags: ['@shop'] },
  { name: 'search', state: 'degraded', tags: ['@shop'] },
  {
    name: 'a-check-with-quite-a-long-name.of.the-kind-that-people-write',
    state: 'unknown',
    environment: 'staging',
    days: 30,
  },
  { name: 'nightly-export', state: 'up', tags: ['@jobs'], days: 60 },
  { name: 'sign-in', state: 'up', tags: ['@account'] },
  { name: 'users', state: 'up', tags: ['@account', '@smoke'] },
]

/** `nightly-export` is in maintenance. */
export async function fillHistory(
  pool: pg.Pool,
  served: ServedPage,
  checks: readonly FilledCheck[] = filledChecks,
): Promise<void> {
  await setChecks(
    pool,
    checks.map(({ name, environment = 'production' }) => rules({ name, environment })),
    new Date(),
  )
  const configuration = configurationOf('/service/monitor.config.ts', {
    environments: {},
    checks: Object.fromEntries(
      checks.map(({ name, tags = [] }) => [
        name,
        { tag: tags, ...(tags.includes('@shop') && { slo: { target: 98.5, window: '30d' } }) },
      ]),
    ),
  })
  served.inForce = { ...served.inForce, configuration, isInMaintenance: name => name === 'nightly-export' }
  const columns = [
    checks.map(({ name }) => name),
    checks.map(({ state }) => state),
    checks.map(({ days = 90 }) => days),
  ]
  await pool.query(
    `insert into reprise.rollups (check_name, location, period, start, passed, failed, error, missed, maintenance, durations)
     select name, 'home', period, start,
            case when age % 37 = 5 or (name = 'nightly-export' and age % 9 = 0) then 0 else slots - failed - missed end, failed, 0,
            case when age % 37 = 5 then slots else missed end,
            case when name = 'nightly-export' and age % 9 = 0 then slots else 0 end,
            array_fill(slots / 3, array[4 + age % 3], array[(48 + number % 20 + age % 2)::int])
       from unnest($1::text[], $2::text[], $3::int[]) with ordinality as checks (name, state, days, number),
            (values ('day', interval '24 hours', 288), ('hour', interval '1 hour', 12)) periods (period, length, slots),
            lateral (select date_trunc(period, now(), 'UTC') - age * length as start, age
                       from generate_series(0, case period when 'day' then days else least(24 * days, 168) end - 1) age) times,
            lateral (select case when age % (29 + number) = 11 or (state = 'down' and age = 0) then slots / 4 else 0 end as failed,
                            case when age % 17 = 3 then slots / 3 when number = 2 and age % 5 = 0 then 1 else 0 end as missed) counts`,
    columns,
  )
  await pool.query(
    `update reprise.checks set state = filled.state, since = now() - interval '1 hour 10 minutes' - (number - 1) * interval '7 hours',
            last_replay = jsonb_build_object('id', gen_random_uuid(), 'location', 'home',
              'due', to_char(now() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), 'durationMs', 212,
              'outcome', case filled.state when 'down' then 'failed' when 'degraded' then 'slow' else 'passed' end)
       from unnest($1::text[], $2::text[]) with ordinality as filled (name, state, number) where checks.name = filled.name`,
    columns.slice(0, 2),
  )
  await pool.query(
    `with past as (
       insert into reprise.incidents (environment, opened_at, closed_at)
       select 'production', now() - age, now() - age + interval '2 hours'
         from (values (interval '12 days'), ('41 days')) ages (age) returning id, opened_at, closed_at
     ), open as (
       insert into reprise.incidents (environment, opened_at)
       select 'production', now() - interval '70 minutes' where 'down' = any($2::text[]) returning id, opened_at
     )
     insert into reprise.incident_checks (incident, check_name, opened_at, closed_at)
     select id, name, opened_at, closed_at from past, (select * from unnest($1::text[]) name limit 2) names
     union all
     select id, name, opened_at, null from open, unnest($1::text[], $2::text[]) checks (name, state) where state = 'down'`,
    columns.slice(0, 2),
  )
}
