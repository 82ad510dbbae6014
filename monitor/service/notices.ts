/** Loops that write what is reported beside the states of checks: certificates, leaks, troubles and digests. */
import type pg from 'pg'
import type { Environment } from '../../environment/environment.ts'
import { lookDaily } from '../certificates/daily-look.ts'
import type { IsInMaintenance } from '../store/check-rules.ts'
import { leakMatters } from '../store/leak-matters.ts'
import { reportPresentMatters } from '../store/present-matters.ts'
import { troubleMatters } from '../store/trouble-matters.ts'
import type { CompiledConfiguration } from './compiled-configuration.ts'
import { createDigests } from './digests.ts'
import { type Loop, type LoopOptions, startLoop } from './loop.ts'

export interface NoticeOptions {
  pool: pg.Pool
  isInMaintenance: IsInMaintenance
  /** Of the active configuration. */
  compiled(): CompiledConfiguration
  /** Whether this instance has swept the ledgers: what was left before may be removed by that. */
  hasSwept(): boolean
  watched(what: string): Pick<LoopOptions, 'onError' | 'onDone'>
  stopping: AbortSignal
}

const everyMs = 60_000

/** A muted instance leaves all of it to others. To be woken several times an hour, for the certificates. */
export function startNotices({ pool, isInMaintenance, compiled, hasSwept, watched, stopping }: NoticeOptions): Loop {
  if (isInMaintenance.isMuted) return { wake: () => undefined, stop: async () => undefined }
  const matters = startLoop({
    ...watched('Leaks and troubles cannot be reported'),
    work: async () => {
      if (hasSwept()) await reportPresentMatters(pool, leakMatters)
      await reportPresentMatters(pool, troubleMatters(isInMaintenance))
      return everyMs
    },
  })
  const certificates = startLoop({
    ...watched('Certificates cannot be recorded'),
    work: async () => {
      await lookDaily(pool, checkedEnvironments(compiled()), stopping)
      return undefined
    },
  })
  const digests = startLoop({
    ...watched('The digest cannot be written'),
    work: createDigests(pool, () => compiled().configuration.digest),
  })
  return {
    wake: certificates.wake,
    async stop() {
      await Promise.all([matters, certificates, digests].map(loop => loop.stop()))
    },
  }
}

/** The environments that have checks, by name. */
function checkedEnvironments({ configuration, environment }: CompiledConfiguration): Map<string, Environment> {
  const names = new Set(configuration.checks.map(check => check.environment))
  return new Map([...names].flatMap(name => [environment(name) ?? []].flat().map(found => [name, found])))
}
