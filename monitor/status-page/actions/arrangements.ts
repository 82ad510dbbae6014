/** Reads what operators have arranged, and what they can arrange. */
import type pg from 'pg'
import { type MaintenanceWindow, readWindows } from '../../store/maintenance-windows.ts'
import { type Mute, readMutes } from '../../store/mutes.ts'

export interface Arrangements {
  at: Date
  mutes: readonly Mute[]
  /** Open or to come. */
  windows: readonly MaintenanceWindow[]
  /** Names of the active checks, and of the configured channels. */
  checks: readonly string[]
  channels: readonly string[]
}

export async function readArrangements(pool: pg.Pool): Promise<Arrangements> {
  const { rows } = await pool.query<{ at: Date; checks: string[]; channels: string[] }>(
    `select clock_timestamp() as at,
            array(select name from reprise.checks where active order by name) as checks,
            array(select name from reprise.channels order by name) as channels`,
  )
  const { at, checks, channels } = rows[0] ?? { at: new Date(), checks: [], channels: [] }
  const [mutes, windows] = await Promise.all([readMutes(pool), readWindows(pool, at)])
  return { at, mutes, windows, checks, channels }
}
