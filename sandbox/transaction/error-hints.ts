/** Adds a hint to errors that a statement gets only because the sandbox runs it inside a transaction. */

import { errorResponse, readErrorFields, type TransactionStatus } from '../protocol/backend-messages.ts'
import { useOwnDatabase } from '../protocol/pg-error.ts'

/** Fails in every transaction, whether the session or the sandbox began it. */
const unusableValue = '55P04'

/** The server's routine that refuses to export a snapshot from a subtransaction. */
const snapshotExport = 'ExportSnapshot'

/** Fail inside a transaction and work outside of one: VACUUM and the like, and procedures that commit. */
const outsideOnly: ReadonlySet<string> = new Set(['25001', '2D000'])

/** Adds a hint to the server's ErrorResponse. `status`: the transaction status from the session's point of view. */
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
