/** Logs the settings that a session's open transaction has changed, until it commits or rolls back. */

import { type Command, callsIn } from '../../sql/commands/command.ts'
import type { SetConfigCall } from '../../sql/commands/set-config.ts'
import { SavepointLog } from '../savepoint-log.ts'
import {
  type AppliedSettings,
  characteristics,
  identities,
  type Leftover,
  noSettings,
  parameterValue,
  type Setting,
  type Settings,
} from './settings.ts'

/** A change of a setting. `sql` repeats it on another connection, or in a transaction that begins anew. */
export type SettingChange = (
  | { kind: 'set'; name: string; setting: Setting }
  /** `setting` is undefined if the value is not known. */
  | { kind: 'set local'; name: string; setting?: Setting }
  | { kind: 'reset'; name: string }
  | { kind: 'reset all' }
  /**
   * By set_config(), or in a block. `given` is the setting as its text has it, if that is a constant, and null that of RESET:
   * it may not have been reached.
   */
  | { kind: 'set config'; name: string; given: Setting | null | undefined }
  | { kind: 'unknown parameter' }
) & { sql?: string }

/** Parameters that end with the transaction or have no state: the server rejects their RESET. */
const passing = /^(seed|transaction_(isolation|read_only|deferrable))$/

export class PendingSettings {
  readonly #changes = new SavepointLog<SettingChange>()

  get isEmpty(): boolean {
    return this.#changes.isEmpty
  }

  /** The transaction has savepoints. */
  get isNested(): boolean {
    return this.#changes.isNested
  }

  /** The parameters whose values have to be read from the server at the commit. */
  get parametersToRead(): string[] {
    const names = this.#changes.entries.flatMap(change => (change.kind === 'set config' ? [change.name] : []))
    return [...new Set(names)]
  }

  /** The statements that repeat the changes, in order. */
  get repeatable(): string[] {
    return this.#changes.entries.flatMap(({ sql }) => (sql === undefined ? [] : [sql]))
  }

  /** Logs a command that was sent to the server. */
  note(command: Command, sql: string): void {
    for (const call of callsIn(command)) this.noteSetConfig(call)
    switch (command.kind) {
      case 'set':
        this.add({
          kind: command.scope === 'local' ? 'set local' : 'set',
          name: command.name,
          setting: { kind: 'statement', sql },
          sql,
        })
        break
      case 'set session characteristics':
        this.#changes.add({ kind: 'set', name: characteristics, setting: { kind: 'statement', sql }, sql })
        break
      case 'reset':
        this.#changes.add(
          command.name === 'all' ? { kind: 'reset all', sql } : { kind: 'reset', name: command.name, sql },
        )
        break
      case 'savepoint':
        this.#changes.savepoint(command.name)
        break
      case 'release':
        this.#changes.release(command.name)
        break
      case 'rollback to':
        this.#changes.rollBackTo(command.name)
        break
    }
  }

  /** Logs a change that the sandbox has made itself. */
  add(change: SettingChange): void {
    const isSet = change.kind === 'set' || change.kind === 'set local'
    if (!isSet || !passing.test(change.name)) this.#changes.add(change)
  }

  /** The setting that is in force in the transaction, if it is known; `settings`: those before the transaction. */
  settingOf(name: string, settings: Settings, start: Settings): Setting | undefined {
    if (this.isEmpty) return settings.get(name)
    for (const change of this.#changes.entries.toReversed()) {
      if (change.kind === 'set local' && change.name === name) return change.setting
      if (change.kind === 'set' && change.name === name) return change.setting
      if (change.kind === 'reset' && change.name === name) return start.get(name)
      if (change.kind === 'reset all' && !identities.includes(name)) return start.get(name)
    }
    return settings.get(name)
  }

  /** Logs a call of set_config(), as far as its arguments are known. */
  noteSetConfig({ name, local, value, constant, statement }: SetConfigCall): void {
    if (name === undefined || local === undefined) this.#changes.add({ kind: 'unknown parameter' })
    else if (local) this.#changes.add({ kind: 'set local', name })
    else if (passing.test(name)) return
    else if (value === undefined) {
      this.#changes.add({ kind: 'set config', name, given: givenSetting(name, constant, statement) })
    } else this.#changes.add({ kind: 'set', name, setting: parameterValue(name, value) })
  }

  /** The server has completed the first of the savepoint commands that were sent. */
  done(): void {
    this.#changes.done()
  }

  /** The server skips the savepoint commands that were sent and are not completed. */
  failed(): void {
    this.#changes.failed()
  }

  clear(): void {
    this.#changes.clear()
  }

  /**
   * Returns the session's settings after a commit, and those in force on the connection then. `values`: of the
   * `parametersToRead`; a parameter that is missing there is not changed. `start`: what RESET returns to.
   */
  commit(
    settings: Settings,
    values: ReadonlyMap<string, string | null> = noValues,
    start: Settings = noSettings,
  ): { settings: Settings; applied: AppliedSettings } {
    if (this.isEmpty) return { settings, applied: settings }
    const after = new Map(settings)
    const leftovers: Leftover[] = []
    const { entries } = this.#changes
    for (const [at, change] of entries.entries()) {
      if (change.kind === 'unknown parameter') leftovers.push(change)
      else if (change.kind === 'set local') {
        // What is passing ends with the savepoint.
        if (!passing.test(change.name)) leftovers.push({ kind: 'parameter', name: change.name })
      } else if (change.kind === 'set config') {
        // A local value hides the session's value, which cannot be read until the transaction ends.
        const isHidden = entries.slice(at).some(other => other.kind === 'set local' && other.name === change.name)
        const value = values.get(change.name)
        if (isHidden && change.given !== undefined) set(after, change.name, change.given ?? start.get(change.name))
        else if (value != null) set(after, change.name, parameterValue(change.name, value))
      } else if (change.kind === 'reset all') resetAll(after, start)
      else set(after, change.name, change.kind === 'set' ? change.setting : start.get(change.name))
    }
    this.#changes.clear()
    const next = after.size === 0 ? noSettings : after
    return { settings: next, applied: leftovers.length === 0 ? next : { settings: next, leftovers } }
  }
}

function givenSetting(name: string, constant: string | undefined, statement: string | undefined) {
  if (constant !== undefined) return parameterValue(name, constant)
  if (statement === 'RESET') return null
  return statement === undefined ? undefined : ({ kind: 'statement', sql: statement } as const)
}

const noValues: ReadonlyMap<string, string | null> = new Map()

function set(settings: Map<string, Setting>, name: string, setting: Setting | undefined): void {
  if (setting === undefined) settings.delete(name)
  else settings.set(name, setting)
  // SET SESSION AUTHORIZATION resets the role.
  if (name === 'session_authorization') settings.delete('role')
}

function resetAll(settings: Map<string, Setting>, start: Settings): void {
  for (const name of settings.keys()) if (!identities.includes(name)) settings.delete(name)
  for (const [name, setting] of start) if (!identities.includes(name)) settings.set(name, setting)
}
