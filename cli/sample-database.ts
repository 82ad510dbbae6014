/** The sample's database: a throw-away one on a server of its own, or the one that the user names. */

import { startServer } from '../postgres/server.ts'
import { createClone } from '../postgres/templates/clone.ts'

export interface SampleDatabase {
  readonly url: string
  /** For people, without a password. */
  readonly description: string
  /** Resolves with the reason if the server is lost while the work goes on. */
  readonly lost: Promise<Error>
}

/** Removes what it made when `work` ends. Throws when no server can be had, and what `work` throws. */
export async function withSampleDatabase(
  env: NodeJS.ProcessEnv,
  work: (database: SampleDatabase) => Promise<void>,
): Promise<void> {
  if (env.DATABASE_URL) {
    // Whether that server comes back is its owner's affair; meanwhile the app answers 503.
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
    // Drops the database too, wherever the server is.
    await server.stop()
  }
}
