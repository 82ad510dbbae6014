/** Rewrites errors that a statement gets because the sandbox runs it inside a transaction: with a hint, or as on a server. */

import {
  type ErrorFields,
  errorResponse,
  readErrorFields,
  type TransactionStatus,
} from '../protocol/backend-messages.ts'
import { useOwnDatabase } from '../protocol/pg-error.ts'
import type { Command } from '../sql/commands/command.ts'

/** An enum value cannot be used in the transaction that has added it, whether the session or the sandbox began that. */
const unusableValue = '55P04'

/** The server's routine that refuses to export a snapshot from a subtransaction. */
const snapshotExport = 'ExportSnapshot'

/** VACUUM and the like fail inside a transaction, and work outside of one. */
const insideTransaction = '25001'

/** The server's routines that refuse transaction modes, in a statement that has taken a snapshot, in any transaction. */
const modesCheck = /^call_\w+_check_hook$/

/** So do procedures and DO blocks that commit. */
const invalidTermination = '2D000'

/** The only context of the command itself: that of a partition. Everything else is the call stack of a function. */
const ownContext = /^while reindexing partitioned [^\n]*$/

/**
 * Where a statement has failed, from the session's point of view. `commands`: those of its text; undefined for a
 * statement of the extended query protocol, which is alone.
 */
export type Origin = {
  status: TransactionStatus
  hasSavepoints: boolean
  /** The session's own transaction has completed an ALTER TYPE. */
  hasAlteredType: boolean
  commands: readonly Command[] | undefined
  /** What has completed since the last Sync. Servers before version 18 name the pipeline in their error. */
  follows: 'nothing' | 'another' | 'another in a pipeline'
}

/** Adds a hint to the server's ErrorResponse, or replaces its message by that of a server outside a transaction. */
export function explainError(bytes: Buffer, origin: Origin): Buffer {
  const fields = readErrorFields(bytes)
  if (origin.status === 'I' && origin.follows !== 'nothing' && isRefusedInTransaction(fields)) {
    if (origin.follows === 'another') return bytes
    const message = fields.message.replace(inBlock, 'cannot be executed within a pipeline')
    return errorResponse({ ...fields, message })
  }
  if (isRefusedInFunction(fields, origin)) {
    const message = fields.message.replace(inBlock, 'cannot be executed from a function')
    return errorResponse({ ...fields, message })
  }
  if (!isOurs(fields, origin)) return bytes
  const hint = [fields.hint, `The sandbox runs it within one transaction. ${useOwnDatabase}`].filter(Boolean).join(' ')
  return errorResponse({ ...fields, hint })
}

const inBlock = /cannot run inside a transaction block$/

/** As VACUUM and the like are. */
const isRefusedInTransaction = ({ code, message }: ErrorFields): boolean =>
  code === insideTransaction && inBlock.test(message)

/** Whether a server would have accepted the statement. */
function isOurs({ code, routine }: ErrorFields, origin: Origin): boolean {
  if (code === unusableValue) return !origin.hasAlteredType
  if (routine === snapshotExport) return !origin.hasSavepoints
  if (!isAlone(origin)) return false
  if (code === insideTransaction) return !modesCheck.test(routine ?? '')
  // A server refuses a commit in any function that is no procedure.
  const [command] = origin.commands ?? []
  return (
    code === invalidTermination &&
    (!command || command.kind === 'do' || (command.kind === 'other' && /^(CALL|DO)$/.test(command.verb)))
  )
}

/** A server refuses VACUUM and the like in a function, too, but checks first whether a transaction is open. */
function isRefusedInFunction({ code, routine, context }: ErrorFields, origin: Origin): boolean {
  if (code !== insideTransaction || routine === snapshotExport || !isAlone(origin)) return false
  return context !== undefined && !ownContext.test(context)
}

/** Several statements of one text are a transaction on a server as well. */
const isAlone = ({ status, commands }: Origin): boolean => status === 'I' && !(commands && commands.length > 1)
