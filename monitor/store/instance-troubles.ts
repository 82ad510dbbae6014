/** Stores what an instance cannot do, so that any instance can notify channels of it. Gone with the instance. */
import type pg from 'pg'
import type { Instance } from './instances.ts'
import { inTransaction } from './transaction.ts'

export interface InstanceTrouble {
  /** `Evidence cannot be moved to its store, so it waits on disk`. */
  what: string
  /** For how long, in milliseconds. */
  forMs: number
}

/** Replaces those of the instance. */
export async function writeInstanceTroubles(
  pool: pg.Pool,
  { id }: Pick<Instance, 'id'>,
  troubles: readonly InstanceTrouble[],
): Promise<void> {
  await inTransaction(pool, async client => {
    await client.query('delete from reprise.instance_troubles where instance = $1', [id])
    await client.query(
      `insert into reprise.instance_troubles (instance, what, since)
       select id, what, clock_timestamp() - for_ms * interval '1 ms'
         from reprise.instances, unnest($2::text[], $3::float[]) trouble (what, for_ms) where id = $1`,
      [id, troubles.map(({ what }) => what), troubles.map(({ forMs }) => forMs)],
    )
  })
}
