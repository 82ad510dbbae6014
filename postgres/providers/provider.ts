/** Chooses how to get a Postgres server: embedded, in a container, or an existing one. */

import type { Run } from '../run/run.ts'
import type { Provision } from './provision.ts'

export interface Provider {
  start(run: Run): Promise<Provision>
  /** Whether to start when a test will probably need the server: it takes little, and only this run uses it. */
  readonly startsAhead?: boolean
}

/**
 * Chooses by the value of `REPRISE_POSTGRES`. Providers are imported on demand: two of the three are never needed.
 * Throws an error with the three valid values for any other.
 */
export function chooseProvider(value: string | undefined): Provider {
  if (value === undefined || value === '' || value === 'embedded')
    return { start: async run => (await import('./embedded.ts')).startEmbedded(run), startsAhead: true }
  if (value === 'testcontainers') {
    return {
      start: async run => (await import('./testcontainers.ts')).startContainer(run, process.env.REPRISE_POSTGRES_IMAGE),
    }
  }
  if (/^postgres(ql)?:\/\//.test(value)) {
    return { start: async run => (await import('./existing.ts')).enterExisting(run, value) }
  }
  throw new Error(
    `REPRISE_POSTGRES is ${JSON.stringify(value)}, which is no Postgres provider. ` +
      'Set it to "embedded" (the default), to "testcontainers", or to the postgres:// URL of a server on which databases may be created.',
  )
}
