/** Provides the sample's database: a throw-away one on a dedicated server, or the one in DATABASE_URL. */

import { startServer } from '../postgres/server.ts'
import { createClone } from '../postgres/templates/clone.ts'

export interface SampleDatabase {
  readonly url: string
  /** For messages, without a password. */
  readonly description: string
  /** Resolves with the reason if the server is lost before `work` ends. */
  readonly lost: Promise<Error>
}

/** Removes the throw-away server when `work` ends. Throws if no server starts, and what `work` throws. */
export async function withSampleDatabase(
  env: NodeJS.ProcessEnv,
  work: (database: SampleDatabase) => Promise<void>,
): Promise<void> {
  if (env.DATABASE_URL) {
    // Its operator restarts that server; the app responds with 503 meanwhile.
    return work({
      url: env.DATABASE_URL,
      description: 'DATABASE_URL, which is kept',
      lost: new Promise(() => undefined),
    })
  }
  const server = await startServer({ provider: env.REPRISE_POSTGRES })
  try {
    const { url } = await createClone(server)
    await work({ url, description: 'a throw-away Postgres, removed when this ends', lost: server.lost })
  } finally {
    // Drops the database too, on any kind of server.
    await server.stop()
  }
}
