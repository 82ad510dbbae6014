/** Compares matters that are found with those that channels know of, and notifies them of the difference. */
import type pg from 'pg'
import { type IsInMaintenance, noMaintenance } from './check-rules.ts'
import { lockIncidents } from './incidents.ts'
import type { SubjectMessage } from './messages.ts'
import { clock } from './mutes.ts'
import { beginMatter, endMatter, type Matter, type MatterEvidence } from './notices.ts'
import { noQuiet, readQuiet } from './quiet.ts'
import { inTransaction } from './transaction.ts'

/** What is the case; it was found now. */
export interface PresentMatter extends Omit<Matter, 'kind' | 'at'> {
  /** Read if a channel is notified. */
  evidence?: () => Promise<MatterEvidence>
  /** Channels that are not notified of it. */
  except?: readonly string[]
  /** It keeps a known matter from ending, and is no reason to report one. */
  isOnlyKept?: boolean
}

/** A matter of which a channel was notified. */
export interface KnownMatter extends Pick<PresentMatter, 'name' | 'environment'> {
  /** When it began, for the first channel. */
  since: Date
}

export interface MatterSource {
  kind: SubjectMessage['kind']
  /** Whether a matter of this kind, by its name, comes from this source. */
  owns(name: string): boolean
  find(client: pg.PoolClient, now: Date): Promise<PresentMatter[]>
  /** Returns the text of its end. */
  ended(client: pg.PoolClient, known: KnownMatter): Promise<string>
}

/**
 * Safe on several instances at once: each matter is reported once. Muted channels, and those of checks that are muted or in
 * maintenance, are notified afterwards, if it lasts.
 */
export async function reportPresentMatters(
  pool: pg.Pool,
  { kind, owns, find, ended }: MatterSource,
  isInMaintenance: IsInMaintenance = noMaintenance,
): Promise<void> {
  await inTransaction(pool, async client => {
    await lockIncidents(client)
    const now = await clock(client)
    const at = now.toISOString()
    const present = await find(client, now)
    const quiet = present.length > 0 ? await readQuiet(client, isInMaintenance, now) : noQuiet
    for (const { except = [], isOnlyKept = false, evidence, ...matter } of present) {
      if (isOnlyKept) continue
      const { mutedChannels, isQuiet } = quiet
      await beginMatter(
        client,
        { ...matter, kind, at },
        { except: new Set([...mutedChannels, ...except]), isQuiet, evidence },
      )
    }
    for (const known of await openMatters(client, kind)) {
      if (!owns(known.name) || present.some(matter => isSame(matter, known))) continue
      const { since: _, ...place } = known
      await endMatter(client, { ...place, kind, at, text: await ended(client, known) })
    }
  })
}

type Place = Pick<PresentMatter, 'name' | 'environment'>

const isSame = (one: Place, other: Place) => one.name === other.name && one.environment === other.environment

export async function openMatters(client: pg.PoolClient, kind: SubjectMessage['kind']): Promise<KnownMatter[]> {
  const { rows } = await client.query<{ name: string; environment: string; since: Date }>(
    `select subject as name, substr(stream, length($1) + 2) as environment, min(since) as since from reprise.open_notices
      where stream = $1 or starts_with(stream, $1 || ' ') group by 1, 2`,
    [kind],
  )
  return rows.map(({ environment, ...known }) => ({ ...known, ...(environment !== '' && { environment }) }))
}
