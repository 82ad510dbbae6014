/** Reads the open incidents. */
import type pg from 'pg'
import type { State } from '../verdict/verdict.ts'

export interface OpenIncident {
  id: number
  environment: string
  openedAt: Date
  /** All active checks that have belonged to it, with their states. */
  checks: OpenIncidentCheck[]
}

interface OpenIncidentCheck {
  name: string
  state: State
  openedAt: Date
  /** Null while it is in the incident. */
  closedAt: Date | null
}

/** As JSON. */
type StoredCheck = Omit<OpenIncidentCheck, 'openedAt' | 'closedAt'> & { openedAt: string; closedAt: string | null }

/** Newest first. */
export async function readOpenIncidents(pool: pg.Pool): Promise<OpenIncident[]> {
  const { rows } = await pool.query<Omit<OpenIncident, 'checks'> & { checks: StoredCheck[] }>(
    `select id, incident.environment, incident.opened_at as "openedAt",
            jsonb_agg(jsonb_build_object(
              'name', name, 'state', state, 'openedAt', member.opened_at, 'closedAt', member.closed_at
            ) order by name) as checks
       from reprise.incidents incident
       join reprise.incident_checks member on member.incident = id
       join reprise.checks on checks.name = member.check_name and checks.active
      where incident.closed_at is null
      group by id order by id desc`,
  )
  return rows.map(({ checks, ...incident }) => ({
    ...incident,
    checks: checks.map(({ openedAt, closedAt, ...check }) => ({
      ...check,
      openedAt: new Date(openedAt),
      closedAt: closedAt === null ? null : new Date(closedAt),
    })),
  }))
}
