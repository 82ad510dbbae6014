/** Answers SET, RESET, SHOW and DISCARD where the session's result differs from that of the shared connection. */

import type { Mode } from '../execution/session-context.ts'
import { SessionError } from '../protocol/pg-error.ts'
import { assignedValue } from '../sql/commands/assigned-value.ts'
import { type Command, callsIn } from '../sql/commands/command.ts'
import type { SessionState } from '../state/session-state.ts'
import { setLocalStatement, setStatement, statementsToReturn } from '../state/settings/setting-statements.ts'
import { identities, parameterValue, withheldDefault } from '../state/settings/settings.ts'
import { checkWithheld } from '../state/settings/withheld-value.ts'
import { type Outcome, onlyInTransaction } from '../state/transaction-state.ts'

/** Whether the server would do something other than what the session expects, so that `answerSetting` has to answer. */
export function concernsSessionSettings(command: Command, state: SessionState, mode: Mode): boolean {
  switch (command.kind) {
    case 'set':
    case 'reset':
      return (
        state.withholds(command.name) ||
        (command.name === 'all' ? state.startSettings.size > 0 : state.startSettings.has(command.name))
      )
    case 'show':
      return state.withholds(command.name) && state.settingOf(command.name) !== undefined
    case 'set config':
    case 'copy':
    case 'declare':
      return callsIn(command).some(({ name = '' }) => {
        return (mode !== 'direct' && state.withholds(name)) || isForbidden(name, state)
      })
    case 'discard':
      return command.what === 'all' && mode !== 'direct' && state.transaction.status === 'I' && !state.isLikeNew
    default:
      return false
  }
}

/** Answers a command that `concernsSessionSettings`. Its `perform` rejects with a SessionError where a server would. */
export function answerSetting(command: Command, sql: string, state: SessionState): Outcome {
  switch (command.kind) {
    case 'set':
      return set(command, sql, state)
    case 'reset':
      return command.name === 'all' ? resetAll(state) : returnToStart(command, 'RESET', state)
    case 'show':
      return show(command.name, state)
    case 'set config':
    case 'copy':
    case 'declare':
      return { tag: '', perform: () => Promise.reject(refusedCall(command, state)) }
    default:
      return discard(state)
  }
}

const isForbidden = (name: string, state: SessionState, role?: string): boolean =>
  name === 'session_authorization' && !state.mayBecome(role)

function set(command: Command & { kind: 'set' }, sql: string, state: SessionState): Outcome {
  const { name, scope } = command
  const value = assignedValue(sql)
  if (value === undefined) return returnToStart(command, 'SET', state)
  const isVain = scope === 'local' && state.transaction.status === 'I'
  return {
    tag: 'SET',
    ...(isVain && { notice: onlyInTransaction('SET LOCAL') }),
    perform: async run => {
      if (isForbidden(name, state, value)) throw notPermitted(state, value)
      if (state.withholds(name)) {
        const setting = parameterValue(name, await checkWithheld(name, value, run))
        state.pendingSettings.add({ kind: scope === 'local' ? 'set local' : 'set', name, setting })
      } else {
        state.note(command, sql)
        await run(sql)
      }
    },
  }
}

// On the connection, the default would be that of the sandbox's own login.
function returnToStart(
  command: Command & { name: string; kind: 'set' | 'reset' | 'show' },
  tag: string,
  state: SessionState,
): Outcome {
  const { name } = command
  const start = state.startSettings.get(name)
  const isLocal = command.kind === 'set' && command.scope === 'local'
  const isVain = isLocal && state.transaction.status === 'I'
  return {
    tag,
    ...(isVain && { notice: onlyInTransaction('SET LOCAL') }),
    perform: async run => {
      const isSent = start !== undefined && !state.withholds(name)
      const sent = isSent ? { sql: isLocal ? setLocalStatement(start) : setStatement(start) } : {}
      state.pendingSettings.add(
        isLocal
          ? { kind: 'set local', name, setting: start ?? parameterValue(name, withheldDefault(name)), ...sent }
          : { kind: 'reset', name, ...sent },
      )
      if (sent.sql !== undefined) await run(sent.sql)
    },
  }
}

function resetAll(state: SessionState): Outcome {
  const start = [...state.startSettings].filter(([name]) => !identities.includes(name) && !state.withholds(name))
  const sql = ['RESET ALL', ...start.map(([, value]) => setStatement(value))].join('; ')
  return {
    tag: 'RESET',
    perform: async run => {
      state.pendingSettings.add({ kind: 'reset all', sql })
      await run(sql)
    },
  }
}

function show(name: string, state: SessionState): Outcome {
  const setting = state.settingOf(name)
  return { tag: 'SHOW', row: { column: name, value: setting?.kind === 'value' ? setting.value : '' } }
}

function discard(state: SessionState): Outcome {
  return {
    tag: 'DISCARD ALL',
    end: 'release',
    perform: async run => {
      await run([...statementsToReturn(state.settings, state.startSettings), ...state.remains].join('; '))
      state.discard()
      state.statements.clear()
    },
  }
}

function refusedCall(command: Command, state: SessionState): SessionError {
  const withheld = callsIn(command).find(({ name = '' }) => state.withholds(name))?.name
  if (withheld === undefined) return notPermitted(state)
  return new SessionError('0A000', `set_config() cannot set ${withheld} in a sandbox`, { hint: `Use SET ${withheld}.` })
}

// The server would accept it if the sandbox's own login has the privilege.
function notPermitted(state: SessionState, role?: string): SessionError {
  const named = role !== undefined && state.serverVersion >= 17 ? ` "${role}"` : ''
  return new SessionError('42501', `permission denied to set session authorization${named}`)
}
