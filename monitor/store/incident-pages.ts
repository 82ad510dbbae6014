/** Reads incidents, page by page, newest first; and one of them with what happened in it. */
import type pg from 'pg'
import type { State } from '../verdict/verdict.ts'

export interface PagedIncident {
  id: number
  environment: string
  openedAt: Date
  /** Null while it is open. */
  closedAt: Date | null
  checks: IncidentMember[]
}

interface IncidentMember {
  name: string
  /** Since when it belongs to the incident. */
  since: Date
  /** Until when; null if it still does. */
  until: Date | null
}

export interface IncidentFilter {
  state: 'open' | 'closed' | 'all'
  /** Only incidents of this check. */
  check: string | undefined
  /**
   * Only incidents of these checks, as if there were no others: an incident is open while one of them is in it. Undefined:
   * all checks.
   */
  seen: readonly string[] | undefined
  /** Only those with a smaller number. */
  before: number | undefined
  limit: number
}

export async function readIncidentPage(
  pool: pg.Pool,
  { state, check, seen, before, limit }: IncidentFilter,
): Promise<{ incidents: PagedIncident[]; hasMore: boolean }> {
  const { rows } = await pool.query<StoredIncident>(
    `${select}
      where ($1 = 'all' or ($1 = 'open') = case
               when $5::text[] is null then closed_at is null
               else exists (select from reprise.incident_checks
                             where incident = incidents.id and check_name = any($5) and closed_at is null) end)
        and ($5::text[] is null
             or exists (select from reprise.incident_checks where incident = incidents.id and check_name = any($5)))
        and ($2::text is null
             or exists (select from reprise.incident_checks where incident = incidents.id and check_name = $2))
        and ($3::integer is null or id < $3)
      order by id desc limit $4`,
    [state, check ?? null, before ?? null, limit + 1, seen ?? null],
  )
  return { incidents: rows.slice(0, limit).map(incidentOf), hasMore: rows.length > limit }
}

/** A change of a check's state during an incident. */
interface StateChange {
  at: Date
  check: string
  from: State
  to: State
}

/** A message about an incident to a channel. */
interface IncidentMessage {
  channel: string
  createdAt: Date
  /** Null while it is waiting. */
  deliveredAt: Date | null
  attempts: number
  /** Summary of the last failure, such as `answered 503`; null if there is none. */
  failure: string | null
}

export interface IncidentRecord extends PagedIncident {
  changes: StateChange[]
  messages: IncidentMessage[]
}

/** Undefined if there is no incident with this number. */
export async function readIncidentRecord(pool: pg.Pool, id: number): Promise<IncidentRecord | undefined> {
  const { rows } = await pool.query<StoredIncident>(`${select} where id = $1`, [id])
  const [incident] = rows
  if (!incident) return undefined
  const changes = await pool.query<StateChange>(
    `select at, change.check_name as check, from_state as from, to_state as to
       from reprise.incident_checks member
       join reprise.transitions change
         on change.check_name = member.check_name and change.kind = 'state'
        and at between member.opened_at and coalesce(member.closed_at, 'infinity')
      where member.incident = $1 order by at, change.id`,
    [id],
  )
  const messages = await pool.query<IncidentMessage>(
    `select channel, created_at as "createdAt", delivered_at as "deliveredAt", attempts, last_failure as failure
       from reprise.outbox where incident = $1 order by id`,
    [id],
  )
  return { ...incidentOf(incident), changes: changes.rows, messages: messages.rows }
}

type StoredIncident = Omit<PagedIncident, 'checks'> & {
  checks: { name: string; since: string; until: string | null }[]
}

const select = `
  select id, environment, opened_at as "openedAt", closed_at as "closedAt",
         (select coalesce(jsonb_agg(jsonb_build_object('name', check_name, 'since', opened_at, 'until', closed_at)
                                    order by check_name), '[]')
            from reprise.incident_checks where incident = id) as checks
    from reprise.incidents`

function incidentOf({ checks, ...incident }: StoredIncident): PagedIncident {
  return {
    ...incident,
    checks: checks.map(({ name, since, until }) => ({
      name,
      since: new Date(since),
      until: until === null ? null : new Date(until),
    })),
  }
}
