/** The settings that a session's open transaction has changed; they count once it commits. */

import type { Command } from '../../sql/commands/command.ts'
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

/** What has changed; `sql`: what another connection can repeat. */
export type SettingChange = (
  | { kind: 'set'; name: string; setting: Setting }
  /** `setting`: as far as it is known. */
  | { kind: 'set local'; name: string; setting?: Setting }
  | { kind: 'reset'; name: string }
  | { kind: 'reset all' }
  /** By set_config(), to `constant` if the call was made. */
  | { kind: 'set config'; name: string; constant: string | undefined }
  | { kind: 'unknown parameter' }
) & { sql?: string }

/** What ends with the transaction or is no state: the server does not reset it. */
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

  /** The settings whose values nobody but the server knows. */
  get parametersToRead(): string[] {
    const names = this.#changes.entries.flatMap(change => (change.kind === 'set config' ? [change.name] : []))
    return [...new Set(names)]
  }

  /** The statements that changed something, in their order. */
  get repeatable(): string[] {
    return this.#changes.entries.flatMap(({ sql }) => (sql === undefined ? [] : [sql]))
  }

  /** Notes what a command that was sent to the server means for the settings. */
  note(command: Command, sql: string): void {
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
      case 'set config':
        for (const call of command.calls) this.noteSetConfig(call)
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

  /** Notes a change that the sandbox makes in its own way. */
  add(change: SettingChange): void {
    const isSet = change.kind === 'set' || change.kind === 'set local'
    if (!isSet || !passing.test(change.name)) this.#changes.add(change)
  }

  /** What holds in the transaction, if something is known to; `settings` held when it began. */
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

  /** Notes a call of set_config(), as far as it is known. */
  noteSetConfig({ name, local, value, constant }: SetConfigCall): void {
    if (name === undefined || local === undefined) this.#changes.add({ kind: 'unknown parameter' })
    else if (passing.test(name)) return
    else if (local) this.#changes.add({ kind: 'set local', name })
    else if (value === undefined) this.#changes.add({ kind: 'set config', name, constant })
    else this.#changes.add({ kind: 'set', name, setting: parameterValue(name, value) })
  }

  /** The server has done the first of the savepoint commands that were sent. */
  done(): void {
    this.#changes.done()
  }

  /** The server does none of the other commands that were sent. */
  failed(): void {
    this.#changes.failed()
  }

  clear(): void {
    this.#changes.clear()
  }

  /**
   * The session's settings after a commit, and what then holds on the connection. `values`: what the server says of the
   * settings that are `configured`; one that is missing there is left as it was. `start`: what RESET returns to.
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
      else if (change.kind === 'set local') leftovers.push({ kind: 'parameter', name: change.name })
      else if (change.kind === 'set config') {
        // While what is local holds, nobody can ask for what it hides.
        const isHidden = entries.slice(at).some(other => other.kind === 'set local' && other.name === change.name)
        const value = (isHidden ? change.constant : undefined) ?? values.get(change.name)
        if (value != null) set(after, change.name, parameterValue(change.name, value))
      } else if (change.kind === 'reset all') resetAll(after, start)
      else set(after, change.name, change.kind === 'set' ? change.setting : start.get(change.name))
    }
    this.#changes.clear()
    const next = after.size === 0 ? noSettings : after
    return { settings: next, applied: leftovers.length === 0 ? next : { settings: next, leftovers } }
  }
}

const noValues: ReadonlyMap<string, string | null> = new Map()

function set(settings: Map<string, Setting>, name: string, setting: Setting | undefined): void {
  if (setting === undefined) settings.delete(name)
  else settings.set(name, setting)
  // Whoever becomes another user leaves the role that was set before.
  if (name === 'session_authorization') settings.delete('role')
}

function resetAll(settings: Map<string, Setting>, start: Settings): void {
  for (const name of settings.keys()) if (!identities.includes(name)) settings.delete(name)
  for (const [name, setting] of start) if (!identities.includes(name)) settings.set(name, setting)
}
