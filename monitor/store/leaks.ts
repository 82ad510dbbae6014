/** Reads what replays have created, removed and may have left. */
import type pg from 'pg'
import type { Environment } from '../../environment/environment.ts'
import type { Intent, Thing } from '../../environment/ledger/entry.ts'

/** What the replays of a month have created in an environment. */
export interface MonthOfCreations {
  /** `2026-11`, of UTC. */
  month: string
  environment: string
  /** Things that are known to have been created: those removed, and those left. */
  created: number
  removed: number
  /** Of those removed: the removal was answered with 2xx, and no GET has confirmed it. */
  unverified: number
  /** Things that are known to be there, and could not be removed yet. */
  left: number
  /** Requests of which it is unknown whether they have created anything. */
  unknown: number
  /** Requests of replays that are in progress; they count nowhere else. */
  pending: number
  /** Requests that were answered like creations and that no cleanup rule is for. */
  unruled: number
}

/** Reads the months of all environments, newest first. */
export async function readMonthsOfCreations(pool: pg.Pool): Promise<MonthOfCreations[]> {
  const { rows } = await pool.query<MonthOfCreations>(
    `with open as (
       select date_trunc('month', (intent ->> 'at')::timestamptz at time zone 'UTC')::date as month,
              ledgers.environment, removed, coalesce(jsonb_array_length(created::jsonb), 0) as things, created is null as unclear,
              ${isPending} as pending
         from reprise.intents join reprise.ledgers using (run)
     ), counts as (
       select month, environment, removed, unverified, 0 as left, 0 as unknown, 0 as pending, unruled from reprise.creations
       union all
       select month, environment, removed, 0, case when pending then 0 else things end,
              (unclear and not pending)::integer, pending::integer, 0
         from open
     )
     select to_char(month, 'YYYY-MM') as month, environment, sum(removed + unverified + "left")::float as created,
            sum(removed + unverified)::float as removed, sum(unverified)::float as unverified, sum("left")::float as left,
            sum(unknown)::float as unknown, sum(pending)::float as pending, sum(unruled)::float as unruled
       from counts group by month, environment order by counts.month desc, environment`,
  )
  return rows
}

/** Reads since when creations are counted. */
export async function readCountedSince(pool: pg.Pool): Promise<Date> {
  const { rows } = await pool.query<{ since: Date }>(
    `select coalesce(min(applied_at), now()) as since from reprise.migrations where number = 13`,
  )
  return rows[0]?.since ?? new Date()
}

/** What the replays of a check may have left in an environment. */
export interface LeakCount {
  environment: string
  /** Several names if the test belongs to several checks; empty if it is not known. */
  check: string
  left: number
  unknown: number
  /** When the oldest of the requests was sent. */
  since: Date
}

export async function readLeakCounts(pool: pg.Pool): Promise<LeakCount[]> {
  const { rows } = await pool.query<LeakCount>(
    `select ledgers.environment, coalesce(intent ->> 'check', '') as check,
            coalesce(sum(jsonb_array_length(created::jsonb)), 0)::float as left,
            count(*) filter (where created is null)::float as unknown, min((intent ->> 'at')::timestamptz) as since
       from reprise.intents join reprise.ledgers using (run)
      where not ${isPending} group by 1, 2 order by since, 1, 2`,
  )
  return rows
}

/** A request that may have left something. */
export interface Leak {
  intent: Intent
  things: Thing[]
  reason: string | null
  /** Of the environment, with placeholders for secrets. */
  baseURL: Environment['baseURL']
}

/** Reads the oldest ones. */
export async function readLeaks(pool: pg.Pool, most: number): Promise<Leak[]> {
  const { rows } = await pool.query<Leak>(
    `select intent, coalesce(created::jsonb, '[]') as things, reason, settings ->> 'baseURL' as "baseURL"
       from reprise.intents join reprise.ledgers using (run)
      where not ${isPending} order by intent ->> 'at', position limit $1`,
    [most],
  )
  return rows
}

/** Requests that were answered like creations and that no cleanup rule is for. */
export interface UnruledRoute {
  environment: string
  /** Several names if the test belongs to several checks; empty if it is not known. */
  check: string
  route: string
  /** The last answer, and the rule to write. */
  reason: string
  times: number
  firstAt: Date
  lastAt: Date
}

/** Reads those of the last 30 days, the latest first: since a rule was added, there are none. */
export async function readUnruledRoutes(pool: pg.Pool, most: number): Promise<UnruledRoute[]> {
  const { rows } = await pool.query<UnruledRoute>(
    `select environment, check_name as check, route, reason, times::float, first_at as "firstAt", last_at as "lastAt"
       from reprise.unruled_routes where last_at > now() - interval '30 days'
      order by last_at desc, environment, check_name, route limit $1`,
    [most],
  )
  return rows
}

/**
 * The replay is still in progress, or a sweep is at work. What has had a reason for some minutes counts as left also
 * during a sweep, so that it does not come and go.
 */
const isPending = `(held_until > clock_timestamp()
  and (reason is null or (intent ->> 'at')::timestamptz > clock_timestamp() - interval '5 minutes'))`
