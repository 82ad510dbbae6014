/** Chooses how to get a Postgres server: embedded, in a container, or an existing one. */

import type { Run } from '../run/run.ts'
import type { Prepared } from './embedded.ts'
import type { Provision } from './provision.ts'

export interface Provider {
  start(run: Run): Promise<Provision>
  /** Does in advance what does not need a server. Never rejects: `start` reports the error. */
  prepare(run: Run): Promise<void>
}

/**
 * Chooses by the value of `REPRISE_POSTGRES`. Providers are imported on demand: two of the three are never needed.
 * Throws an error with the three valid values for any other.
 */
export function chooseProvider(value: string | undefined): Provider {
  if (value === undefined || value === '' || value === 'embedded') return embedded()
  if (value === 'testcontainers') {
    return unprepared(async run => {
      return (await import('./testcontainers.ts')).startContainer(run, process.env.REPRISE_POSTGRES_IMAGE)
    })
  }
  if (/^postgres(ql)?:\/\//.test(value)) {
    return unprepared(async run => (await import('./existing.ts')).enterExisting(run, value))
  }
  throw new Error(
    `REPRISE_POSTGRES is ${JSON.stringify(value)}, which is no Postgres provider. ` +
      'Set it to "embedded" (the default), to "testcontainers", or to the postgres:// URL of a server on which databases may be created.',
  )
}

function embedded(): Provider {
  let prepared: Promise<Prepared> | undefined
  const prepare = (run: Run) => {
    prepared ??= import('./embedded.ts').then(({ prepareEmbedded }) => prepareEmbedded(run))
    return prepared
  }
  return {
    start: async run => (await import('./embedded.ts')).startEmbedded(run, await prepare(run)),
    prepare: run =>
      prepare(run).then(
        () => undefined,
        () => undefined,
      ),
  }
}

const unprepared = (start: Provider['start']): Provider => ({ start, prepare: async () => undefined })
