/** EvidenceStore: keeps the archives of runs where all instances can read them. */
import type { Readable } from 'node:stream'
import type { Outcome } from '../verdict/finding.ts'

/** A finished run with its archive on disk. */
export interface Evidence {
  /** The run's name. */
  run: string
  /** Absolute path. */
  archive: string
  bytes: number
  createdAt: Date
  /** By the names of the run's checks; undefined if they were not written. */
  outcomes: Readonly<Record<string, Outcome>> | undefined
}

/** Where the archive of a run is: a row of `reprise.evidence`. */
export interface StoredEvidence extends Omit<Evidence, 'archive'> {
  store: 'postgres' | 's3'
  /** The oid of a large object, or a key. */
  place: string
  /** Of the key, after the URL of its endpoint if that is not S3 itself; null for a large object. */
  bucket: string | null
}

export interface EvidenceStore {
  readonly kind: StoredEvidence['store']
  readonly bucket: StoredEvidence['bucket']
  /** Stores the archive and its row; does nothing for one that is stored. */
  add(evidence: Evidence): Promise<void>
  /** Rejects, or the stream fails, if it cannot be read. */
  read(stored: StoredEvidence): Promise<Readable>
  /** Removes the archive, and notes the time in its row. Rejects as soon as it is stopped, so that it can be tried again. */
  remove(stored: StoredEvidence, stopped?: AbortSignal): Promise<void>
  close(): void
}
