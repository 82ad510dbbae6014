/** Holds the run's advisory locks, by which other runs see that it is alive, and notices when the server is lost. */
import pg from 'pg'
import { dropDatabase } from '../database.ts'
import { lockClasses, lockKey } from './watchdog/names.mjs'

export interface RunLock {
  /** Resolves with the connection's error once the server accepts no new connection. */
  readonly lost: Promise<Error>
  holdTemplate(name: string): Promise<void>
  discard(database: string): void
  /** Releases the locks and disconnects. */
  release(): Promise<void>
}

/** Connects and takes the lock of the run. Throws what connecting throws. */
export async function takeRunLock(url: string, runId: string): Promise<RunLock> {
  const held = new Set<string>()
  let released = false
  let tellLoss: (error: Error) => void
  const lost = new Promise<Error>(resolve => {
    tellLoss = resolve
  })

  let client = await enter()
  // One connection takes one query at a time.
  let queue = Promise.resolve()

  async function enter(): Promise<pg.Client> {
    const entered = new pg.Client({
      connectionString: url,
      application_name: `reprise ${runId}`,
      connectionTimeoutMillis: 30_000,
    })
    let cause: Error | undefined
    entered.on('error', error => {
      cause = error
    })
    await entered.connect()
    entered.once('end', () => enterAgain(cause))
    await entered.query('select pg_advisory_lock($1, $2)', [lockClasses.run, lockKey(runId)])
    for (const name of held) await hold(entered, name)
    return entered
  }

  // Tests may end every connection on purpose, which does not mean that the server is lost.
  async function enterAgain(cause: Error | undefined): Promise<void> {
    if (released) return
    try {
      client = await enter()
    } catch (error) {
      tellLoss(cause ?? (error as Error))
    }
  }

  return {
    lost,
    holdTemplate: name => {
      const holding = queue.then(async () => {
        if (held.has(name)) return
        await hold(client, name)
        held.add(name)
      })
      queue = holding.catch(() => undefined)
      return holding
    },
    discard: database => {
      // What is not dropped now is dropped at the end of the run.
      queue = queue.then(() => (released ? undefined : dropDatabase(client, database))).catch(() => undefined)
    },
    release: async () => {
      released = true
      await queue
      await client.query('select pg_advisory_unlock_all()').catch(() => undefined)
      await client.end().catch(() => undefined)
    },
  }
}

async function hold(client: pg.Client, template: string): Promise<void> {
  await client.query('select pg_advisory_lock_shared($1, $2)', [lockClasses.use, lockKey(template)])
}
