/** Evidence: finds the archives of runs, moves them to the store that all instances share, and removes what is superfluous. */
import path from 'node:path'
import type { Readable } from 'node:stream'
import type pg from 'pg'
import type { Configuration } from '../config/configuration.ts'
import type { S3Evidence } from '../config/evidence-stores.ts'
import { onlyOnce } from '../store/only-once.ts'
import { type LocalReport, openEvidenceFolder } from './evidence-folder.ts'
import { dropRows, readKept, readRow } from './evidence-rows.ts'
import type { EvidenceStore, StoredEvidence } from './evidence-store.ts'
import { openPostgresStore } from './postgres-store.ts'
import { openS3Store } from './s3-store.ts'
import { superfluous } from './superfluous.ts'

export type FoundEvidence =
  | LocalReport
  | { kind: 'stored'; bytes: number; read(): Promise<Readable> }
  | { kind: 'removed'; at: Date | undefined }
  | { kind: 'absent'; place: 'folder' | 'shared' }

export interface KeptEvidence {
  /** Throws the database's errors if it is not on this instance's disk. */
  find(run: string): Promise<FoundEvidence>
  /** Moves what has been written since to the store, if it is not the folder. Throws if it cannot: it stays on disk. */
  upload(): Promise<void>
  /**
   * Removes what is too old or takes too much room, on disk and, by one instance at a time, in the store. @param stopped
   * Interrupts it, so that a store that hangs does not delay a stop.
   */
  removeOld(stopped?: AbortSignal): Promise<void>
  close(): void
}

export interface EvidenceOptions {
  pool: pg.Pool
  env: NodeJS.ProcessEnv
  /** The active one. */
  configuration(): Configuration
}

export function openEvidence({ pool, env, configuration }: EvidenceOptions): KeptEvidence {
  const home = path.dirname(configuration().file)
  const folder = openEvidenceFolder(path.join(home, '.reprise/runs'))
  const postgres = openPostgresStore(pool)
  // Opened anew for other settings.
  let opened: { settings: string; store: EvidenceStore } | undefined
  const bucket = (settings: S3Evidence): EvidenceStore => {
    const text = JSON.stringify(settings)
    if (opened?.settings !== text) {
      opened?.store.close()
      opened = { settings: text, store: openS3Store({ pool, settings, env, folder: home }) }
    }
    return opened.store
  }
  /** Undefined for the folder. */
  const shared = (): EvidenceStore | undefined => {
    const { store } = configuration().evidence
    if (store === 'folder') return undefined
    return store === 'postgres' ? postgres : bucket(store)
  }
  /** Of evidence that may have been stored by an earlier configuration. */
  const storeOf = ({ run, store, bucket }: StoredEvidence): EvidenceStore => {
    const current = shared()
    if (current?.kind === store && current.bucket === bucket) return current
    if (store === 'postgres') return postgres
    throw new Error(
      `The evidence of run ${run} is in ${bucket}, a bucket that the configuration does not name any more.`,
    )
  }
  return {
    async find(run) {
      const local = await folder.find(run)
      if (local) return local
      const row = await readRow(pool, run)
      if (row) {
        if (row.removedAt) return { kind: 'removed', at: row.removedAt }
        return { kind: 'stored', bytes: row.bytes, read: () => storeOf(row).read(row) }
      }
      const begun = timeOf(run)
      const isOld = begun !== undefined && Date.now() - begun > configuration().retention.evidenceMs
      if (isOld) return { kind: 'removed', at: undefined }
      return { kind: 'absent', place: shared() ? 'shared' : 'folder' }
    },
    async upload() {
      const store = shared()
      if (!store) return
      const failures: unknown[] = []
      for (const evidence of await folder.finished()) {
        try {
          await store.add(evidence)
          await folder.removeArchive(evidence.run)
        } catch (error) {
          // Another instance that shares the folder has moved it.
          if (isAbsent(error as NodeJS.ErrnoException, evidence.archive)) continue
          failures.push(error)
          // One that is refused does not hold up the others; a store that is away refuses all.
          if (failures.length === mostFailures) break
        }
      }
      if (failures.length > 0) throw failures[0]
    },
    async removeOld(stopped) {
      const { resultsMs, ...limits } = configuration().retention
      await folder.removeOld(limits)
      await onlyOnce(pool, 'reprise.evidence', async () => {
        const kept = await readKept(pool)
        const reports = kept.map(row => ({ ...row, writtenAt: row.createdAt.getTime() }))
        const failures: { row: StoredEvidence; error: unknown }[] = []
        for (const row of superfluous(reports, limits, Date.now())) {
          if (stopped?.aborted) return
          // A store that is away does not hold up what is in another one.
          const ofStore = failures.filter(({ row: { store, bucket } }) => store === row.store && bucket === row.bucket)
          if (ofStore.length >= mostFailures) continue
          try {
            await storeOf(row).remove(row, stopped)
          } catch (error) {
            failures.push({ row, error })
          }
        }
        if (stopped?.aborted) return
        await dropRows(pool, new Date(Date.now() - resultsMs))
        const [failure] = failures
        if (failure) throw failure.error
      })
    },
    close: () => opened?.store.close(),
  }
}

/** How many archives are tried in vain before the others of a store wait. */
const mostFailures = 3

/** Whether that file has gone. A database that is connected to by a socket and has stopped gives the same code, without the path. */
export const isAbsent = ({ code, path }: NodeJS.ErrnoException, file: string): boolean =>
  code === 'ENOENT' && path === file

/** The name of a run begins with its time: 20260131T235959Z. */
function timeOf(run: string): number | undefined {
  const [, year, month, day, hour, minute, second] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z/.exec(run) ?? []
  const time = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
  return Number.isNaN(time) ? undefined : time
}
