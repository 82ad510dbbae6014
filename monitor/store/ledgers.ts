/** Ledgers in the database: the open intents of each run, and the process that holds them. */
import type pg from 'pg'
import type { Environment } from '../../environment/environment.ts'
import type { LedgerEntry, OpenIntent, Thing, UnruledRoute } from '../../environment/ledger/entry.ts'

/** The ledger of one run. */
export interface KeptLedger {
  run: string
  /** The environment's name and settings, with placeholders for secrets. */
  environment: string
  settings: Environment
}

/** Thrown when another process has taken the ledger over from its holder. */
export class LedgerTaken extends Error {}

/** How long a hold lasts, in milliseconds; to be renewed several times within it. */
export const heldForMs = 20_000

/** Opens the ledger of a run, held by `holder`, a UUID. Idempotent. */
export async function openLedger(pool: pg.Pool, ledger: KeptLedger, holder: string): Promise<void> {
  await pool.query({
    ...brief,
    text: `insert into reprise.ledgers (run, environment, settings, holder, held_until)
           values ($1, $2, $3, $4, ${holdEnd}) on conflict do nothing`,
    values: [ledger.run, ledger.environment, ledger.settings, holder],
  })
}

/** Takes a ledger whose hold has expired; returns false if it is still held. */
export async function takeLedger(pool: pg.Pool, run: string, holder: string): Promise<boolean> {
  const { rowCount } = await pool.query(
    `update reprise.ledgers set holder = $2, held_until = ${holdEnd} where run = $1 and held_until < clock_timestamp()`,
    [run, holder],
  )
  return rowCount === 1
}

/** Renews a hold, unless another process has taken the ledger. */
export async function holdLedger(pool: pg.Pool, run: string, holder: string): Promise<void> {
  await pool.query(`update reprise.ledgers set held_until = ${holdEnd} where run = $1 and holder = $2`, [run, holder])
}

/** Shortens holds that last longer than usual because the database's clock was set back. Live holders renew theirs. */
export async function shortenHolds(client: pg.ClientBase): Promise<void> {
  await client.query(`update reprise.ledgers set held_until = ${holdEnd} where held_until > ${holdEnd}`)
}

/** Releases a ledger: deletes it if it has no open intents, otherwise lets any process take it. */
export async function releaseLedger(pool: pg.Pool, run: string, holder: string): Promise<void> {
  const { rowCount } = await pool.query(
    `delete from reprise.ledgers
      where run = $1 and holder = $2 and not exists (select from reprise.intents where run = $1)`,
    [run, holder],
  )
  if (rowCount === 1) return
  await pool.query(`update reprise.ledgers set held_until = '-infinity' where run = $1 and holder = $2`, [run, holder])
}

/** Reads all ledgers, oldest run first, with how much longer each is held. */
export async function readLedgers(pool: pg.Pool): Promise<(KeptLedger & { heldForMs: number })[]> {
  const { rows } = await pool.query(
    `select run, environment, settings,
            greatest(0, extract(epoch from greatest(held_until, now() - interval '1 h') - clock_timestamp()) * 1000)::float
              as "heldForMs"
       from reprise.ledgers order by run`,
  )
  return rows
}

/** Reads the open intents of a run, in their order. */
export async function readIntents(pool: pg.Pool, run: string): Promise<OpenIntent[]> {
  const { rows } = await pool.query<{ intent: OpenIntent['intent']; created: string | null; reason: string | null }>(
    'select intent, created, reason from reprise.intents where run = $1 order by position',
    [run],
  )
  return rows.map(({ intent, created, reason }) => ({
    intent,
    ...(created !== null && { things: JSON.parse(created) as Thing[] }),
    ...(reason !== null && { reason }),
  }))
}

/**
 * Writes entries in order, all or none; ended intents leave no row. Idempotent. Throws the database's errors, and
 * `LedgerTaken` if `holder` does not hold the ledger any more.
 */
export async function writeEntries(
  pool: pg.Pool,
  run: string,
  holder: string,
  entries: readonly LedgerEntry[],
): Promise<void> {
  const { rows } = await pool.query<{ held: boolean }>({
    ...brief,
    text: writeSql,
    values: [run, holder, JSON.stringify(changesOf(entries))],
  })
  if (!rows[0]?.held)
    throw new LedgerTaken(`another process has taken over the ledger of run ${run}, because this one seemed dead`)
}

