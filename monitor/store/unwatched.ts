/** Counts the slots of a check that were closed without a replay in the rollups, each once. */
import type pg from 'pg'
import type { IsInMaintenance } from './check-rules.ts'

const closedAfterMs = 3 * 86_400_000

/**
 * From when on slots may not be counted yet. Slots are closed at most two days late, or, if they were not started, when the next
 * one of the check comes due: until then nothing later is judged, apart from other locations and requested replays. The limit
 * keeps queries from planning for the partitions of all days.
 */
export function uncountedSince({ now, judgedUntil }: { now: Date; judgedUntil: Date | null }): Date {
  return new Date(Math.min(now.getTime(), judgedUntil?.getTime() ?? 0) - closedAfterMs)
}

/**
 * The caller has locked the check. Slots in maintenance count as that. Those of a check that is not configured any more,
 * and those that were closed because the database's clock was set back, do not count: they are marked when they are closed.
 */
export async function countUnwatched(
  client: pg.PoolClient,
  { name: check, ...times }: { name: string; now: Date; judgedUntil: Date | null },
  isInMaintenance: IsInMaintenance,
): Promise<void> {
  const { rows } = await client.query<{ due: Date; location: string; state: 'missed' | 'skipped' }>(
    `update reprise.slots set counted = true
      where check_name = $1 and state in ('missed', 'skipped') and not counted and due >= $2
     returning due, location, state`,
    [check, uncountedSince(times)],
  )
  if (rows.length === 0) return
  const columns = [
    rows.map(({ due }) => due),
    rows.map(({ location }) => location),
    rows.map(({ due, state }) => (isInMaintenance(check, due) ? 'maintenance' : state)),
  ]
  await client.query(
    `insert into reprise.rollups as known (check_name, location, period, start, missed, skipped, maintenance)
     select $1, location, period, date_trunc(period, due, 'UTC'), count(*) filter (where kind = 'missed'),
            count(*) filter (where kind = 'skipped'), count(*) filter (where kind = 'maintenance')
       from unnest($2::timestamptz[], $3::text[], $4::text[]) slot (due, location, kind)
      cross join unnest(array['day', 'hour']) period
      group by location, period, date_trunc(period, due, 'UTC')
     on conflict (check_name, period, start, location) do update
        set missed = known.missed + excluded.missed, skipped = known.skipped + excluded.skipped,
            maintenance = known.maintenance + excluded.maintenance`,
    [check, ...columns],
  )
}
