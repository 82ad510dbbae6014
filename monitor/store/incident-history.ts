/** Reads the history of incidents, newest first, page by page. */
import type pg from 'pg'

export interface HistoryQuery {
  check?: string | undefined
  environment?: string | undefined
  /** Only incidents with smaller numbers. */
  before?: number | undefined
  /** How many incidents at most. */
  most: number
}

export interface IncidentSummary {
  id: number
  environment: string
  openedAt: Date
  /** Null while it is open. */
  closedAt: Date | null
  /** The first five checks that were in it, by the time when they joined. */
  checks: IncidentCheckSummary[]
  /** How many there were. */
  checkCount: number
  /** When it was opened or closed, or when a check joined or left it, whatever was last. */
  changedAt: Date
}

/** Of a check in an incident; null: unknown. */
interface IncidentCheckSummary {
  name: string
  failingVersion: string | null
  passedVersion: string | null
}

export async function readIncidentHistory(pool: pg.Pool, query: HistoryQuery): Promise<IncidentSummary[]> {
  const { check = null, environment = null, before = null, most } = query
  // Each has an index of its own, so that a rare check or environment does not read all incidents.
  const source =
    check === null
      ? `select * from reprise.incidents where ($2::text is null or environment = $2) and $1::text is null`
      : `select incidents.* from reprise.incident_checks join reprise.incidents on id = incident
          where check_name = $1 and ($2::text is null or environment = $2)`
  const key = check === null ? 'id' : 'incident'
  const { rows } = await pool.query<IncidentSummary>(
    `select id, environment, opened_at as "openedAt", closed_at as "closedAt", checks.*
       from (${source} and ($3::integer is null or ${key} < $3) order by ${key} desc limit $4) incident
       cross join lateral (
         select count(*)::integer as "checkCount",
                greatest(incident.opened_at, incident.closed_at, max(member.opened_at), max(member.closed_at)) as "changedAt",
                coalesce((jsonb_agg(jsonb_build_object('name', check_name, 'failingVersion', failing_version, 'passedVersion', passed_version)
                            order by member.opened_at, check_name)), '[]') as checks
           from reprise.incident_checks member where member.incident = incident.id
       ) checks
      order by id desc`,
    [check, environment, before, most],
  )
  return rows.map(row => ({ ...row, checks: row.checks.slice(0, 5) }))
}

/** Returns when the tables were made: it differs from database to database. */
export async function readMigrationTime(pool: pg.Pool): Promise<Date> {
  const { rows } = await pool.query<{ at: Date }>('select min(applied_at) as at from reprise.migrations')
  return rows[0]?.at ?? new Date(0)
}

export interface HistoryFilters {
  /** At most 1000 of those that have been in an incident, by name. */
  checks: string[]
  environments: string[]
}

export async function readHistoryFilters(pool: pg.Pool): Promise<HistoryFilters> {
  const { rows } = await pool.query<HistoryFilters>(
    `select array(select name from reprise.checks
                   where exists (select from reprise.incident_checks where check_name = name)
                   order by name limit 1000) as checks,
            array(select distinct environment from reprise.checks order by environment limit 1000) as environments`,
  )
  return rows[0] ?? { checks: [], environments: [] }
}
