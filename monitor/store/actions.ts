/** The log of what operators have done; only appended to. */
import type pg from 'pg'
import { storableJson } from './storable.ts'

type ActionKind =
  | 'acknowledge'
  | 'unacknowledge'
  | 'note'
  | 'mute'
  | 'unmute'
  | 'run'
  | 'maintain'
  | 'end maintenance'
  | 'retry'
  | 'drop'

type SubjectKind = 'incident' | 'check' | 'channel' | 'window' | 'message'

/** Times are ISO strings. */
interface ActionDetail {
  /** A note, or the reason of a window. */
  text?: string
  /** When a mute ends. */
  until?: string
  begin?: string
  end?: string
  /** Checks of a window; absent: all. */
  checks?: readonly string[]
}

export interface NewAction {
  /** Who does it. */
  operator: string
  kind: ActionKind
  subjectKind: SubjectKind
  /** The name of a check or channel, or the number of an incident, window or message. */
  subject: string
  detail?: ActionDetail
}

export interface Action extends Required<NewAction> {
  id: number
  at: Date
}

const columns = 'id, at, operator, kind, subject_kind as "subjectKind", subject, detail'

/** In the transaction that has the effect. */
export async function writeAction(client: pg.PoolClient, action: NewAction): Promise<void> {
  const { operator, kind, subjectKind, subject, detail = {} } = action
  await client.query(
    `insert into reprise.actions (operator, kind, subject_kind, subject, detail) values ($1, $2, $3, $4, $5)`,
    [operator, kind, subjectKind, subject, storableJson(detail)],
  )
}

/** Reads the newest actions, newest first; `before`: those with a lower id. */
export async function readActions(pool: pg.Pool, most: number, before?: number): Promise<Action[]> {
  const { rows } = await pool.query<Action>(
    `select ${columns} from reprise.actions where id < coalesce($2, 2147483647) order by id desc limit $1`,
    [most, before],
  )
  return rows
}

/** Reads what was done about an incident, oldest first. */
export async function readIncidentActions(pool: pg.Pool, incident: number): Promise<Action[]> {
  const { rows } = await pool.query<Action>(
    `select ${columns} from reprise.actions where subject_kind = 'incident' and subject = $1 order by id`,
    [String(incident)],
  )
  return rows
}
