/** Loops that write what is reported beside the states of checks: certificates, leaks, troubles and digests. */
import type pg from 'pg'
import type { Environment } from '../../environment/environment.ts'
import { lookDaily } from '../certificates/daily-look.ts'
import { reportOpenCertificates } from '../store/certificates.ts'
import type { IsInMaintenance } from '../store/check-rules.ts'
import { notifyOthers } from '../store/judgement.ts'
import { leakMatters } from '../store/leak-matters.ts'
import { reportPresentMatters } from '../store/present-matters.ts'
import { troubleMatters } from '../store/trouble-matters.ts'
import type { CompiledConfiguration } from './compiled-configuration.ts'
import { createDigests } from './digests.ts'
import { startLoop } from './loop.ts'
import type { Operations } from './operations.ts'

export interface NoticeOptions extends Pick<Operations, 'watched'> {
  pool: pg.Pool
  isInMaintenance: IsInMaintenance
  /** Of the active configuration. */
  compiled(): CompiledConfiguration
  /** Whether this instance has swept the ledgers: what was left before may be removed by that. */
  hasSwept(): boolean
  stopping: AbortSignal
}

const everyMs = 60_000

/** A muted instance leaves all of it to others. */
export function startNotices(options: NoticeOptions): { stop(): Promise<unknown> } {
  const { pool, isInMaintenance, compiled, hasSwept, watched, stopping } = options
  if (isInMaintenance.isMuted) return { stop: async () => undefined }
  const certificateAlerts = () => ({ rules: compiled().configuration.certificates, isInMaintenance })
  const matters = startLoop({
    ...watched('Leaks and troubles cannot be reported'),
    work: async () => {
      if (hasSwept()) await reportPresentMatters(pool, leakMatters, isInMaintenance)
      await reportPresentMatters(pool, troubleMatters(isInMaintenance), isInMaintenance)
      await reportOpenCertificates(pool, certificateAlerts())
      await notifyOthers(pool, isInMaintenance)
      return everyMs
    },
  })
  const certificates = startLoop({
    ...watched('Certificates cannot be recorded'),
    work: async () => {
      await lookDaily(pool, checkedEnvironments(compiled()), stopping, certificateAlerts())
      return undefined
    },
  })
  const digests = startLoop({
    ...watched('The digest cannot be written'),
    work: createDigests(pool, () => compiled().configuration.digest),
  })
  return {
    stop: () => Promise.all([matters, certificates, digests].map(loop => loop.stop())),
  }
}

/** The environments that have checks, by name. */
function checkedEnvironments({ configuration, environment }: CompiledConfiguration): Map<string, Environment> {
  const names = new Set(configuration.checks.map(check => check.environment))
  return new Map([...names].flatMap(name => [environment(name) ?? []].flat().map(found => [name, found])))
}
