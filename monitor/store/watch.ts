/** Records that monitors are running, and notifies channels of a span in which none was. */
import type pg from 'pg'
import { utcText } from '../utc-text.ts'
import { lockIncidents } from './incidents.ts'
import { clock } from './mutes.ts'
import { reportMatter } from './notices.ts'
import { inTransaction } from './transaction.ts'

/** A restart, and an update, is shorter. */
const outageAfter = `interval '3 minutes'`

export interface Watching {
  /** The instance was running, and could not reach the database until now: the channels that it has notified of that. */
  databaseLostTo?: ReadonlySet<string> | undefined
}

/** To be called several times a minute; by an instance that starts, after the slots of the span have been planned. */
export async function keepWatch(pool: pg.Pool, { databaseLostTo }: Watching): Promise<void> {
  const { rowCount } = await pool.query(
    `update reprise.watch set until = clock_timestamp() where until > clock_timestamp() - ${outageAfter}`,
  )
  if (rowCount === 1) return
  await inTransaction(pool, async client => {
    // Of instances that start together, one has the old time.
    await lockIncidents(client)
    const { rows } = await client.query<{ until: Date }>(
      `select until from reprise.watch where until <= clock_timestamp() - ${outageAfter}`,
    )
    await client.query(
      `insert into reprise.watch (until) values (clock_timestamp()) on conflict (id) do update set until = excluded.until`,
    )
    const [last] = rows
    if (!last) return
    if (databaseLostTo) await reportLostDatabase(client, last.until, databaseLostTo)
    else await reportOutage(client, last.until)
  })
}

async function reportOutage(client: pg.PoolClient, since: Date) {
  const now = await clock(client)
  const { rows } = await client.query<{ slots: number; checks: number }>(
    `select count(*)::integer as slots, count(distinct check_name)::integer as checks from reprise.slots
      where state = 'missed' and reason = 'no monitor was running' and due > $1 and due <= $2`,
    [since, now],
  )
  const [{ slots, checks } = { slots: 0, checks: 0 }] = rows
  if (slots === 0) return
  const missed = `${slots} ${slots === 1 ? 'slot' : 'slots'} of ${checks} ${checks === 1 ? 'check' : 'checks'}`
  await reportMatter(client, {
    ...{ kind: 'trouble', severity: 'critical', name: 'no monitor was running', at: now.toISOString() },
    ...{
      since: since.toISOString(),
      text: `from ${utcText(since)} to ${utcText(now)}: ${missed} passed without a replay`,
    },
  })
}

/** To the channels that could not be notified while it was lost. */
async function reportLostDatabase(client: pg.PoolClient, since: Date, known: ReadonlySet<string>) {
  const now = await clock(client)
  const matter = { kind: 'trouble', severity: 'critical', name: 'database', at: now.toISOString() } as const
  const text = `it could not be reached from ${utcText(since)} to ${utcText(now)}`
  await reportMatter(client, { ...matter, since: since.toISOString(), text }, known)
}
