/** Mutes of checks and channels: until a time, no alert of a failure is created for them. */
import type pg from 'pg'
import { ActionRefusal } from './action-refusal.ts'
import { type MuteSubject, refuseUnknownSubject } from './action-subjects.ts'
import { writeAction } from './actions.ts'
import { reportChange } from './changes.ts'
import { inTransaction } from './transaction.ts'

export interface Mute extends MuteSubject {
  until: Date
  operator: string
  at: Date
}

/** A time, or a time from now by the database's clock. */
export type Until = { until: Date } | { forMs: number }

const longestMs = 366 * 86_400_000

/**
 * Returns when it ends, and whether that was not so before. Throws an `ActionRefusal` for an unknown name, and for a time
 * that is past or too far ahead.
 */
export async function mute(
  pool: pg.Pool,
  subject: MuteSubject,
  until: Until,
  operator: string,
): Promise<{ until: Date; isNew: boolean }> {
  return inTransaction(pool, async client => {
    await refuseUnknownSubject(client, subject)
    const now = await clock(client)
    const end = timeOf(until, now)
    if (end <= now) throw new ActionRefusal('invalid', `A mute cannot end in the past: ${end.toISOString()}.`)
    if (end.getTime() > now.getTime() + longestMs)
      throw new ActionRefusal('invalid', 'A mute cannot be longer than a year.')
    const { rowCount } = await client.query(
      `insert into reprise.mutes as known (subject_kind, subject, until, operator, at) values ($1, $2, $3, $4, $5)
       on conflict (subject_kind, subject) do update
          set until = excluded.until, operator = excluded.operator, at = excluded.at
        where known.until <> excluded.until`,
      [subject.kind, subject.name, end, operator, now],
    )
    const isNew = rowCount === 1
    if (isNew) await note(client, subject, { operator, kind: 'mute', detail: { until: end.toISOString() } })
    return { until: end, isNew }
  })
}

/** Returns whether it was muted. Throws an `ActionRefusal` for an unknown name. */
export async function unmute(pool: pg.Pool, subject: MuteSubject, operator: string): Promise<boolean> {
  return inTransaction(pool, async client => {
    const { rows } = await client.query<{ wasMuted: boolean }>(
      `delete from reprise.mutes where subject_kind = $1 and subject = $2 returning until > clock_timestamp() as "wasMuted"`,
      [subject.kind, subject.name],
    )
    const wasMuted = rows[0]?.wasMuted ?? false
    if (rows.length === 0) await refuseUnknownSubject(client, subject)
    if (wasMuted) await note(client, subject, { operator, kind: 'unmute' })
    return wasMuted
  })
}

/** Those that last, by kind and name. */
export async function readMutes(pool: pg.Pool): Promise<Mute[]> {
  const { rows } = await pool.query<Mute>(
    `select subject_kind as kind, subject as name, until, operator, at from reprise.mutes
      where until > clock_timestamp() order by subject_kind, subject`,
  )
  return rows
}

/** The time that is meant. */
export function timeOf(until: Until, from: Date): Date {
  return 'until' in until ? until.until : new Date(from.getTime() + until.forMs)
}

export async function clock(client: pg.ClientBase): Promise<Date> {
  const { rows } = await client.query<{ now: Date }>('select clock_timestamp() as now')
  return rows[0]?.now ?? new Date()
}

async function note(
  client: pg.PoolClient,
  { kind, name }: MuteSubject,
  action: { operator: string; kind: 'mute' | 'unmute'; detail?: { until: string } },
) {
  await writeAction(client, { ...action, subjectKind: kind, subject: name })
  await reportChange(client, kind === 'check' ? { checks: [name], incidents: [] } : 'anything')
}
