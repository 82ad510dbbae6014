/** Adds what operators have arranged to the configured maintenance: their windows, and mutes. */
import type pg from 'pg'
import type { IsInMaintenance } from './check-rules.ts'
import { isInWindow, readWindows } from './maintenance-windows.ts'

/** Who is not notified at a time. */
export interface Quiet {
  mutedChannels: ReadonlySet<string>
  /** A check is in maintenance, or muted. */
  isQuiet(check: string): boolean
}

export const noQuiet: Quiet = { mutedChannels: new Set(), isQuiet: () => false }

/**
 * Reads them for all checks and channels, for what is not about the state of a check.
 * @param configured Maintenance by the configuration of this instance.
 */
export async function readQuiet(client: pg.PoolClient, configured: IsInMaintenance, at: Date): Promise<Quiet> {
  const { rows } = await client.query<{ kind: string; name: string }>(
    'select subject_kind as kind, subject as name from reprise.mutes where until > clock_timestamp()',
  )
  const muted = (wanted: string) => new Set(rows.filter(({ kind }) => kind === wanted).map(({ name }) => name))
  const [checks, windows] = [muted('check'), await readWindows(client, at)]
  return {
    mutedChannels: muted('channel'),
    isQuiet: check => checks.has(check) || configured(check, at) || isInWindow(windows, check, at),
  }
}

/** Reads the names of the channels that are muted now. */
export async function readMutedChannels(client: pg.ClientBase): Promise<ReadonlySet<string>> {
  const { rows } = await client.query<{ name: string }>(
    `select subject as name from reprise.mutes where subject_kind = 'channel' and until > clock_timestamp()`,
  )
  return new Set(rows.map(({ name }) => name))
}

/**
 * Reads them for one check, in the transaction that judges it, so that all instances judge alike.
 * @param configured Maintenance by the configuration of this instance.
 * @param since Windows that ended before are not needed.
 */
export async function withOperatorQuiet(
  client: pg.PoolClient,
  name: string,
  configured: IsInMaintenance,
  since: Date,
): Promise<IsInMaintenance> {
  const { rows } = await client.query<{ isMuted: boolean; channels: string[] }>(
    `select coalesce(bool_or(subject_kind = 'check'), false) as "isMuted",
            coalesce(array_agg(subject) filter (where subject_kind = 'channel'), '{}') as channels
       from reprise.mutes
      where until > clock_timestamp() and (subject_kind = 'channel' or subject = $1)`,
    [name],
  )
  const { isMuted = false, channels = [] } = rows[0] ?? {}
  const windows = await readWindows(client, since)
  return Object.assign((check: string, at: Date) => configured(check, at) || isInWindow(windows, check, at), {
    isMuted: isMuted || configured.isMuted === true,
    mutedChannels: new Set(channels),
  })
}
