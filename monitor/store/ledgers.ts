/** The ledger in the database: what each run was about to create, and which process sees to that. */
import type pg from 'pg'
import type { Environment } from '../../environment/environment.ts'
import type { LedgerEntry, OpenIntent, Thing } from '../../environment/ledger/entry.ts'

/** The ledger of one run. */
export interface KeptLedger {
  run: string
  /** The environment's name, and how it is reached: with placeholders for secrets. */
  environment: string
  settings: Environment
}

/** Whoever held the ledger was taken for dead. */
export class LedgerTaken extends Error {}

/** For so long a ledger is its holder's after that has said so, in milliseconds; to be said several times within it. */
export const heldForMs = 20_000

/** Opens the ledger of a run, held by `holder`, a UUID. May be repeated when nobody knows whether it arrived. */
export async function openLedger(pool: pg.Pool, ledger: KeptLedger, holder: string): Promise<void> {
  await pool.query({
    ...brief,
    text: `insert into reprise.ledgers (run, environment, settings, holder, held_until)
           values ($1, $2, $3, $4, ${untilThen}) on conflict do nothing`,
    values: [ledger.run, ledger.environment, ledger.settings, holder],
  })
}

/** Takes a ledger that nobody holds any more; false if somebody does. */
export async function takeLedger(pool: pg.Pool, run: string, holder: string): Promise<boolean> {
  const { rowCount } = await pool.query(
    `update reprise.ledgers set holder = $2, held_until = ${untilThen} where run = $1 and held_until < clock_timestamp()`,
    [run, holder],
  )
  return rowCount === 1
}

/** Goes on holding a ledger, unless another has taken it. */
export async function holdLedger(pool: pg.Pool, run: string, holder: string): Promise<void> {
  await pool.query(`update reprise.ledgers set held_until = ${untilThen} where run = $1 and holder = $2`, [run, holder])
}

/** Has nobody hold a ledger for longer than is usual, as when the database's clock was set back: who lives, goes on holding it. */
export async function shortenHolds(client: pg.ClientBase): Promise<void> {
  await client.query(`update reprise.ledgers set held_until = ${untilThen} where held_until > ${untilThen}`)
}

/** Gives a ledger up: it is gone if everything in it has ended, and else anybody's. */
export async function releaseLedger(pool: pg.Pool, run: string, holder: string): Promise<void> {
  const { rowCount } = await pool.query(
    `delete from reprise.ledgers
      where run = $1 and holder = $2 and not exists (select from reprise.intents where run = $1)`,
    [run, holder],
  )
  if (rowCount === 1) return
  await pool.query(`update reprise.ledgers set held_until = '-infinity' where run = $1 and holder = $2`, [run, holder])
}

/** All ledgers, the oldest name first, with how much longer they are held. */
export async function readLedgers(pool: pg.Pool): Promise<(KeptLedger & { heldForMs: number })[]> {
  const { rows } = await pool.query(
    `select run, environment, settings,
            greatest(0, extract(epoch from greatest(held_until, now() - interval '1 h') - clock_timestamp()) * 1000)::float
              as "heldForMs"
       from reprise.ledgers order by run`,
  )
  return rows
}

/** The intents of a run that have not ended, in their order. */
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
 * Writes entries in their order, all or none; what has ended leaves no row. May be repeated when nobody knows whether it arrived.
 * Throws what the database says, and `LedgerTaken` for a ledger that is not held by `holder` any more.
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
    throw new LedgerTaken(`another process has taken over what run ${run} has left, as if it had died`)
}

interface Change {
  id: string
  intent?: object
  created?: string
  reason?: string
  ended?: true
}

/** One for each intent. */
function changesOf(entries: readonly LedgerEntry[]): Change[] {
  const changes = new Map<string, Change>()
  for (const entry of entries) {
    const id = entry.entry === 'intent' ? entry.intent.id : entry.id
    const change = changes.get(id) ?? { id }
    changes.set(id, change)
    if (entry.entry === 'intent') change.intent = entry.intent
    else if (entry.entry === 'created') change.created = JSON.stringify(entry.things)
    else if (entry.entry === 'unresolved') change.reason = entry.reason
    else change.ended = true
  }
  // Noted and ended at once, it leaves no row.
  return [...changes.values()].filter(({ intent, ended }) => !(intent && ended))
}

// The row of the ledger is locked, so that nobody takes the ledger over between the look at it and the writing.
const writeSql = `
  with held as materialized (
    select run from reprise.ledgers where run = $1 and holder = $2 for share
  ), change as materialized (
    select change.* from held,
      jsonb_to_recordset($3::jsonb) as change (id uuid, intent jsonb, created text, reason text, ended boolean)
  ), noted as (
    insert into reprise.intents (id, run, intent, created, reason)
    select id, $1, intent, created, reason from change where intent is not null
    on conflict do nothing
  ), told as (
    update reprise.intents known
       set created = coalesce(change.created, known.created), reason = coalesce(change.reason, known.reason)
      from change where known.id = change.id and known.run = $1 and change.intent is null and change.ended is null
  ), ended as (
    delete from reprise.intents known using change
     where known.id = change.id and known.run = $1 and change.ended
  )
  select exists (select from held) as held`

const untilThen = `clock_timestamp() + interval '${heldForMs} ms'`

/** A spec waits for it: what takes longer than this many milliseconds has failed. */
const brief = { query_timeout: 5000 }
