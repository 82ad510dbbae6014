/** Chooses the channels of a message, by the rules in the database, so that all instances choose alike. */
import type pg from 'pg'
import type { AlertMessage, Severity } from './messages.ts'

/** What a message is about. */
export interface About {
  kind: AlertMessage['kind']
  severity: Severity
  /** A check, or an environment; both absent: the monitor itself. */
  check?: string
  environment?: string
}

/**
 * Lists the names of the channels, sorted: those of the check, of all active checks of the environment, or of all active
 * checks.
 */
export async function recipientsOf(client: pg.ClientBase, { check, environment }: About): Promise<string[]> {
  const { rows } = await client.query<{ channel: string }>(
    `select distinct channel from reprise.checks, jsonb_array_elements_text(rules -> 'channels') channel
      where active and ($1::text is null or name = $1) and ($2::text is null or environment = $2) order by channel`,
    [check, environment],
  )
  return rows.map(({ channel }) => channel)
}
