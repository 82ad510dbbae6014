/** Reads past incidents. */
import type pg from 'pg'
import { isClosedUnsent } from './closed-messages.ts'

export interface PastIncident {
  environment: string
  openedAt: Date
  /** Null while it is open. */
  closedAt: Date | null
  /** Names of all checks that have belonged to it. */
  checks: string[]
  flaps: boolean
  /** Channels that received its messages, or will receive them. */
  channels: string[]
}

/** Reads the incidents opened after a time, oldest first. */
export async function readPastIncidents(pool: pg.Pool, since: Date): Promise<PastIncident[]> {
  const { rows } = await pool.query<PastIncident>(
    `select environment, opened_at as "openedAt", closed_at as "closedAt",
            array(select check_name from reprise.incident_checks where incident = id order by check_name) as checks,
            exists (select from reprise.outbox where incident = incidents.id and message ->> 'kind' = 'flapping') as flaps,
            array(select distinct channel from reprise.outbox
                   where incident = incidents.id and not ${isClosedUnsent} order by channel) as channels
       from reprise.incidents where opened_at > $1 order by opened_at, id`,
    [since],
  )
  return rows
}
