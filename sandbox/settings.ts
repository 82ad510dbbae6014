/** What a session has set (`SET`, `RESET`): kept per session, so that sessions which share a connection do not share it. */
import type { Command } from './sql/command.ts'

/** Setting name (folded) → the statement that sets it. Never changed in place, so that equal settings are the same object. */
export type Settings = ReadonlyMap<string, string>

export const noSettings: Settings = new Map()

/** Timeouts that would end the shared connection, though only one session asked for them. They are kept, not sent. */
export const withheldSettings: ReadonlySet<string> = new Set([
  'idle_in_transaction_session_timeout',
  'idle_session_timeout',
  'transaction_timeout',
])

/** Stands in `applied` for a value that a `SET LOCAL` left behind, which no session asked for. */
const leftBehind = ''

/** The statements that turn a connection where `applied` holds into one where `wanted` holds, less those withheld. */
export function statementsToApply(
  applied: Settings,
  wanted: Settings,
  withheld: ReadonlySet<string> = new Set(),
): string[] {
  const resets = [...applied.keys()].filter(name => !wanted.has(name) && !withheld.has(name))
  const sets = [...wanted.keys()].filter(name => applied.get(name) !== wanted.get(name) && !withheld.has(name))
  if (resets.length + sets.length === 0) return []
  // Who the session is decides what it may set: the connection is itself while anything else changes.
  return [
    ...identities.filter(name => applied.has(name)).map(resetStatement),
    ...resets.filter(name => !identities.includes(name)).map(resetStatement),
    ...sets.filter(name => !identities.includes(name)).map(name => wanted.get(name) ?? ''),
    ...[...wanted].filter(([name]) => identities.includes(name)).map(([, sql]) => sql),
  ]
}

/** Settings that make the session another user. RESET ALL leaves them as they are. */
const identities = ['role', 'session_authorization']

/** What ends with the transaction or is no state: the server does not reset it. */
const passing = /^(seed|transaction_(isolation|read_only|deferrable))$/

const characteristics = 'session characteristics'

function resetStatement(name: string): string {
  if (name !== characteristics) return `RESET ${name}`
  return 'RESET default_transaction_isolation; RESET default_transaction_read_only; RESET default_transaction_deferrable'
}

/** A savepoint, what a `SET` said, or a name that a `SET LOCAL` touched: in the order in which a transaction saw them. */
type Entry = { savepoint: string } | { name: string; sql: string | undefined } | { local: string }

/** The settings that a session's open transaction has changed; they count once it commits. */
export class SettingsLog {
  #entries: Entry[] = []

  /** Notes what a command that was sent to the server means for the settings. */
  note(command: Command, sql: string): void {
    switch (command.kind) {
      case 'set':
        if (passing.test(command.name)) break
        this.#entries.push(command.scope === 'local' ? { local: command.name } : { name: command.name, sql })
        break
      case 'set session characteristics':
        this.#entries.push({ name: characteristics, sql })
        break
      case 'reset':
        this.#entries.push({ name: command.name, sql: undefined })
        break
      case 'savepoint':
        this.#entries.push({ savepoint: command.name })
        break
      case 'release':
        this.#release(command.name)
        break
      case 'rollback to':
        this.#rollBackTo(command.name)
        break
    }
  }

  get isEmpty(): boolean {
    return this.#entries.length === 0
  }

  clear(): void {
    if (this.#entries.length > 0) this.#entries = []
  }

  /** The session's settings after a commit, and what then holds on the connection. */
  commit(settings: Settings): { settings: Settings; applied: Settings } {
    if (this.#entries.length === 0) return { settings, applied: settings }
    const after = new Map(settings)
    const locals: string[] = []
    for (const entry of this.#entries) {
      if ('local' in entry) locals.push(entry.local)
      else if ('name' in entry) change(after, entry.name, entry.sql)
    }
    this.#entries = []
    const next = after.size === 0 ? noSettings : after
    if (locals.length === 0) return { settings: next, applied: next }
    return { settings: next, applied: new Map([...next, ...locals.map(name => [name, leftBehind] as const)]) }
  }

  /** The savepoint and those within it are no more; what was set in them stays. */
  #release(name: string): void {
    const at = this.#find(name)
    if (at !== -1) this.#entries = this.#entries.filter((entry, i) => i < at || !('savepoint' in entry))
  }

  #rollBackTo(name: string): void {
    const at = this.#find(name)
    if (at !== -1) this.#entries.length = at + 1
  }

  #find(name: string): number {
    return this.#entries.findLastIndex(entry => 'savepoint' in entry && entry.savepoint === name)
  }
}

function change(settings: Map<string, string>, name: string, sql: string | undefined): void {
  if (name === 'all') {
    for (const key of settings.keys()) if (!identities.includes(key)) settings.delete(key)
  } else if (sql === undefined) settings.delete(name)
  else settings.set(name, sql)
}

const notSettings = new Set(['user', 'database', 'options', 'replication'])

/** The startup packet's parameters as settings, less those that the server has anyway. */
export function startupSettings(
  parameters: ReadonlyMap<string, string>,
  server: ReadonlyMap<string, string>,
): Settings {
  const wanted = [...parameters].filter(([name, value]) => {
    return !notSettings.has(name) && !name.startsWith('_pq_.') && server.get(name) !== value
  })
  if (wanted.length === 0) return noSettings
  // Not SET, which would take a list such as that of search_path for one name.
  return new Map(
    wanted.map(([name, value]) => [
      name.toLowerCase(),
      `SELECT set_config(${literal(name)}, ${literal(value)}, false)`,
    ]),
  )
}

const literal = (text: string): string => `E'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`
