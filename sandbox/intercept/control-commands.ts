/** Answers control commands that on the server would affect the shared transaction. */

import type { Mode } from '../execution/session-context.ts'
import { failedTransaction, SessionError, useOwnDatabase } from '../protocol/pg-error.ts'
import type { Command } from '../sql/commands/command.ts'
import { beginToListen, keep, keepNotifications, notify } from '../state/listen/notifications.ts'
import type { SessionState } from '../state/session-state.ts'
import type { Outcome } from '../state/transaction-state.ts'
import { answerSetting, concernsSessionSettings } from './setting-commands.ts'

/** Whether the command ends a transaction, including a failed one. */
export const endsTransaction = ({ kind }: Command): boolean =>
  kind === 'commit' || kind === 'rollback' || kind === 'prepare transaction'

type Notify = Command & { kind: 'notify' }

/**
 * Answers a command that the Interceptor `intercepts`; `alone`: the message has no other command; `heard`: some session
 * listens for notifications. Throws a SessionError where a server would report an error.
 */
export function answer(
  command: Command,
  sql: string,
  state: SessionState,
  { mode, alone, heard }: { mode: Mode; alone: boolean; heard: boolean },
): Outcome {
  if (state.transaction.status === 'E' && !endsTransaction(command)) throw failedTransaction()
  if (command.kind === 'discard' && !alone) {
    throw new SessionError('25001', 'DISCARD ALL cannot run inside a transaction block')
  }
  if (concernsSessionSettings(command, state, mode)) return answerSetting(command, sql, state)
  const circumstances = { level: state.defaultLevel, nested: state.pendingSettings.isNested, alone }
  switch (command.kind) {
    case 'begin':
    case 'commit':
    case 'rollback':
      return state.transaction.apply(command, sql, circumstances)
    case 'deallocate':
      // The server keeps it under its own name; it is closed when the session prepares that name again.
      if (command.name === null) state.statements.clear()
      else if (!state.statements.get(command.name)) {
        throw new SessionError('26000', `prepared statement "${command.name}" does not exist`)
      } else state.statements.delete(command.name)
      return { tag: command.name === null ? 'DEALLOCATE ALL' : 'DEALLOCATE' }
    case 'prepare':
      throw new SessionError('42P05', `prepared statement "${command.name}" already exists`)
    case 'discard': {
      const { remains } = state
      state.discard()
      state.statements.clear()
      // A server commits DISCARD ALL at once.
      return { tag: 'DISCARD ALL', end: 'release', ...(remains.length > 0 && { run: remains.join('; ') }) }
    }
    case 'set transaction':
      return state.transaction.setModes(command.modes, circumstances, 'SET TRANSACTION')
    case 'set':
      return state.transaction.setModes(
        command.modes ?? '',
        circumstances,
        command.scope === 'local' ? 'SET LOCAL' : undefined,
      )
    case 'show':
      return { tag: 'SHOW', row: { column: command.name, value: state.level ?? '' } }
    case 'listen': {
      const { missed } = state.channels
      state.channels.note(command)
      return { tag: 'LISTEN', run: heard ? keepNotifications : [beginToListen, ...missed].join('; ') }
    }
    case 'unlisten':
      state.channels.note(command)
      return { tag: 'UNLISTEN' }
    case 'notify':
      return { tag: 'NOTIFY', run: notifyFor(state, command, heard) }
    case 'prepare transaction':
      return state.transaction.endToPrepare(preparedTransaction(), circumstances)
    case 'savepoint':
      throw outsideTransaction('SAVEPOINT')
    case 'declare':
      // A server reports an error of the query first. What this opens is undone.
      return {
        tag: '',
        perform: async run => {
          await run(sql)
          throw outsideTransaction('DECLARE CURSOR')
        },
      }
    case 'other':
      throw outsideTransaction('LOCK TABLE')
    case 'release':
      throw outsideTransaction('RELEASE SAVEPOINT')
    default:
      throw outsideTransaction('ROLLBACK TO SAVEPOINT')
  }
}

function notifyFor({ channels }: SessionState, { channel, payload }: Notify, heard: boolean): string {
  const keeping = keep(channel, payload)
  if (heard) return `${notify(channel, payload)}; ${keeping}`
  channels.miss(keeping)
  return notify(channel, payload)
}

const preparedTransaction = (): SessionError =>
  new SessionError('0A000', 'PREPARE TRANSACTION would end the one transaction of the sandbox', {
    hint: useOwnDatabase,
  })

/** The error for a command that needs a transaction block. */
export const outsideTransaction = (name: string): SessionError =>
  new SessionError('25P01', `${name} can only be used in transaction blocks`)
