/** Maintenance windows that operators have opened, beside those of the configuration. */
import type pg from 'pg'
import { ActionRefusal } from './action-refusal.ts'
import { refuseUnknownChecks } from './action-subjects.ts'
import { writeAction } from './actions.ts'
import { reportChange } from './changes.ts'
import { clock, timeOf, type Until } from './mutes.ts'
import { inTransaction } from './transaction.ts'

/** From its begin to before its end. */
export interface MaintenanceWindow {
  id: number
  begin: Date
  end: Date
  /** Names of checks; absent: all checks. */
  checks?: readonly string[]
  reason?: string
  operator: string
}

export interface NewWindow {
  /** Absent: now. */
  from?: Date | undefined
  /** `forMs`: from its begin. */
  until: Until
  checks?: readonly string[] | undefined
  reason?: string | undefined
}

const longestMs = 92 * 86_400_000
const furthestMs = 366 * 86_400_000

/** A form is filled in, and a clock differs. */
const toleranceMs = 120_000

/**
 * Throws an `ActionRefusal` for unknown checks, and for times that cannot be: replays of the past are counted already, so
 * that a window begins now at the earliest.
 */
export async function openWindow(
  pool: pg.Pool,
  { from, until, checks, reason }: NewWindow,
  operator: string,
): Promise<MaintenanceWindow> {
  return inTransaction(pool, async client => {
    await refuseUnknownChecks(client, checks ?? [])
    const now = await clock(client)
    const begin = from !== undefined && from > now ? from : now
    const end = timeOf(until, begin)
    if (from !== undefined && from.getTime() < now.getTime() - toleranceMs)
      throw new ActionRefusal('invalid', 'A window cannot begin in the past: those replays are counted already.')
    if (end <= begin) throw new ActionRefusal('invalid', 'A window must end after it begins, and in the future.')
    if (end.getTime() - begin.getTime() > longestMs)
      throw new ActionRefusal('invalid', 'A window cannot be longer than 92 days.')
    if (begin.getTime() > now.getTime() + furthestMs)
      throw new ActionRefusal('invalid', 'A window cannot begin later than in a year.')
    const listed = checks && checks.length > 0 ? [...new Set(checks)].sort() : undefined
    const { rows } = await client.query<{ id: number }>(
      `insert into reprise.maintenance_windows (begins_at, ends_at, checks, reason, operator)
       values ($1, $2, $3, $4, $5) returning id`,
      [begin, end, listed ?? null, reason ?? null, operator],
    )
    const id = rows[0]?.id ?? 0
    const optional = { ...(listed && { checks: listed }) }
    const detail = {
      begin: begin.toISOString(),
      end: end.toISOString(),
      ...optional,
      ...(reason !== undefined && { text: reason }),
    }
    await writeAction(client, { operator, kind: 'maintain', subjectKind: 'window', subject: String(id), detail })
    await reportChange(client, listed ? { checks: listed, incidents: [] } : 'anything')
    return { id, begin, end, ...optional, ...(reason !== undefined && { reason }), operator }
  })
}

/**
 * Ends a window now, or cancels one that has not begun. Returns whether it had not ended. Throws an `ActionRefusal` for one
 * that does not exist.
 */
export async function endWindow(pool: pg.Pool, id: number, operator: string): Promise<boolean> {
  return inTransaction(pool, async client => {
    const { rowCount } = await client.query(
      `update reprise.maintenance_windows set ends_at = greatest(begins_at, clock_timestamp())
        where id = $1 and ends_at > clock_timestamp() and ends_at > begins_at`,
      [id],
    )
    if (rowCount === 1) {
      await writeAction(client, { operator, kind: 'end maintenance', subjectKind: 'window', subject: String(id) })
      await reportChange(client, 'anything')
      return true
    }
    const known = await client.query('select from reprise.maintenance_windows where id = $1', [id])
    if (known.rowCount === 0) throw new ActionRefusal('unknown', `There is no maintenance window ${id}.`)
    return false
  })
}

/** Reads the windows that end after a time, in the order of their begins; without those that were cancelled. */
export async function readWindows(client: pg.Pool | pg.ClientBase, after: Date): Promise<MaintenanceWindow[]> {
  const { rows } = await client.query<
    Omit<MaintenanceWindow, 'checks' | 'reason'> & { checks: string[] | null; reason: string | null }
  >(
    `select id, begins_at as begin, ends_at as end, checks, reason, operator from reprise.maintenance_windows
      where ends_at > $1 and ends_at > begins_at order by begins_at, id`,
    [after],
  )
  return rows.map(({ checks, reason, ...window }) => ({
    ...window,
    ...(checks && { checks }),
    ...(reason !== null && { reason }),
  }))
}

export function isInWindow(windows: readonly MaintenanceWindow[], check: string, at: Date): boolean {
  return windows.some(({ begin, end, checks }) => begin <= at && at < end && (checks?.includes(check) ?? true))
}
