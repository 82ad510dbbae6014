/** The settings that a session's open transaction has changed; they count once it commits. */

import type { Command } from '../../sql/commands/command.ts'
import type { SetConfigCall } from '../../sql/commands/set-config.ts'
import { SavepointLog } from '../savepoint-log.ts'
import { characteristics, identities, leftBehind, noSettings, type Settings, setTo, unknown } from './settings.ts'

/**
 * What a `SET` said (`sql`; undefined for a RESET), a setting that set_config() changed, if it did, to `constant`, or a name
 * that ends with the transaction; `statement`: what another connection can repeat.
 */
type Change = (
  | { name: string; sql: string | undefined }
  | { configured: string; constant: string | undefined }
  | { local: string }
) & {
  statement?: string
}

/** What ends with the transaction or is no state: the server does not reset it. */
const passing = /^(seed|transaction_(isolation|read_only|deferrable))$/

export class SettingsLog {
  readonly #changes = new SavepointLog<Change>()

  get isEmpty(): boolean {
    return this.#changes.isEmpty
  }

  /** The transaction has savepoints. */
  get isNested(): boolean {
    return this.#changes.isNested
  }

  /** The settings whose values nobody but the server knows. */
  get configured(): string[] {
    const names = this.#changes.entries.flatMap(change => ('configured' in change ? [change.configured] : []))
    return [...new Set(names)]
  }

  /** The statements that changed something, in their order. */
  get statements(): string[] {
    return this.#changes.entries.flatMap(({ statement }) => (statement === undefined ? [] : [statement]))
  }

  /** Notes what a command that was sent to the server means for the settings. */
  note(command: Command, sql: string): void {
    switch (command.kind) {
      case 'set':
        if (passing.test(command.name)) break
        this.#changes.add(
          command.scope === 'local'
            ? { local: command.name, statement: sql }
            : { name: command.name, sql, statement: sql },
        )
        break
      case 'set session characteristics':
        this.#changes.add({ name: characteristics, sql, statement: sql })
        break
      case 'reset':
        this.#changes.add({ name: command.name, sql: undefined, statement: sql })
        break
      case 'set config':
        for (const call of command.calls) this.noteCall(call)
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

  /** The statement that says what holds in the transaction, if something does; `settings` held when it began. */
  statementFor(name: string, settings: Settings, start: Settings): string | undefined {
    if (this.isEmpty) return settings.get(name)
    for (const entry of this.#changes.entries.toReversed()) {
      if ('local' in entry && entry.local === name) return entry.statement
      if ('name' in entry && entry.name === name) return entry.sql ?? start.get(name)
      if ('name' in entry && entry.name === 'all' && !identities.includes(name)) return start.get(name)
    }
    return settings.get(name)
  }

  /** Notes a call of set_config(), as far as it is known. */
  noteCall({ name, local, value, constant }: SetConfigCall): void {
    if (name === undefined || local === undefined) this.#changes.add({ local: unknown })
    else if (passing.test(name)) return
    else if (local) this.#changes.add({ local: name })
    else this.#changes.add(value === undefined ? { configured: name, constant } : { name, sql: setTo(name, value) })
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
  ): { settings: Settings; applied: Settings } {
    if (this.isEmpty) return { settings, applied: settings }
    const after = new Map(settings)
    const locals: string[] = []
    const { entries } = this.#changes
    for (const [at, entry] of entries.entries()) {
      if ('local' in entry) locals.push(entry.local)
      else if ('name' in entry) change(after, entry.name, entry.sql, start)
      else {
        // While what is local holds, nobody can ask for what it hides.
        const isHidden = entries.slice(at).some(other => 'local' in other && other.local === entry.configured)
        const value = (isHidden ? entry.constant : undefined) ?? values.get(entry.configured)
        if (value != null) change(after, entry.configured, setTo(entry.configured, value), start)
      }
    }
    this.#changes.clear()
    const next = after.size === 0 ? noSettings : after
    if (locals.length === 0) return { settings: next, applied: next }
    return { settings: next, applied: new Map([...next, ...locals.map(name => [name, leftBehind] as const)]) }
  }
}

const noValues: ReadonlyMap<string, string | null> = new Map()

function change(settings: Map<string, string>, name: string, sql: string | undefined, start: Settings): void {
  if (name === 'all') {
    for (const key of settings.keys()) if (!identities.includes(key)) settings.delete(key)
    for (const [key, value] of start) if (!identities.includes(key)) settings.set(key, value)
    return
  }
  const value = sql ?? start.get(name)
  if (value === undefined) settings.delete(name)
  else settings.set(name, value)
  // Whoever becomes another user leaves the role that was set before.
  if (name === 'session_authorization') settings.delete('role')
}
