/** SET, RESET, SHOW and DISCARD where they mean something else for a session than for the connection that it shares. */
import type { Mode } from '../execution/session-context.ts'
import { SessionError } from '../protocol/pg-error.ts'
import { assignedValue } from '../sql/commands/assigned-value.ts'
import type { Command } from '../sql/commands/command.ts'
import type { SessionRecord } from '../state/session-state.ts'
import { forTransaction, identities, setTo, statementsToReturn, valueSetBy } from '../state/settings/settings.ts'
import { checkTimeout } from '../state/settings/timeout-value.ts'
import { type Outcome, onlyInTransaction } from '../state/transaction-state.ts'

/** Would the server do something else than what is meant? Then `answerOwn` answers the command. */
export function isOwn(command: Command, record: SessionRecord, mode: Mode): boolean {
  switch (command.kind) {
    case 'set':
    case 'reset':
      return (
        record.withholds(command.name) ||
        (command.name === 'all' ? record.startSettings.size > 0 : record.startSettings.has(command.name))
      )
    case 'show':
      return record.withholds(command.name) && record.statementFor(command.name) !== undefined
    case 'set config':
      return command.calls.some(({ name = '' }) => {
        return (mode !== 'direct' && record.withholds(name)) || isForbidden(name, record)
      })
    case 'discard':
      return command.what === 'all' && mode !== 'direct' && record.transaction.status === 'I' && !record.isLikeNew
    default:
      return false
  }
}

/** Answers a command which `isOwn`. Its `perform` rejects with a SessionError where a server would refuse it. */
export function answerOwn(command: Command, sql: string, record: SessionRecord): Outcome {
  switch (command.kind) {
    case 'set':
      return set(command, sql, record)
    case 'reset':
      return command.name === 'all' ? resetAll(record) : returnToStart(command, 'RESET', record)
    case 'show':
      return { tag: 'SHOW', row: { column: command.name, value: valueSetBy(record.statementFor(command.name) ?? '') } }
    case 'set config':
      return { tag: '', perform: () => Promise.reject(refusedCall(command, record)) }
    default:
      return discard(record)
  }
}

const isForbidden = (name: string, record: SessionRecord, role?: string): boolean =>
  name === 'session_authorization' && !record.mayBecome(role)

function set(command: Command & { kind: 'set' }, sql: string, record: SessionRecord): Outcome {
  const { name, scope } = command
  const value = assignedValue(sql)
  if (value === undefined) return returnToStart(command, 'SET', record)
  const isVain = scope === 'local' && record.transaction.status === 'I'
  return {
    tag: 'SET',
    ...(isVain && { notice: onlyInTransaction('SET LOCAL') }),
    perform: async run => {
      if (isForbidden(name, record, value)) throw notPermitted(record, value)
      const statement = record.withholds(name) ? setTo(name, await checkTimeout(name, value, run)) : sql
      record.note(command, statement)
      if (statement === sql) await run(sql)
    },
  }
}

// On the connection it would return to what holds for the sandbox's own login.
function returnToStart(
  command: Command & { name: string; kind: 'set' | 'reset' | 'show' },
  tag: string,
  record: SessionRecord,
): Outcome {
  const { name } = command
  const statement = record.startSettings.get(name)
  const isLocal = command.kind === 'set' && command.scope === 'local'
  return {
    tag,
    perform: async run => {
      record.note(isLocal ? command : { kind: 'reset', name }, statement ?? setTo(name, '0'))
      if (statement === undefined || record.withholds(name)) return
      await run(isLocal ? forTransaction(statement) : statement)
    },
  }
}

function resetAll(record: SessionRecord): Outcome {
  const own = [...record.startSettings].filter(([name]) => !identities.includes(name) && !record.withholds(name))
  return {
    tag: 'RESET',
    perform: async run => {
      record.note({ kind: 'reset', name: 'all' }, '')
      await run(['RESET ALL', ...own.map(([, statement]) => statement)].join('; '))
    },
  }
}

function discard(record: SessionRecord): Outcome {
  return {
    tag: 'DISCARD ALL',
    end: 'release',
    perform: async run => {
      await run([...statementsToReturn(record.settings, record.startSettings), ...record.remains].join('; '))
      record.discard()
      record.statements.clear()
    },
  }
}

function refusedCall(command: Command & { kind: 'set config' }, record: SessionRecord): SessionError {
  const timeout = command.calls.find(({ name = '' }) => record.withholds(name))?.name
  if (timeout === undefined) return notPermitted(record)
  return new SessionError('0A000', `set_config() cannot set ${timeout} in a sandbox`, { hint: `Use SET ${timeout}.` })
}

// The sandbox's own login might, so that the server does not refuse it.
function notPermitted(record: SessionRecord, role?: string): SessionError {
  const named = role !== undefined && record.serverVersion >= 17 ? ` "${role}"` : ''
  return new SessionError('42501', `permission denied to set session authorization${named}`)
}
