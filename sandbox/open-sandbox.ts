/** Opens a sandbox for tests of any runner: each test rolls back what it did. */
import { setImmediate as immediate } from 'node:timers/promises'
import type pg from 'pg'
import { slowdown } from '../processes/slowdown.ts'
import { givenDatabase } from './given-database.ts'
import { SandboxPool } from './pool.ts'
import { Sandbox } from './sandbox.ts'
import { unfinishedWork } from './unfinished-work.ts'

export interface SandboxOptions {
  /** A database with the schema that the tests need: `postgres://user:password@host:port/database`. */
  databaseUrl: string
}

export interface OpenSandbox {
  /** For clients in any process: `postgres://...` with a generated password, on loopback, the same until `close`. */
  readonly url: string
  /** Clients in this process, without a socket. `close` ends it. */
  readonly pool: pg.Pool
  /**
   * Waits for statements that clients have sent, for 5 seconds at most, longer on a busy machine, and undoes all that was done since the start or the
   * last rollback. Clients stay connected. Rejects, once it is undone, with an error that lists what was left open:
   * clients taken from the pool, transactions that were not ended. After the loss of its connection, each call rejects.
   */
  rollback(): Promise<void>
  /**
   * Rolls back, and disconnects from the database and from each client. Rejects as `rollback` does, but not again for a
   * connection that is lost.
   */
  close(): Promise<void>
}

/** How long statements may run on at the end of a test, in milliseconds, on a machine that is not busy. */
const grace = 5000

/**
 * Opens a sandbox in front of a database: one transaction that all clients share, and that is never committed. A process
 * needs one; tests in it run one after the other. Rejects with the value, the reason and the remedy for a database that
 * cannot be used.
 */
export async function openSandbox({ databaseUrl }: SandboxOptions): Promise<OpenSandbox> {
  const sandbox = await Sandbox.connect(await givenDatabase(databaseUrl, 'databaseUrl'))
  const pool = new SandboxPool(sandbox, 'pool')
  sandbox.open()
  // A client that stays taken for several tests, such as one that listens, is named once.
  let held: ReadonlySet<object> = new Set()
  let isLossReported = false
  const end = async (): Promise<Error | undefined> => {
    // A statement of this process may be about to be sent.
    await immediate()
    await sandbox.quiet(grace * slowdown())
    const unreleased = pool.unreleased.filter(site => !held.has(site))
    held = new Set(pool.unreleased)
    const { active, contentions, broken } = await sandbox.close()
    const isNew = broken && !isLossReported
    isLossReported = broken !== undefined
    return unfinishedWork({
      active,
      contentions,
      broken: isNew ? broken : undefined,
      unreleased: unreleased.map(site => site.place),
    })
  }
  let closing: Promise<void> | undefined
  return {
    url: sandbox.url,
    pool,
    rollback: async () => {
      const unfinished = await end()
      if (sandbox.isBroken) {
        const reason = unfinished?.message ?? 'The connection to the database was lost before.'
        throw new Error(`${reason}\nIt is over: close this sandbox and open another, on a new copy of the database.`, {
          cause: unfinished,
        })
      }
      sandbox.open()
      if (unfinished) throw unfinished
    },
    close: () => {
      closing ??= (async () => {
        const unfinished = await end()
        // It would wait for clients that were not released.
        void pool.end().catch(() => undefined)
        await sandbox.dispose()
        if (unfinished) throw unfinished
      })()
      return closing
    },
  }
}
