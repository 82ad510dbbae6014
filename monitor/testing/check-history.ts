/** Fills the store with a check as it is after some days: an API that slows down at noon, with an outage and flaky specs. */
import type pg from 'pg'
import { noMaintenance } from '../store/check-rules.ts'
import { openDays } from '../store/days.ts'
import type { ReplayResult } from '../store/replay-result.ts'
import { recordResult } from '../store/replays.ts'
import { inTransaction } from '../store/transaction.ts'
import type { Outcome } from '../verdict/finding.ts'
import { ago, outcomeOf, startTogether } from './store-fixture.ts'

export interface FilledReplays {
  /** Back from now. */
  hours: number
  everyMinutes: number
}

/** Fills in replays that passed and their rollups, at the location `home`. Those that follow come after them. */
export async function fillReplays(pool: pg.Pool, check: string, { hours, everyMinutes }: FilledReplays): Promise<void> {
  await inTransaction(pool, client => openDays(client, ago((hours + 1) * 3600), ago(0)))
  const values = [check, hours, everyMinutes, JSON.stringify(detailOf('passed'))]
  await pool.query(
    `insert into reprise.replays (check_name, due, location, kind, id, run, started_at, ended_at, outcome, duration_ms, detail, phases, slowest_ms)
     select $1, due, 'home', 'cron', gen_random_uuid(), gen_random_uuid(), due, due, 'passed', ms, $4,
            array[4, 3 + number % 5, 12, 18, ms - 40, 2], ms / 2
       from generate_series(1, $2 * 60 / $3::int - 1) number,
            lateral (select date_trunc('second', now()) - number * $3 * interval '1 min' - interval '30 min' as due) slot,
            lateral (select 120 + 60 * abs(sin(extract(hour from due) / 24 * pi())) + (number * 7919) % 83
                            + case when number % 41 = 0 then 400 else 0 end as ms) measured
     on conflict do nothing`,
    values,
  )
  await pool.query(
    `insert into reprise.rollups (check_name, location, period, start, passed, durations)
     select $1, 'home', period, start, sum(count),
            (select array_agg(found.count order by bucket) from generate_series(1, max(counted.bucket)) bucket
               left join unnest(array_agg(counted.bucket), array_agg(counted.count)) found (number, count) on number = bucket)
       from (select period, date_trunc(period, due, 'UTC') as start,
                    1 + ceil(ln(duration_ms) / ln(1.05 / 0.95))::int as bucket, count(*)::int
               from reprise.replays, unnest(array['hour', 'day']) period where check_name = $1 group by 1, 2, 3) counted
      group by period, start
     on conflict do nothing`,
    [check],
  )
}

/** Records a replay with a detail, in a slot with a due time that many seconds ago. */
export async function recordDetailed(
  pool: pg.Pool,
  check: string,
  secondsAgo: number,
  outcome: Outcome,
  result: Partial<ReplayResult> = {},
): Promise<void> {
  for (const started of await startTogether(pool, [check], secondsAgo)) {
    const detailed = { ...outcomeOf(started, outcome), durationMs: 180, detail: detailOf(outcome), ...result }
    await recordResult(pool, detailed, noMaintenance)
  }
}

const url = 'https://api.example.com'
const phases = { dnsMs: 2, connectMs: 10, tlsMs: 14 }

/** Three specs, the second of which failed, or was flaky. */
function detailOf(outcome: Outcome) {
  const isBad = outcome === 'failed' || outcome === 'flaky'
  const create = {
    method: 'POST',
    url: `${url}/orders`,
    status: 201,
    ...phases,
    firstByteMs: 41,
    downloadMs: 1,
    totalMs: 68,
  }
  const read = { method: 'GET', url: `${url}/orders/81`, status: 200, firstByteMs: 22, downloadMs: 1, totalMs: 23 }
  const passed = { outcome: 'passed', durationMs: 96, requests: [create, read] }
  const failed = {
    outcome: 'failed',
    durationMs: 1204,
    error: {
      message: 'expect(response.status()).toBe(201)\n\nExpected: 201\nReceived: 500',
      file: 'e2e/orders.spec.ts',
      line: 21,
    },
    requests: [{ ...create, status: 500, firstByteMs: 1180, totalMs: 1204 }],
  }
  const spec = (title: string, line: number) => ({
    title,
    file: 'e2e/orders.spec.ts',
    line,
    outcome: 'passed',
    attempts: [passed],
  })
  return {
    run: '20260131T120000Z-1f2e3d4c5b6a',
    report: '.reprise/runs/20260131T120000Z-1f2e3d4c5b6a/index.html',
    specs: [
      spec('an order is listed', 8),
      {
        ...spec('an order is created', 17),
        ...(isBad && { outcome, attempts: [failed, outcome === 'flaky' ? passed : failed] }),
      },
      spec('an order is removed', 31),
    ],
  }
}

export interface FilledSlots {
  minutes: number
  /** Their first failure, in minutes from the beginning, and the number of their failures. */
  outages: readonly { at: number; failures: number }[]
}

/** Fills in judged slots, one a minute until now, and one 20 s after the first failure of an outage, to confirm it. */
export async function fillSlots(pool: pg.Pool, check: string, { minutes, outages }: FilledSlots): Promise<void> {
  await inTransaction(pool, client => openDays(client, ago(minutes * 60), ago(0)))
  const firsts = outages.map(({ at }) => at)
  await pool.query(
    `insert into reprise.slots (check_name, due, location, kind, environment, state, outcome, judged)
     select $1, start + number * interval '1 min' + case when kind = 'confirm' then interval '20 s' else interval '0' end,
            'home', kind, 'production', 'done', case when fails then 'failed' else 'passed' end, true
       from (select date_trunc('minute', now()) - $2::int * interval '1 min' as start) beginning,
            generate_series(0, $2::int - 1) number,
            lateral (select exists (select from unnest($3::int[], $4::int[]) outage (at, failures)
                                     where number >= at and number < at + greatest(1, failures - 1)) as fails) slot,
            lateral (select unnest(case when number = any ($3::int[]) then array['cron', 'confirm'] else array['cron'] end) as kind) kinds`,
    [check, minutes, firsts, outages.map(({ failures }) => failures)],
  )
}
