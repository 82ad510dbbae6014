/** The incidents that there have been. */
import type pg from 'pg'

export interface PastIncident {
  environment: string
  openedAt: Date
  /** Null: it goes on. */
  closedAt: Date | null
  /** All that have belonged to it, by name. */
  checks: string[]
  flaps: boolean
  /** Who is told of it; without those who were muted. */
  channels: string[]
}

/** Those that were opened after a time, the oldest first. */
export async function readPastIncidents(pool: pg.Pool, since: Date): Promise<PastIncident[]> {
  const { rows } = await pool.query<PastIncident>(
    `select environment, opened_at as "openedAt", closed_at as "closedAt",
            array(select check_name from reprise.incident_checks where incident = id order by check_name) as checks,
            exists (select from reprise.outbox where incident = incidents.id and message ->> 'kind' = 'flapping') as flaps,
            array(select distinct channel from reprise.outbox
                   where incident = incidents.id and last_error is distinct from 'muted' order by channel) as channels
       from reprise.incidents where opened_at > $1 order by opened_at, id`,
    [since],
  )
  return rows
}
