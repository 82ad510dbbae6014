/** Reads the history of incidents, newest first, page by page. */
import type pg from 'pg'

export interface HistoryQuery {
  /** Only incidents with one of these checks; undefined: all incidents. */
  checks?: readonly string[] | undefined
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
  /** All that were in it, by the time when they joined. */
  checks: IncidentCheckSummary[]
}

interface IncidentCheckSummary {
  name: string
  openedAt: Date
  /** Null while it is in the incident. */
  closedAt: Date | null
  /** Null: unknown. */
  failingVersion: string | null
  passedVersion: string | null
}

export async function readIncidentHistory(pool: pg.Pool, query: HistoryQuery): Promise<IncidentSummary[]> {
  const { checks, environment, before = largestId, most } = query
  // Each condition has an index of its own, so that a rare check or environment does not read all incidents.
  const chosen =
    checks === undefined
      ? `select id from reprise.incidents where id < $1 and ($3::text is null or environment = $3) and $4::text[] is null
          order by id desc limit $2`
      : `select distinct incident as id from reprise.incident_checks join reprise.incidents on id = incident
          where check_name = any($4) and incident < $1 and ($3::text is null or environment = $3)
          order by incident desc limit $2`
  const { rows } = await pool.query<Omit<IncidentSummary, 'checks'> & { checks: StoredCheck[] }>(
    `select id, environment, opened_at as "openedAt", closed_at as "closedAt",
            (select coalesce(jsonb_agg(jsonb_build_object(
                      'name', check_name, 'openedAt', member.opened_at, 'closedAt', member.closed_at,
                      'failingVersion', failing_version, 'passedVersion', passed_version)
                      order by member.opened_at, check_name), '[]')
               from reprise.incident_checks member where member.incident = id) as checks
       from (${chosen}) chosen join reprise.incidents using (id)
      order by id desc`,
    [before, most, environment, checks],
  )
  return rows.map(({ checks, ...incident }) => ({ ...incident, checks: checks.map(summaryOf) }))
}

/** The largest `integer` of Postgres. */
const largestId = 2_147_483_647

/** As JSON. */
type StoredCheck = Omit<IncidentCheckSummary, 'openedAt' | 'closedAt'> & { openedAt: string; closedAt: string | null }

const summaryOf = ({ openedAt, closedAt, ...check }: StoredCheck): IncidentCheckSummary => ({
  ...check,
  openedAt: new Date(openedAt),
  closedAt: closedAt === null ? null : new Date(closedAt),
})

/** Returns when the tables were made: it differs from database to database. */
export async function readMigrationTime(pool: pg.Pool): Promise<Date> {
  const { rows } = await pool.query<{ at: Date }>('select min(applied_at) as at from reprise.migrations')
  return rows[0]?.at ?? new Date(0)
}

export interface HistoryFilters {
  /** Those that have been in an incident, also if they are not configured any more; by name. */
  checks: string[]
  environments: string[]
}

export async function readHistoryFilters(pool: pg.Pool): Promise<HistoryFilters> {
  const { rows } = await pool.query<HistoryFilters>(
    `select array(select name from reprise.checks
                   where exists (select from reprise.incident_checks where check_name = name)
                   order by name) as checks,
            array(select distinct environment from reprise.checks order by environment) as environments`,
  )
  return rows[0] ?? { checks: [], environments: [] }
}