interface Change {
  id: string
  intent?: object
  created?: string
  reason?: string
  ended?: string
  count?: number
  unruled?: UnruledRoute
}

/** One change for each intent. */
function changesOf(entries: readonly LedgerEntry[]): Change[] {
  const changes = new Map<string, Change>()
  for (const entry of entries) {
    const id = entry.entry === 'intent' ? entry.intent.id : entry.id
    const change = changes.get(id) ?? { id }
    changes.set(id, change)
    if (entry.entry === 'intent') change.intent = entry.intent
    else if (entry.entry === 'created') change.created = JSON.stringify(entry.things)
    else if (entry.entry === 'unresolved') change.reason = entry.reason
    else {
      change.ended = entry.as
      change.count = entry.count ?? 1
      if (entry.unruled) change.unruled = entry.unruled
    }
  }
  // An intent that is already ended needs no row.
  return [...changes.values()].filter(({ intent, ended }) => !(intent && ended))
}

/** The number of things that a row or a change holds; null if none are known. */
const thingsIn = (of: string) => `jsonb_array_length(${of}.created::jsonb)`

// `held`: `for share` keeps other processes from taking the ledger between the check of its holder and the writes.
// `progressed`: an intent whose list of things becomes shorter has removed some of them.
// `ended`: an intent is counted when its row is deleted, which happens once, however often the same ending is written.
// `counted`, `routed`: in one order, so that instances that count at the same time cannot lock each other out.
const writeSql = `
  with held as materialized (
    select run from reprise.ledgers where run = $1 and holder = $2 for share
  ), change as materialized (
    select change.* from held,
      jsonb_to_recordset($3::jsonb) as change (
        id uuid, intent jsonb, created text, reason text, ended text, count integer, unruled jsonb)
  ), added as (
    insert into reprise.intents (id, run, intent, created, reason)
    select id, $1, intent, created, reason from change where intent is not null
    on conflict do nothing
  ), progressed as (
    update reprise.intents known
       set created = coalesce(change.created, known.created), reason = coalesce(change.reason, known.reason),
           removed = known.removed + greatest(0, ${thingsIn('known')} - coalesce(${thingsIn('change')}, ${thingsIn('known')}))
      from change where known.id = change.id and known.run = $1 and change.intent is null and change.ended is null
  ), ended as (
    delete from reprise.intents known using change
     where known.id = change.id and known.run = $1 and change.ended is not null
    returning known.intent ->> 'environment' as environment, coalesce(known.intent ->> 'check', '') as check_name,
              (known.intent ->> 'at')::timestamptz as at, change.ended as ending, change.unruled,
              known.removed + case when change.ended = 'never created' then 0 else coalesce(${thingsIn('known')}, change.count) end
                as things
  ), counted as (
    insert into reprise.creations as known (month, environment, removed, unverified, unruled)
    select date_trunc('month', at at time zone 'UTC')::date, environment,
           coalesce(sum(things) filter (where ending <> 'unverified'), 0),
           coalesce(sum(things) filter (where ending = 'unverified'), 0),
           count(unruled)
      from ended where things > 0 or unruled is not null
     group by 1, 2 order by 1, 2
    on conflict (month, environment) do update
       set removed = known.removed + excluded.removed, unverified = known.unverified + excluded.unverified,
           unruled = known.unruled + excluded.unruled
  ), routed as (
    insert into reprise.unruled_routes as known (environment, check_name, route, reason, times, first_at, last_at)
    select environment, check_name, unruled ->> 'route', (array_agg(unruled ->> 'reason' order by at desc))[1], count(*), min(at), max(at)
      from ended where unruled is not null
     group by 1, 2, 3 order by 1, 2, 3
    on conflict (environment, check_name, route) do update
       set reason = excluded.reason, times = known.times + excluded.times,
           first_at = least(known.first_at, excluded.first_at), last_at = greatest(known.last_at, excluded.last_at)
  )
  select exists (select from held) as held`

const holdEnd = `clock_timestamp() + interval '${heldForMs} ms'`

/** A spec waits for this query, so it fails after this many milliseconds. */
const brief = { query_timeout: 5000 }
