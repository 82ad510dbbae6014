/** The settings that a session's open transaction has changed; they count once it commits. */
import { SavepointLog } from './savepoint-log.ts'
import { characteristics, identities, leftBehind, noSettings, type Settings, setTo, unknown } from './settings.ts'
import type { Command } from './sql/command.ts'

/**
 * What a `SET` said (`sql`; undefined for a RESET), a setting that set_config() changed, or a name that ends with the
 * transaction; `statement`: what another connection can repeat.
 */
type Change = ({ name: string; sql: string | undefined } | { configured: string } | { local: string }) & {
  statement?: string
}

/** What ends with the transaction or is no state: the server does not reset it. */
const passing = /^(seed|transaction_(isolation|read_only|deferrable))$/

export class SettingsLog {
  readonly #changes = new SavepointLog<Change>()

  get isEmpty(): boolean {
    return this.#changes.isEmpty
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
        for (const { name, local } of command.calls) {
          if (name === undefined || local === undefined) this.#changes.add({ local: unknown })
          else if (!passing.test(name)) this.#changes.add(local ? { local: name } : { configured: name })
        }
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

  clear(): void {
    this.#changes.clear()
  }

  /**
   * The session's settings after a commit, and what then holds on the connection. `values`: what the server says of the
   * settings that are `configured`; one that is missing there is left as it was.
   */
  commit(
    settings: Settings,
    values: ReadonlyMap<string, string | null> = new Map(),
  ): { settings: Settings; applied: Settings } {
    if (this.isEmpty) return { settings, applied: settings }
    const after = new Map(settings)
    const locals: string[] = []
    for (const entry of this.#changes.entries) {
      if ('local' in entry) locals.push(entry.local)
      else if ('name' in entry) change(after, entry.name, entry.sql)
      else {
        const value = values.get(entry.configured)
        if (value != null) change(after, entry.configured, setTo(entry.configured, value))
      }
    }
    this.#changes.clear()
    const next = after.size === 0 ? noSettings : after
    if (locals.length === 0) return { settings: next, applied: next }
    return { settings: next, applied: new Map([...next, ...locals.map(name => [name, leftBehind] as const)]) }
  }
}

function change(settings: Map<string, string>, name: string, sql: string | undefined): void {
  if (name === 'all') {
    for (const key of settings.keys()) if (!identities.includes(key)) settings.delete(key)
  } else if (sql === undefined) settings.delete(name)
  else settings.set(name, sql)
}
