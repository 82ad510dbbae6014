/** Notifies channels of matters other than the state of a check: when they begin, when they end, or once. */
import type pg from 'pg'
import { lockIncidents } from './incidents.ts'
import { type NoticeSubject, type Severity, type SubjectMessage, streamOf } from './messages.ts'
import { type About, recipientsOf } from './recipients.ts'
import { writeMessage } from './write-message.ts'

/** A matter; times are ISO strings. */
export interface Matter extends NoticeSubject, Omit<About, 'kind'> {
  kind: SubjectMessage['kind']
  /** When it was found. */
  at: string
}

const none: ReadonlySet<string> = new Set()

/**
 * Notifies the channels that do not know of it yet, with `again` all. In the transaction of the change; takes the lock of
 * incidents. Idempotent until `endMatter`, but for `again`. Returns how many channels it has notified.
 * @param options.except These channels are not notified now.
 */
export async function beginMatter(
  client: pg.PoolClient,
  matter: Matter,
  { again = false, except = none }: { again?: boolean; except?: ReadonlySet<string> } = {},
): Promise<number> {
  await lockIncidents(client)
  const message = messageOf(matter, 'began')
  let notified = 0
  for (const channel of await recipientsOf(client, matter)) {
    if (except.has(channel)) continue
    const { rowCount } = await client.query(
      `insert into reprise.open_notices (stream, subject, channel, since, severity) values ($1, $2, $3, $4, $5)
       on conflict do nothing`,
      [streamOf(message), matter.name, channel, matter.since, matter.severity],
    )
    if (rowCount !== 1) {
      if (!again) continue
      await client.query(
        'update reprise.open_notices set severity = $4 where (stream, subject, channel) = ($1, $2, $3)',
        [streamOf(message), matter.name, channel, matter.severity],
      )
    }
    await writeMessage(client, channel, message, undefined)
    notified++
  }
  return notified
}

/** Notifies the channels that know of it, and no others. Its end is as urgent as its beginning was to the channel. */
export async function endMatter(client: pg.PoolClient, matter: Omit<Matter, 'since' | 'severity'>): Promise<void> {
  await lockIncidents(client)
  const { rows } = await client.query<{ channel: string; since: string; severity: Severity | null }>(
    `delete from reprise.open_notices where stream = $1 and subject = $2
     returning channel, to_jsonb(since) #>> '{}' as since, severity`,
    [streamOf(matter), matter.name],
  )
  for (const { channel, since, severity } of rows) {
    await writeMessage(
      client,
      channel,
      messageOf({ ...matter, since, severity: severity ?? 'warning' }, 'ended'),
      undefined,
    )
  }
}

/** Notifies all its channels of something that does not last; the caller sees to it that it does so once. */
export async function reportMatter(
  client: pg.PoolClient,
  matter: Matter,
  except: ReadonlySet<string> = new Set(),
): Promise<void> {
  await lockIncidents(client)
  for (const channel of await recipientsOf(client, matter)) {
    if (except.has(channel)) continue
    await writeMessage(client, channel, messageOf(matter, 'happened'), undefined)
  }
}

function messageOf(matter: Matter, phase: SubjectMessage['phase']): SubjectMessage {
  const { kind, severity, environment, at, name, text, since, runbook } = matter
  return {
    ...{ kind, phase, severity, ...(environment !== undefined && { environment }), at },
    subjects: [{ name, text, since, ...(runbook !== undefined && { runbook }) }],
  }
}
