/** Adds hints to errors that a statement has only because it runs within one transaction. */

import { errorResponse, readErrorFields, type TransactionStatus } from '../protocol/backend-messages.ts'
import { useOwnDatabase } from '../protocol/pg-error.ts'

/** What fails in every transaction, whether a session began it or the sandbox did. */
const unusableValue = '55P04'

/** The server's routine that refuses to export a snapshot from under a savepoint. */
const snapshotExport = 'ExportSnapshot'

/** What fails in a transaction, and works outside of one: VACUUM and its kin, procedures that commit. */
const outsideOnly: ReadonlySet<string> = new Set(['25001', '2D000'])

/** Adds a hint to a server's ErrorResponse. `status`: what the session believes of its transaction. */
export function explainError(bytes: Buffer, status: TransactionStatus): Buffer {
  const fields = readErrorFields(bytes)
  const isOurs =
    fields.code === unusableValue ||
    fields.routine === snapshotExport ||
    (status === 'I' && outsideOnly.has(fields.code))
  if (!isOurs) return bytes
  const hint = [fields.hint, `The sandbox runs it within one transaction. ${useOwnDatabase}`].filter(Boolean).join(' ')
  return errorResponse({ ...fields, hint })
}
