/** Steps that tests of heartbeats share. */
import type pg from 'pg'
import type { Heartbeat } from '../config/configuration.ts'
import { heartbeatRules } from '../service/compiled-heartbeats.ts'
import { databaseTime } from '../store/check-locations.ts'
import { setChecks } from '../store/checks.ts'
import { openDays } from '../store/days.ts'
import type { HeartbeatRules } from '../store/heartbeat-expectation.ts'
import { type ActiveHeartbeat, setHeartbeats } from '../store/heartbeats.ts'
import type { AlertMessage } from '../store/messages.ts'

/** Watches these heartbeats from now on, by period, and no others; returns them. */
export async function heartbeatsOf(
  pool: pg.Pool,
  heartbeats: Readonly<Record<string, HeartbeatRules & { dependsOn?: string[] }>>,
): Promise<ActiveHeartbeat[]> {
  const now = await databaseTime(pool)
  const all = Object.entries(heartbeats).map(([name, rules]): Heartbeat => {
    const about = { environment: 'production', timezone: 'UTC', channels: ['oncall'], severity: 'critical' } as const
    return { name, ...about, dependsOn: [], tags: [], ...rules, token: 'any' }
  })
  await setChecks(
    pool,
    all.map(heartbeat => heartbeatRules(heartbeat, heartbeat.dependsOn)),
    now,
  )
  const active = all.map(({ name, everyMs, graceMs, maxRunMs }) => ({
    ...{ name, graceMs, schedule: `every ${everyMs} ms`, nextDue: () => undefined },
    ...(everyMs !== undefined && { everyMs }),
    ...(maxRunMs !== undefined && { maxRunMs }),
  }))
  await setHeartbeats(pool, active, now)
  return active
}

/**
 * Moves all times of heartbeats to the past, as if the time had passed; with a negative number as if the clock had been set
 * back.
 * @param listening A monitor has listened meanwhile.
 */
export async function passTime(pool: pg.Pool, seconds: number, { listening = false } = {}): Promise<void> {
  const moved = new Date(Date.now() - seconds * 1000)
  await openDays(pool, new Date(Math.min(Date.now(), moved.getTime()) - 86_400_000), moved)
  const by = `$1 * interval '1 s'`
  for (const change of [
    `heartbeats set expected = expected - ${by}, reported_at = reported_at - ${by}, blind_until = blind_until - ${by}`,
    `heartbeat_runs set began_at = began_at - ${by}, ends_by = ends_by - ${by}`,
    `checks set judged_until = judged_until - ${by},
            last_replay = last_replay || jsonb_build_object('due', (last_replay ->> 'due')::timestamptz - ${by})`,
    `slots set due = due - ${by}`,
    `replays set due = due - ${by}, started_at = started_at - ${by}, ended_at = ended_at - ${by}`,
    ...(listening ? [] : [`heartbeat_watch set listened_until = listened_until - ${by}`]),
  ])
    await pool.query(`update reprise.${change}`, [seconds])
}

export async function stateOf(pool: pg.Pool, name: string): Promise<string | undefined> {
  const { rows } = await pool.query<{ state: string }>('select state from reprise.checks where name = $1', [name])
  return rows[0]?.state
}

/** Messages with news of a check, in their order. */
export async function messagesAbout(pool: pg.Pool, name: string): Promise<AlertMessage[]> {
  const { rows } = await pool.query<{ message: AlertMessage }>('select message from reprise.outbox order by id')
  return rows
    .map(({ message }) => message)
    .filter(message => 'checks' in message && message.checks.some(check => check.name === name && check.news))
}
