/** Reads what a digest summarizes. */
import type pg from 'pg'
import { type LeakCount, readLeakCounts } from './leaks.ts'
import type { Uptime } from './uptime.ts'

export interface DigestFigures {
  /** Of the active checks that had slots, by environment and name. */
  checks: CheckUptime[]
  /** Those that were open at any time of the span, the longest first. */
  incidents: DigestIncident[]
  flaky: FlakyCount[]
  /** What may be left now. */
  leaks: LeakCount[]
  /** Those that channels were alerted of, and that were not renewed since. */
  certificates: { name: string; text: string | null }[]
}

export interface CheckUptime extends Uptime {
  name: string
  environment: string
}

interface DigestIncident {
  id: number
  isOpen: boolean
  /** Until the end of the span at most. */
  durationMs: number
  checks: string[]
}

/** A spec that passed only on a retry. */
interface FlakyCount {
  check: string
  title: string
  times: number
}

/** @param from Counts by the hour (UTC): from the beginning of its hour. */
export async function readDigestFigures(pool: pg.Pool, from: Date, to: Date): Promise<DigestFigures> {
  const [checks, incidents, flaky, leaks, certificates] = await Promise.all([
    readCheckUptimes(pool, from, to),
    readIncidents(pool, from, to),
    readFlaky(pool, from, to),
    readLeakCounts(pool),
    readCertificates(pool),
  ])
  return { checks, incidents, flaky, leaks, certificates }
}

async function readCheckUptimes(pool: pg.Pool, from: Date, to: Date): Promise<CheckUptime[]> {
  const { rows } = await pool.query<CheckUptime>(
    `select name, checks.environment, sum(passed + flaky + slow)::float as up, sum(failed)::float as down,
            sum(error + unknown + missed + skipped)::float as unwatched
       from reprise.rollups join reprise.checks on name = check_name
      where active and period = 'hour' and start >= date_trunc('hour', $1::timestamptz, 'UTC') and start < $2
      group by 1, 2 having sum(passed + flaky + slow + failed + error + unknown + missed + skipped) > 0
      order by 2, 1`,
    [from, to],
  )
  return rows
}

async function readIncidents(pool: pg.Pool, from: Date, to: Date): Promise<DigestIncident[]> {
  const { rows } = await pool.query<DigestIncident>(
    `select id, closed_at is null or closed_at > $2 as "isOpen",
            (extract(epoch from least(closed_at, $2) - opened_at) * 1000)::float as "durationMs",
            array(select check_name from reprise.incident_checks where incident = id order by opened_at, check_name) as checks
       from reprise.incidents where opened_at < $2 and (closed_at is null or closed_at > $1)
      order by 3 desc, id`,
    [from, to],
  )
  return rows
}

/** Of the newest replays; the others say the same. */
async function readFlaky(pool: pg.Pool, from: Date, to: Date): Promise<FlakyCount[]> {
  const { rows } = await pool.query<FlakyCount>(
    `with recent as materialized (
       select check_name, detail from reprise.replays
        where outcome = 'flaky' and due > $1 and due <= $2 order by due desc limit 1000
     )
     select check_name as check, left(coalesce(spec ->> 'title', ''), 500) as title, count(*)::int as times
       from recent, jsonb_path_query(detail, '$.specs[*]') spec where spec ->> 'outcome' = 'flaky'
      group by 1, 2 order by times desc, 1, 2`,
    [from, to],
  )
  return rows
}

async function readCertificates(pool: pg.Pool): Promise<DigestFigures['certificates']> {
  const { rows } = await pool.query<DigestFigures['certificates'][number]>(
    `select distinct on (stream, subject) subject as name,
            (select shown ->> 'text'
               from reprise.outbox cross join jsonb_array_elements(message -> 'subjects') shown
              where outbox.stream = notice.stream and shown ->> 'name' = subject order by id desc limit 1) as text
       from reprise.open_notices notice where stream like 'certificate %' order by stream, subject`,
  )
  return rows
}
