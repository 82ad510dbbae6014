/** Adds a hint to errors that a statement gets only because the sandbox runs it inside a transaction. */

import {
  type ErrorFields,
  errorResponse,
  readErrorFields,
  type TransactionStatus,
} from '../protocol/backend-messages.ts'
import { useOwnDatabase } from '../protocol/pg-error.ts'
import type { Command } from '../sql/commands/command.ts'

/** Fails in every transaction, whether the session or the sandbox began it. */
const unusableValue = '55P04'

/** The server's routine that refuses to export a snapshot from a subtransaction. */
const snapshotExport = 'ExportSnapshot'

/** VACUUM and the like fail inside a transaction, and work outside of one. */
const insideTransaction = '25001'

/** So do procedures and DO blocks that commit. */
const invalidTermination = '2D000'

/**
 * Where a statement has failed, from the session's point of view. `commands`: those of its text; undefined for a
 * statement of the extended query protocol, which is alone.
 */
export type Origin = {
  status: TransactionStatus
  hasSavepoints: boolean
  commands: readonly Command[] | undefined
}

/** Adds a hint to the server's ErrorResponse. */
export function explainError(bytes: Buffer, origin: Origin): Buffer {
  const fields = readErrorFields(bytes)
  if (!isOurs(fields, origin)) return bytes
  const hint = [fields.hint, `The sandbox runs it within one transaction. ${useOwnDatabase}`].filter(Boolean).join(' ')
  return errorResponse({ ...fields, hint })
}

/** Whether a server would have accepted the statement. */
function isOurs({ code, routine, context }: ErrorFields, { status, hasSavepoints, commands }: Origin): boolean {
  if (code === unusableValue) return true
  if (routine === snapshotExport) return !hasSavepoints
  // Several statements of one text are a transaction on a server too.
  if (status !== 'I' || (commands && commands.length > 1)) return false
  // A server refuses VACUUM in a function, and a commit in any function that is no procedure.
  if (code === insideTransaction) return context === undefined
  const [command] = commands ?? []
  return code === invalidTermination && (!command || (command.kind === 'other' && /^(CALL|DO)$/.test(command.verb)))
}
