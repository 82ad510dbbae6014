/** Pauses of channels, for which their receivers have asked. */
import type pg from 'pg'
import { isAheadOfClock } from './clock-skew.ts'

/** A longer pause is not granted: alerts would wait too long for the mistake of a receiver. */
export const longestPauseMs = 3_600_000

/** SQL condition on a row of `channel_pauses`. One that was set in the future is older than the database's clock. */
const isInForce = `until > clock_timestamp() and not ${isAheadOfClock('set_at')}`

/** SQL condition: no pause of a channel is in force. */
export const isNotPaused = (channel: string) =>
  `not exists (select from reprise.channel_pauses where channel = ${channel} and ${isInForce})`

/** SQL: the end of a channel's pause; null if none is in force. */
export const pauseEnd = (channel: string) =>
  `(select until from reprise.channel_pauses where channel = ${channel} and ${isInForce})`

/** Pauses a channel from now, for an hour at most. The answer that came last counts. */
export async function pauseChannel(pool: pg.Pool, channel: string, forMs: number, reason: string): Promise<void> {
  await pool.query(
    `insert into reprise.channel_pauses as known (channel, set_at, until, reason)
     select $1, now, now + $2 * interval '1 ms', $3 from clock_timestamp() now
     on conflict (channel) do update set (set_at, until, reason) = (excluded.set_at, excluded.until, excluded.reason)`,
    [channel, Math.min(forMs, longestPauseMs), reason],
  )
}

/** Ends a channel's pause. */
export async function endPause(client: pg.ClientBase, channel: string): Promise<void> {
  await client.query('delete from reprise.channel_pauses where channel = $1', [channel])
}

export interface ChannelPause {
  channel: string
  until: Date
  /** Public summary of the receiver's answer. */
  reason: string
}

/** Reads the pauses that are in force, by channel. */
export async function readPauses(pool: pg.Pool): Promise<ChannelPause[]> {
  const { rows } = await pool.query<ChannelPause>(
    `select channel, until, reason from reprise.channel_pauses where ${isInForce} order by channel`,
  )
  return rows
}
