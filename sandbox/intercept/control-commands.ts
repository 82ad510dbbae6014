/** The commands that the sandbox answers itself, because the server would take them for the shared transaction's own. */
import type { Mode } from '../execution/session-context.ts'
import { failedTransaction, SessionError, useOwnDatabase } from '../protocol/pg-error.ts'
import type { Command } from '../sql/commands/command.ts'
import { beginToListen, keep, keepNotifications, notify } from '../state/listen/notifications.ts'
import type { SessionRecord } from '../state/session-state.ts'
import type { Outcome } from '../state/transaction-state.ts'
import { answerOwn, isOwn } from './setting-commands.ts'

type Notify = Command & { kind: 'notify' }

/** Is this command answered here, and not by the server? `alone`: it is all that its message has. */
export function isAnswered(command: Command, record: SessionRecord, mode: Mode, alone: boolean): boolean {
  if (isOwn(command, record, mode)) return true
  const { transaction, statements } = record
  // The server knows the statement by another name; by this one, it may know one of the sandbox's own.
  if (command.kind === 'deallocate' && command.name !== null) {
    return mode !== 'direct' || statements.get(command.name) !== undefined
  }
  // The server would say so with that other name.
  if (command.kind === 'prepare') return statements.get(command.name) !== undefined
  if (mode === 'direct') return false
  switch (command.kind) {
    case 'begin':
    case 'commit':
    case 'rollback':
    case 'prepare transaction':
    case 'deallocate':
      return true
    case 'savepoint':
    case 'release':
    case 'rollback to':
      return transaction.status === 'I'
    case 'declare':
      return !command.hold && alone && transaction.status === 'I'
    case 'other':
      return command.verb === 'LOCK' && alone && transaction.status === 'I'
    case 'discard':
      return command.what === 'all' && transaction.status === 'I'
    case 'listen':
    case 'unlisten':
    case 'notify':
      return true
    case 'set transaction':
      return !/^snapshot\b/i.test(command.modes)
    case 'show':
      return command.name === 'transaction_isolation' && record.level !== undefined
    default:
      return false
  }
}

/**
 * Answers a command for which `isAnswered`; `alone`: it is all that its message has; `heard`: some session listens to
 * notifications. Throws a SessionError where a server would refuse it.
 */
export function answer(
  command: Command,
  sql: string,
  record: SessionRecord,
  { mode, alone, heard }: { mode: Mode; alone: boolean; heard: boolean },
): Outcome {
  const isEnd = command.kind === 'commit' || command.kind === 'rollback'
  if (record.transaction.status === 'E' && !isEnd) throw failedTransaction()
  if (command.kind === 'discard' && !alone) {
    throw new SessionError('25001', 'DISCARD ALL cannot run inside a transaction block')
  }
  if (isOwn(command, record, mode)) return answerOwn(command, sql, record)
  const circumstances = { level: record.defaultLevel, nested: record.log.isNested, alone }
  switch (command.kind) {
    case 'begin':
    case 'commit':
    case 'rollback':
      return record.transaction.apply(command, sql, circumstances)
    case 'deallocate':
      // The server still has it under its name there; it is closed when the session prepares that name again.
      if (command.name === null) record.statements.clear()
      else if (!record.statements.get(command.name)) {
        throw new SessionError('26000', `prepared statement "${command.name}" does not exist`)
      } else record.statements.delete(command.name)
      return { tag: command.name === null ? 'DEALLOCATE ALL' : 'DEALLOCATE' }
    case 'prepare':
      throw new SessionError('42P05', `prepared statement "${command.name}" already exists`)
    case 'discard': {
      const { remains } = record
      record.discard()
      record.statements.clear()
      // A server commits it at once.
      return { tag: 'DISCARD ALL', end: 'release', ...(remains.length > 0 && { run: remains.join('; ') }) }
    }
    case 'set transaction':
      return record.transaction.setModes(command.modes, circumstances)
    case 'show':
      return { tag: 'SHOW', row: { column: command.name, value: record.level ?? '' } }
    case 'listen': {
      const { missed } = record.channels
      record.channels.note(command)
      return { tag: 'LISTEN', run: heard ? keepNotifications : [beginToListen, ...missed].join('; ') }
    }
    case 'unlisten':
      record.channels.note(command)
      return { tag: 'UNLISTEN' }
    case 'notify':
      return { tag: 'NOTIFY', run: notifyFor(record, command, heard) }
    case 'prepare transaction':
      throw new SessionError('0A000', 'PREPARE TRANSACTION would end the one transaction of the sandbox', {
        hint: useOwnDatabase,
      })
    case 'savepoint':
      throw outsideTransaction('SAVEPOINT')
    case 'declare':
      throw outsideTransaction('DECLARE CURSOR')
    case 'other':
      throw outsideTransaction('LOCK TABLE')
    case 'release':
      throw outsideTransaction('RELEASE SAVEPOINT')
    default:
      throw outsideTransaction('ROLLBACK TO SAVEPOINT')
  }
}

function notifyFor({ channels }: SessionRecord, { channel, payload }: Notify, heard: boolean): string {
  const keeping = keep(channel, payload)
  if (heard) return `${notify(channel, payload)}; ${keeping}`
  channels.miss(keeping)
  return notify(channel, payload)
}

const outsideTransaction = (name: string): SessionError =>
  new SessionError('25P01', `${name} can only be used in transaction blocks`)
