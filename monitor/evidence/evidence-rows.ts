/** Reads and writes the rows of the evidence that all instances share. */
import type pg from 'pg'
import type { Evidence, StoredEvidence } from './evidence-store.ts'

type Queryable = Pick<pg.Pool, 'query'>

/** Returns whether the run had no row before. */
export async function addRow(
  database: Queryable,
  { run, bytes, outcomes, createdAt }: Evidence,
  { store, place, bucket }: Pick<StoredEvidence, 'store' | 'place' | 'bucket'>,
): Promise<boolean> {
  const { rowCount } = await database.query(
    `insert into reprise.evidence (run, store, place, bucket, bytes, outcomes, created_at)
     values ($1, $2, $3, $4, $5, $6, $7) on conflict (run) do nothing`,
    [run, store, place, bucket, bytes, outcomes === undefined ? null : JSON.stringify(outcomes), createdAt],
  )
  return rowCount === 1
}

export async function isKnown(database: Queryable, run: string): Promise<boolean> {
  const { rowCount } = await database.query('select from reprise.evidence where run = $1', [run])
  return rowCount === 1
}

export interface EvidenceRow extends StoredEvidence {
  removedAt: Date | null
}

const columns =
  'run, store, place, bucket, bytes::float8 as bytes, outcomes, created_at as "createdAt", removed_at as "removedAt"'

export async function readRow(database: Queryable, run: string): Promise<EvidenceRow | undefined> {
  const { rows } = await database.query(`select ${columns} from reprise.evidence where run = $1`, [run])
  return rows[0] && withOutcomes(rows[0])
}

/** Those that are stored, oldest first. */
export async function readKept(database: Queryable): Promise<EvidenceRow[]> {
  const { rows } = await database.query(
    `select ${columns} from reprise.evidence where removed_at is null order by created_at, run`,
  )
  return rows.map(withOutcomes)
}

export async function noteRemoved(database: Queryable, run: string): Promise<void> {
  await database.query('update reprise.evidence set removed_at = clock_timestamp() where run = $1', [run])
}

/** Forgets those that were removed, of runs before this time. */
export async function dropRows(database: Queryable, before: Date): Promise<void> {
  await database.query('delete from reprise.evidence where removed_at is not null and created_at < $1', [before])
}

function withOutcomes({ outcomes, ...row }: EvidenceRow & { outcomes: EvidenceRow['outcomes'] | null }): EvidenceRow {
  return { ...row, outcomes: outcomes ?? undefined }
}
