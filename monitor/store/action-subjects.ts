/** Finds what an action is about. */
import type pg from 'pg'
import { ActionRefusal } from './action-refusal.ts'

/** A check, or a configured channel. */
export interface MuteSubject {
  kind: 'check' | 'channel'
  name: string
}

/** Throws an `ActionRefusal` unless all are active checks. */
export async function refuseUnknownChecks(client: pg.ClientBase, checks: readonly string[]): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    'select name from unnest($1::text[]) name where not exists (select from reprise.checks where active and checks.name = name.name)',
    [checks],
  )
  const [unknown] = rows
  if (unknown) throw new ActionRefusal('unknown', `No check ${JSON.stringify(unknown.name)} is monitored.`)
}

/** Throws an `ActionRefusal` unless an active check, or a configured channel, has the name. */
export async function refuseUnknownSubject(client: pg.ClientBase, { kind, name }: MuteSubject): Promise<void> {
  if (kind === 'check') return refuseUnknownChecks(client, [name])
  const { rowCount } = await client.query('select from reprise.channels where name = $1', [name])
  if (rowCount === 0) throw new ActionRefusal('unknown', `No channel ${JSON.stringify(name)} is configured.`)
}
