/** Notes up to when any monitor has listened to heartbeats, and finds the times in which none has. */
import type pg from 'pg'
import { maxAheadMs } from './clock-skew.ts'
import { firstExpected } from './heartbeat-expectation.ts'
import { type ActiveHeartbeat, readRuns } from './heartbeats.ts'
import { deadAfterMs } from './instances.ts'
import { inTransaction } from './transaction.ts'

/**
 * To be called several times within `deadAfterMs` while this instance listens. After a time without a call of any instance,
 * what is due in it cannot be judged.
 * @param hasBegun This process has just begun to listen, and no other one listened meanwhile.
 */
export async function noteListening(
  pool: pg.Pool,
  heartbeats: readonly ActiveHeartbeat[],
  hasBegun: boolean,
): Promise<void> {
  await inTransaction(pool, async client => {
    await client.query(
      'insert into reprise.heartbeat_watch (listened_until) values (clock_timestamp()) on conflict do nothing',
    )
    await client.query('select from reprise.heartbeat_watch for update')
    const { rows } = await client.query<{ now: Date; until: Date }>(
      'select clock_timestamp() as now, listened_until as until from reprise.heartbeat_watch',
    )
    const [{ now, until } = { now: new Date(), until: new Date() }] = rows
    const sinceMs = now.getTime() - until.getTime()
    if (sinceMs < -maxAheadMs) await resume(client, heartbeats, now)
    if (hasBegun || Math.abs(sinceMs) > deadAfterMs)
      await client.query(
        `update reprise.heartbeats set blind_until = $1 from reprise.checks
          where name = check_name and not (reported_at is null
            and coalesce(expected - (rules -> 'heartbeat' ->> 'everyMs')::float * interval '1 ms' > $2, false))`,
        [now, new Date(now.getTime() - newForMs)],
      )
    await client.query('update reprise.heartbeat_watch set listened_until = $1', [now])
  })
}

/** A heartbeat that was configured since, such as with this start, has had no report to lose. */
const newForMs = 60_000

/** Returns whether another instance had begun to listen before a time, and still does. One that is muted does not count. */
export async function haveOthersListened(pool: pg.Pool, own: string, since: Date): Promise<boolean> {
  const { rows } = await pool.query<{ listened: boolean }>(
    `select exists (select from reprise.instances where id <> $1 and not muted and alive_since <= $2 and heartbeat_at > $2) as listened`,
    [own, since],
  )
  return rows[0]?.listened ?? false
}

/** Returns whether an instance lives that is not muted. */
export async function areOthersListening(pool: pg.Pool): Promise<boolean> {
  const { rows } = await pool.query<{ listen: boolean }>(
    `select exists (select from reprise.instances
                     where not muted and heartbeat_at > clock_timestamp() - $1 * interval '1 ms') as listen`,
    [deadAfterMs],
  )
  return rows[0]?.listen ?? false
}

/** The database's clock was set back: times that were computed before are too far ahead. */
async function resume(client: pg.PoolClient, heartbeats: readonly ActiveHeartbeat[], now: Date): Promise<void> {
  for (const { name, nextDue, ...rules } of heartbeats) {
    await client.query('update reprise.heartbeats set expected = $2 where check_name = $1', [
      ...[name, firstExpected(rules, now, nextDue)],
    ])
    for (const { rid, began } of await readRuns(client, name)) {
      if (began <= now) continue
      await client.query(
        `update reprise.heartbeat_runs set began_at = $3::timestamptz, ends_by = $3::timestamptz + (ends_by - began_at)
          where check_name = $1 and rid = $2`,
        [name, rid, now],
      )
    }
  }
}
