/** Reads the numbers that `/metrics` shows beside the states of the checks. */
import type pg from 'pg'

export interface Gauges {
  /** Slots that are due, or under way. */
  slots: { state: 'due' | 'claimed' | 'running'; count: number }[]
  /** Messages that wait, by channel; `dead`: their delivery was given up. */
  messages: { channel: string; waiting: number; failed: number; dead: number }[]
  /** Possible leaks: requests whose creations could not be removed, or of which that is unknown. */
  leaks: { environment: string; count: number }[]
  /** Instances that are alive, by location. */
  instances: { location: string; count: number }[]
}

export async function readGauges(pool: pg.Pool): Promise<Gauges> {
  const [slots, messages, leaks, instances] = await Promise.all([
    pool.query<Gauges['slots'][number]>(
      `select state, count(*)::int as count from reprise.slots
        where state in ('claimed', 'running') or (state = 'due' and due <= clock_timestamp()) group by state order by state`,
    ),
    pool.query<Gauges['messages'][number]>(
      `select channel, count(*) filter (where dead_at is null and last_error is null)::int as waiting,
              count(*) filter (where dead_at is null and last_error is not null)::int as failed,
              count(*) filter (where dead_at is not null)::int as dead
         from reprise.outbox where delivered_at is null group by channel order by channel`,
    ),
    pool.query<Gauges['leaks'][number]>(
      `select ledgers.environment, count(*)::int as count
         from reprise.intents join reprise.ledgers using (run)
        where intents.reason is not null group by 1 order by 1`,
    ),
    pool.query<Gauges['instances'][number]>(
      `select location, count(*)::int as count from reprise.instances
        where heartbeat_at > clock_timestamp() - interval '20 s' group by location order by location`,
    ),
  ])
  return { slots: slots.rows, messages: messages.rows, leaks: leaks.rows, instances: instances.rows }
}
