/** Acknowledgements of incidents, and notes about them. */
import type pg from 'pg'
import { withdrawRepeats, writeAcknowledged } from './acknowledged-messages.ts'
import { ActionRefusal } from './action-refusal.ts'
import { writeAction } from './actions.ts'
import { reportIncidentChange } from './changes.ts'
import { lockIncidents } from './incidents.ts'
import { inTransaction } from './transaction.ts'

export interface Acknowledgement {
  operator: string
  at: Date
}

export interface Acknowledged extends Acknowledgement {
  /** Whether this call has acknowledged it: it was not before. */
  isNew: boolean
}

/**
 * Acknowledges an open incident, once, and there where its alerts can be acknowledged. A note is recorded in any case. Throws an `ActionRefusal` for an incident that does
 * not exist, or is closed.
 */
export async function acknowledge(
  pool: pg.Pool,
  incident: number,
  { operator, note }: { operator: string; note?: string | undefined },
): Promise<Acknowledged> {
  return inTransaction(pool, async client => {
    // Before the row, as results of checks lock.
    await lockIncidents(client)
    if (!(await lockIncident(client, incident)).isOpen)
      throw new ActionRefusal('conflict', `Incident ${incident} is closed.`)
    const added = await client.query(
      `insert into reprise.acknowledgements (incident, operator, at) values ($1, $2, clock_timestamp())
       on conflict do nothing`,
      [incident, operator],
    )
    const isNew = added.rowCount === 1
    const about = { operator, subjectKind: 'incident', subject: String(incident) } as const
    const detail = note === undefined ? {} : { detail: { text: note } }
    if (isNew) await writeAction(client, { ...about, kind: 'acknowledge', ...detail })
    else if (note !== undefined) await writeAction(client, { ...about, kind: 'note', ...detail })
    await reportIncidentChange(client, incident)
    const { rows } = await client.query<Acknowledgement>(
      'select operator, at from reprise.acknowledgements where incident = $1',
      [incident],
    )
    const [row] = rows
    if (!row) throw new Error(`The acknowledgement of incident ${incident} was removed meanwhile.`)
    if (isNew) {
      await withdrawRepeats(client, incident)
      await writeAcknowledged(client, incident, row)
    }
    return { ...row, isNew }
  })
}

/** Returns whether it was acknowledged. Throws an `ActionRefusal` for an incident that does not exist. */
export async function unacknowledge(pool: pg.Pool, incident: number, operator: string): Promise<boolean> {
  return inTransaction(pool, async client => {
    await lockIncident(client, incident)
    const { rowCount } = await client.query('delete from reprise.acknowledgements where incident = $1', [incident])
    if (rowCount === 0) return false
    await writeAction(client, { operator, kind: 'unacknowledge', subjectKind: 'incident', subject: String(incident) })
    await reportIncidentChange(client, incident)
    return true
  })
}

/** Also for a closed incident. Throws an `ActionRefusal` for one that does not exist. */
export async function writeNote(pool: pg.Pool, incident: number, operator: string, text: string): Promise<void> {
  await inTransaction(pool, async client => {
    await lockIncident(client, incident)
    const about = { subjectKind: 'incident', subject: String(incident) } as const
    await writeAction(client, { ...about, operator, kind: 'note', detail: { text } })
    await reportIncidentChange(client, incident)
  })
}

/** Of these incidents, by number. */
export async function readAcknowledgements(
  pool: pg.Pool,
  incidents: readonly number[],
): Promise<ReadonlyMap<number, Acknowledgement>> {
  const { rows } = await pool.query<Acknowledgement & { incident: number }>(
    'select incident, operator, at from reprise.acknowledgements where incident = any($1)',
    [incidents],
  )
  return new Map(rows.map(({ incident, ...acknowledgement }) => [incident, acknowledgement]))
}

export async function isAcknowledged(client: pg.ClientBase, incident: number): Promise<boolean> {
  const { rowCount } = await client.query('select from reprise.acknowledgements where incident = $1', [incident])
  return rowCount === 1
}

/**
 * Returns whether nothing is sent about a check that joins an incident: it was acknowledged, and had a check of the same or a
 * higher severity already.
 */
export async function isKnownToOperators(
  client: pg.ClientBase,
  incident: number,
  check: string,
  severity: 'critical' | 'warning' = 'critical',
): Promise<boolean> {
  const { rows } = await client.query<{ wasCritical: boolean }>(
    `select exists (
              select from reprise.incident_checks member join reprise.checks on checks.name = member.check_name
               where member.incident = acknowledged.incident and member.check_name <> $2
                 and coalesce(rules ->> 'severity', 'critical') = 'critical'
                 and (member.closed_at is not null or exists (
                       select from reprise.open_alerts alerted
                        where (alerted.incident, alerted.check_name) = (member.incident, member.check_name))))
              as "wasCritical"
       from reprise.acknowledgements acknowledged where incident = $1`,
    [incident, check],
  )
  const [acknowledged] = rows
  return acknowledged !== undefined && (severity !== 'critical' || acknowledged.wasCritical)
}

async function lockIncident(client: pg.PoolClient, incident: number): Promise<{ isOpen: boolean }> {
  const { rows } = await client.query<{ isOpen: boolean }>(
    'select closed_at is null as "isOpen" from reprise.incidents where id = $1 for no key update',
    [incident],
  )
  const [row] = rows
  if (!row) throw new ActionRefusal('unknown', `There is no incident ${incident}.`)
  return row
}
