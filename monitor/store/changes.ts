/** Changes of what the pages show, which each instance reports to all of them by NOTIFY. */
import type pg from 'pg'
import { z } from 'zod'

/** `anything`: more than a few checks and incidents may be shown differently. */
export type Change = 'anything' | ChangedSubjects

export interface ChangedSubjects {
  /** Names; at least one. */
  checks: readonly string[]
  /** Numbers of incidents that have changed themselves; each of these checks is in them. */
  incidents: readonly number[]
}

/** A page may show something else when this transaction is committed. */
export async function reportChange(client: pg.Pool | pg.ClientBase, change: Change): Promise<void> {
  await client.query(`select pg_notify('reprise', $1)`, [payloadOf(change)])
}

/** An operator has changed something of an incident, which its pages show, as do those of its checks. */
export async function reportIncidentChange(client: pg.ClientBase, incident: number): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    'select check_name as name from reprise.incident_checks where incident = $1 order by check_name',
    [incident],
  )
  await reportChange(client, { checks: rows.map(({ name }) => name), incidents: [incident] })
}

/** Reads the payload of a notification; undefined if it does not report a change. */
export function changeIn(payload: string): Change | undefined {
  const [, text] = /^changes( .*)?$/s.exec(payload) ?? [undefined, null]
  if (text === null) return undefined
  try {
    return subjects.parse(JSON.parse(text ?? ''))
  } catch {
    return 'anything'
  }
}

const subjects = z.object({ checks: z.array(z.string()).min(1), incidents: z.array(z.int()) })

/** In bytes: Postgres refuses a payload of 8000. */
const longestPayload = 7999

function payloadOf(change: Change): string {
  if (change === 'anything' || change.checks.length === 0) return 'changes'
  const payload = `changes ${JSON.stringify(change)}`
  return Buffer.byteLength(payload) > longestPayload ? 'changes' : payload
}
