/** Notifies channels of matters other than the state of a check: when they begin, when they end, or once. */
import type pg from 'pg'
import type { Batch } from './batch.ts'
import { lockIncidents } from './incidents.ts'
import { type NoticeSubject, type Severity, type SubjectMessage, streamOf } from './messages.ts'
import { readMutedChannels } from './quiet.ts'
import { type About, recipientsOf } from './recipients.ts'
import { writeMessage } from './write-message.ts'

/** A matter; times are ISO strings. */
export interface Matter extends NoticeSubject, Omit<About, 'kind' | 'checks'> {
  kind: SubjectMessage['kind']
  /** When it was found. */
  at: string
}

/** Where to look for the cause of a matter. */
export type MatterEvidence = Omit<NoticeSubject, 'name' | 'text' | 'since' | 'checks' | 'removed'>

export interface Notification {
  /** Also the channels that know of it. */
  again?: boolean
  /** These channels are not notified now. */
  except?: ReadonlySet<string>
  /** These checks add no channels now: they are in maintenance, or muted. */
  isQuiet?: ((check: string) => boolean) | undefined
  /** Read once, if a channel is notified. */
  evidence?: (() => Promise<MatterEvidence>) | undefined
  /** What is found together with it. */
  batch?: Batch | undefined
}

const none: ReadonlySet<string> = new Set()

/**
 * Notifies the channels that do not know of it yet, with `again` all; a channel that was left out then is notified by the next
 * call without. In the transaction of the change; takes the lock of incidents. Idempotent until `endMatter`, but for `again`.
 * Returns how many channels it has notified.
 */
export async function beginMatter(
  client: pg.PoolClient,
  matter: Matter,
  { again = false, except = none, isQuiet, evidence, batch }: Notification = {},
): Promise<number> {
  await lockIncidents(client)
  const stream = streamOf(matter)
  const { name, severity } = matter
  const recipients = await recipientsOf(client, matter, isQuiet)
  let message: SubjectMessage | undefined
  const notified: string[] = []
  for (const channel of recipients) {
    if (except.has(channel)) continue
    const { rowCount } = await client.query(
      `insert into reprise.open_notices as known (stream, subject, channel, since, severity) values ($1, $2, $3, $4, $5)
       on conflict (stream, subject, channel) do update set severity = excluded.severity, outdated = false
        where known.outdated or $6`,
      [stream, name, channel, matter.since, severity, again],
    )
    if (rowCount !== 1) continue
    message ??= messageOf({ ...matter, ...(await evidence?.()) }, 'began')
    await writeMessage(client, channel, message, batch)
    notified.push(channel)
  }
  if (again)
    await client.query(
      'update reprise.open_notices set outdated = true where stream = $1 and subject = $2 and channel <> all($3)',
      [stream, name, notified],
    )
  return notified.length
}

/** Notifies the channels that know of it, and no others. Its end is as urgent as its beginning was to the channel. */
export async function endMatter(
  client: pg.PoolClient,
  matter: Omit<Matter, 'since' | 'severity'>,
  batch?: Batch,
): Promise<void> {
  await lockIncidents(client)
  const { rows } = await client.query<{ channel: string; since: string; severity: Severity | null }>(
    `delete from reprise.open_notices where stream = $1 and subject = $2
     returning channel, to_jsonb(since) #>> '{}' as since, severity`,
    [streamOf(matter), matter.name],
  )
  const checks = matter.checks ?? (rows.length > 0 ? await readChecks(client, matter) : undefined)
  for (const { channel, since, severity } of rows) {
    const ended = messageOf({ ...matter, ...(checks && { checks }), since, severity: severity ?? 'warning' }, 'ended')
    await writeMessage(client, channel, ended, batch)
  }
}

/** Those of its beginning, so that quiet hours hold its end as they held that. */
async function readChecks(
  client: pg.PoolClient,
  matter: Pick<Matter, 'kind' | 'environment' | 'name'>,
): Promise<string[] | undefined> {
  const { rows } = await client.query<{ checks: string[] }>(
    `select shown -> 'checks' as checks from reprise.outbox, jsonb_array_elements(message -> 'subjects') shown
      where stream = $1 and message ->> 'phase' = 'began' and shown ->> 'name' = $2 and shown ? 'checks'
      order by id desc limit 1`,
    [streamOf(matter), matter.name],
  )
  return rows[0]?.checks
}

/**
 * Notifies its channels of something that does not last, apart from those that are muted: they are not notified later either.
 * The caller sees to it that it does so once.
 */
export async function reportMatter(
  client: pg.PoolClient,
  matter: Matter,
  except: ReadonlySet<string> = new Set(),
): Promise<void> {
  await lockIncidents(client)
  const muted = await readMutedChannels(client)
  for (const channel of await recipientsOf(client, matter)) {
    if (except.has(channel) || muted.has(channel)) continue
    await writeMessage(client, channel, messageOf(matter, 'happened'), undefined)
  }
}

function messageOf(matter: Matter, phase: SubjectMessage['phase']): SubjectMessage {
  const { kind, severity, environment, at, ...subject } = matter
  return {
    ...{ kind, phase, severity, ...(environment !== undefined && { environment }), at },
    subjects: [subject],
  }
}
