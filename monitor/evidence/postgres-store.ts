/** Keeps evidence in the monitor's database, as large objects. */
import { open } from 'node:fs/promises'
import { Readable } from 'node:stream'
import type pg from 'pg'
import { inTransaction } from '../store/transaction.ts'
import { addRow, isKnown, noteRemoved } from './evidence-rows.ts'
import type { EvidenceStore } from './evidence-store.ts'

/** What one statement writes or reads, in bytes. */
const chunk = 1_048_576

export function openPostgresStore(pool: pg.Pool): EvidenceStore {
  return {
    kind: 'postgres',
    bucket: null,
    async add(evidence) {
      if (await isKnown(pool, evidence.run)) return
      const file = await open(evidence.archive)
      try {
        await inTransaction(pool, async client => {
          const { rows } = await client.query('select lo_create(0) as oid')
          const oid: string = String(rows[0].oid)
          let offset = 0
          for (;;) {
            const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(chunk), 0, chunk, offset)
            if (bytesRead === 0) break
            await client.query('select lo_put($1::oid, $2::bigint, $3)', [oid, offset, buffer.subarray(0, bytesRead)])
            offset += bytesRead
          }
          const added = await addRow(
            client,
            { ...evidence, bytes: offset },
            { store: 'postgres', place: oid, bucket: null },
          )
          // Another instance was faster: a rollback would do as well, and look like an error.
          if (!added) await client.query('select lo_unlink($1::oid)', [oid])
        })
      } finally {
        await file.close()
      }
    },
    async read({ place }) {
      return Readable.from(chunksOf(pool, place), { objectMode: false })
    },
    async remove({ run, place }) {
      await inTransaction(pool, async client => {
        // Locked, so that no other instance removes the same.
        const { rowCount } = await client.query(
          'select from reprise.evidence where run = $1 and removed_at is null for update',
          [run],
        )
        if (rowCount === 0) return
        await client.query('select lo_unlink(oid) from pg_largeobject_metadata where oid = $1::oid', [place])
        await noteRemoved(client, run)
      })
    },
    close: () => undefined,
  }
}

/** Each of a statement of its own, so that a slow reader holds no connection. */
async function* chunksOf(pool: pg.Pool, oid: string): AsyncGenerator<Buffer> {
  for (let offset = 0; ; offset += chunk) {
    const { rows } = await pool.query('select lo_get($1::oid, $2::bigint, $3::integer) as part', [oid, offset, chunk])
    const part: Buffer = rows[0].part
    if (part.length > 0) yield part
    if (part.length < chunk) return
  }
}
