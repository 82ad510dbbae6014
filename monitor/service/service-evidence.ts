/** The evidence of an instance: finds what the pages show, and moves what its runs have written to the store. */
import { setTimeout as pause } from 'node:timers/promises'
import type pg from 'pg'
import { type EvidenceOptions, type KeptEvidence, openEvidence } from '../evidence/evidence.ts'
import { startLoop } from './loop.ts'
import type { OperationEvents } from './operations.ts'

interface ServiceEvidence extends Pick<KeptEvidence, 'removeOld'> {
  /** For the pages, on their pool. */
  readonly shown: Pick<KeptEvidence, 'find'>
  /** A run has ended. */
  wake(): void
  /** Waits for the last upload for some seconds. */
  stop(): Promise<void>
}

/** @param pages The pool of the pages. @param events Of uploads. */
export function openServiceEvidence(
  options: EvidenceOptions,
  pages: pg.Pool,
  events: OperationEvents,
): ServiceEvidence {
  const shown = openEvidence({ ...options, pool: pages })
  const evidence = openEvidence(options)
  const uploads = startLoop({
    ...events,
    work: async () => {
      await evidence.upload()
      return undefined
    },
  })
  return {
    shown,
    removeOld: evidence.removeOld,
    wake: uploads.wake,
    stop: async () => {
      // Of the last runs; where the store is away, it waits on disk for the next start.
      const last = uploads.stop().then(evidence.upload)
      await Promise.race([last.catch(() => undefined), pause(lastUploadMs, undefined, { ref: false })])
      evidence.close()
      shown.close()
    },
  }
}

const lastUploadMs = 10_000
